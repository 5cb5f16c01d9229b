"""
The port to the platform: what the plugin asks of it, and the shapes of the answers.

Every question is asked for many learners at once, so that an adapter can answer it with a fixed
number of queries over the platform's own tables. An answer holds only what exists: a learner
without a row is absent. What the adapter cannot say it marks `Unknown`; where it cannot answer at
all it raises, and nobody's awards change.

An adapter is named by the setting `MICROCRED_HOST`. `tests/host/contract.py` holds the tests
that each one has to pass.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from opaque_keys.edx.keys import CourseKey

from microcred_plugin.evaluation.record import (
    AssessmentResult,
    CompletionResult,
    CourseResult,
    Unknown,
)


@dataclass(frozen=True, slots=True)
class CourseSelection:
    """
    Course runs that somebody asks about: these runs, and every run of these courses.

    With `is_every_run` all runs that there are; that is asked about a single learner only.
    """

    runs: frozenset[str] = frozenset()
    courses: frozenset[str] = frozenset()
    is_every_run: bool = False

    def __bool__(self) -> bool:
        return bool(self.runs or self.courses or self.is_every_run)

    def __or__(self, other: CourseSelection) -> CourseSelection:
        return CourseSelection(
            self.runs | other.runs,
            self.courses | other.courses,
            self.is_every_run or other.is_every_run,
        )

    def includes(self, run: str) -> bool:
        """Whether this run is selected, by its own key or as a run of a selected course."""
        return self.is_every_run or run in self.runs or course_of(run) in self.courses


EVERY_RUN = CourseSelection(is_every_run=True)


@dataclass(frozen=True, slots=True)
class CourseRun:
    """A course run as the platform describes it; `lowest_passing_grade` is a fraction."""

    run: str
    course: str | None
    organization: str
    title: str
    start: datetime | None = None
    end: datetime | None = None
    lowest_passing_grade: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Learner:
    """
    A user of the platform, as they are named now. Never stored by the plugin.

    `language` is the code of the language in which they read the platform, and empty where nobody
    knows.
    """

    id: int
    username: str
    email: str
    name: str
    is_active: bool = True
    is_retired: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """
    The site as its learners know it. The addresses may be relative to the LMS.

    E-mails come from `from_address`; where it is empty, from DEFAULT_FROM_EMAIL.
    """

    name: str
    home_url: str = "/"
    dashboard_url: str = "/dashboard"
    from_address: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """
    A page of what changed in the platform: (learner id, run) pairs, and where the next page
    starts. `watermark` is the adapter's own; the plugin keeps it and hands it back.
    """

    hints: tuple[tuple[int, str], ...]
    watermark: str
    has_more: bool = False


class Host(Protocol):
    """The platform that the plugin runs in."""

    def learners(self, learner_ids: Collection[int]) -> Mapping[int, Learner]:
        """The users with these ids; deleted ones are absent, retired ones say so."""

    def learner_ids_by_username(self, usernames: Collection[str]) -> Mapping[str, int]:
        """The ids of the users with these user names; unknown names are absent."""

    def learner_ids_by_email(self, emails: Collection[str]) -> Mapping[str, int]:
        """
        The ids of the users with these e-mail addresses, by the address as it was given.

        Whether they are written in capitals makes no difference. Unknown addresses are absent.
        """

    def course_results(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CourseResult | Unknown]]:
        """
        Per learner and run: grade, certificate and enrollment in the selected runs.

        A learner who has none of the three in a run has no entry for it. An `Unknown` may stand
        under a run, or under a course for all of its runs.
        """

    def assessment_results(
        self, learner_ids: Collection[int], selection: CourseSelection, blocks: Collection[str]
    ) -> Mapping[int, Mapping[tuple[str, str], AssessmentResult | Unknown]]:
        """Per learner, run and block id: results of the subsections with these block ids."""

    def completions(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CompletionResult | Unknown]]:
        """Per learner and run: the share completed. `Unknown` where the site does not count it."""

    def course_runs(self, selection: CourseSelection) -> Mapping[str, CourseRun]:
        """The selected runs that exist, by run."""

    def search_runs(self, text: str, *, limit: int) -> Sequence[CourseRun]:
        """
        Runs whose title or key contains every word of the text, whether in capitals or not.

        The one that starts last comes first, one without a start behind all others. A text without
        words finds nothing.
        """

    def learner_ids_with_results(
        self, selection: CourseSelection, *, after: int, limit: int
    ) -> Sequence[int]:
        """
        The next `limit` ids above `after`, ascending, of those who have a result in a selected run.

        A result is a grade or a certificate, or a subsection's grade.
        """

    def enrolled_learner_ids(self, run: str, *, after: int, limit: int) -> Sequence[int]:
        """The next `limit` ids above `after`, ascending, of those who are enrolled in the run."""

    def enrolled_runs(self, learner_id: int) -> frozenset[str]:
        """The runs that this learner is enrolled in now."""

    def may_see_grades(self, user_id: int, run: str) -> bool:
        """Whether this user may see what the learners of this run achieve. Asked in the LMS."""

    def may_author(self, user_id: int, runs: Collection[str]) -> frozenset[str]:
        """Those of these runs whose content this user may write in Studio."""

    def course_author_ids(self, run: str) -> Sequence[int]:
        """
        The ids of the run's own team who may write its content, ascending; active users alone.

        It is for those who are to be told of something: staff of the site is left out, and whoever
        may write every course of an organisation.
        """

    def changes_since(self, watermark: str, *, limit: int) -> Changes:
        """
        Whose results changed since the watermark; "" stands for the beginning.

        At least once: what changed is in this page or in a later one, and may come again.
        """

    def absolute_url(self, path: str) -> str:
        """The public address of a path on this site's LMS."""

    def studio_url(self, path: str) -> str:
        """The public address of a path on this site's Studio."""

    def course_url(self, key: str, *, is_enrolled: bool) -> str:
        """
        Where a learner goes for a run, or for a course of which any run will do.

        A run that they are enrolled in opens; otherwise they are where they can enroll. Nothing is
        read for that: it is one address for every learner.
        """

    def site(self) -> Site:
        """What the site is called, and where its pages are."""

    def connect_retirement(self, receiver: Callable[[int], None]) -> None:
        """
        Have `receiver(learner_id)` called when a user is retired, inside that transaction.

        What it raises must reach the platform, so that its retirement pipeline tries again.
        """


def course_of(run: str) -> str | None:
    """
    The course that a run belongs to, as `Org+Course`.

    None for a run that only ever stands for itself: a CCX run belongs to its coach, and its
    master's requirements do not mean it. Raises `opaque_keys.InvalidKeyError` for what is not a
    course key.
    """
    key = CourseKey.from_string(run)
    # Asked of the key's namespace, since the CCX class lives in a package of its own.
    return f"{key.org}+{key.course}" if key.CANONICAL_NAMESPACE == "course-v1" else None
