"""What authors find by words: course runs of the platform, and microcredentials to stack on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from opaque_keys import InvalidKeyError
from opaque_keys.edx.keys import CourseKey

from microcred_plugin.definitions import api as definitions
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import CourseRun, course_of
from microcred_plugin.planning import HostFailed, ask

# More than anybody reads; whoever looks for something else types another word.
LIMIT = 20

# What can be looked for, which is also how the field looks that looks for it.
RUNS, MICROCREDENTIALS = "runs", "microcredential"


@dataclass(frozen=True, slots=True)
class FoundRun:
    """A run that was found; `name` is the last part of its key."""

    run: str
    name: str
    start: datetime | None


@dataclass(frozen=True, slots=True)
class FoundCourse:
    """Runs that were found, of one course; a CCX run is by itself, and has no course."""

    title: str
    organization: str
    course: str | None
    runs: tuple[FoundRun, ...]


@dataclass(frozen=True, slots=True)
class FoundMicrocredential:
    """A microcredential that was found."""

    uuid: str
    title: str
    organization: str


@dataclass(frozen=True, slots=True)
class Found:
    """
    What there is of what somebody looks for.

    `key` is what they typed, where it is a course key of which nothing is known: a course that is
    still to come. `is_cut`: there is more. `has_failed`: the platform could not be asked.
    """

    text: str
    courses: tuple[FoundCourse, ...] = ()
    microcredentials: tuple[FoundMicrocredential, ...] = ()
    key: str = ""
    is_cut: bool = False
    has_failed: bool = False

    @property
    def count(self) -> int:
        return len(self.microcredentials) + sum(len(course.runs) for course in self.courses)

    @property
    def said(self) -> str:
        """How many there are, in words."""
        return ngettext("{count} found.", "{count} found.", self.count).format(count=self.count)


def find(looks: str, text: str, *, organizations: Collection[str] | None) -> Found | None:
    """
    What fits the text; None if there is no text. One query.

    `organizations` are those for which the reader writes: of them, what is not public is found as
    well. None stands for every one.
    """
    text = text.strip()
    if not text:
        return None
    if looks == MICROCREDENTIALS:
        found = definitions.search_published(text, organizations=organizations, limit=LIMIT + 1)
        return Found(
            text,
            microcredentials=tuple(
                FoundMicrocredential(str(one.uuid), one.title, one.organization)
                for one in found[:LIMIT]
            ),
            is_cut=len(found) > LIMIT,
        )
    try:
        runs = ask(get_host().search_runs, text, limit=LIMIT + 1)
    except HostFailed:
        return Found(text, key=_course_key(text), has_failed=True)
    return Found(
        text,
        courses=tuple(_by_course(runs[:LIMIT])),
        key="" if any(one.run == text for one in runs) else _course_key(text),
        is_cut=len(runs) > LIMIT,
    )


def builder_search(request: HttpRequest, *, organizations: Collection[str] | None) -> HttpResponse:
    """
    The part of a page that a builder shows below its search field: `?builder=…&for=…`.

    Whoever calls this has made sure that the reader is an author, and says for which organisations.
    """
    prefix, looks = request.GET.get("builder", ""), request.GET.get("for", "")
    if prefix not in definitions.TREES or looks not in (RUNS, MICROCREDENTIALS):
        raise Http404(_("There is no such search."))
    found = find(looks, request.GET.get(f"{prefix}-search", ""), organizations=organizations)
    return render(
        request, "microcred_plugin/studio/builder/found.html", {"found": found, "prefix": prefix}
    )


def _by_course(runs: Collection[CourseRun]) -> list[FoundCourse]:
    """The runs by their courses, in the order in which these come first."""
    courses: dict[str, list[CourseRun]] = {}
    for run in runs:
        courses.setdefault(run.course or run.run, []).append(run)
    return [
        FoundCourse(
            title=of_course[0].title,
            organization=of_course[0].organization,
            course=of_course[0].course,
            runs=tuple(FoundRun(run.run, run_name(run.run), run.start) for run in of_course),
        )
        for of_course in courses.values()
    ]


def run_name(run: str) -> str:
    """The last part of a run's key, which tells it from the other runs of its course."""
    try:
        return str(CourseKey.from_string(run).run)
    except InvalidKeyError:
        return run


def _course_key(text: str) -> str:
    """The text, if it is the key of a run."""
    try:
        course_of(text)
    except InvalidKeyError:
        return ""
    return text
