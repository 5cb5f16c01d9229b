"""A platform made of dictionaries: tests put in what learners did, and the plugin reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from microcred_plugin.evaluation.record import (
    AssessmentResult,
    CompletionResult,
    CourseResult,
    Unknown,
)
from microcred_plugin.host.interface import (
    Changes,
    CourseRun,
    CourseSelection,
    Learner,
    Site,
    course_of,
)

SOME_DAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PASS_MARK = Decimal("0.60")

Percent = Decimal | float | str


class FakeHost:
    """
    A platform in memory. Satisfies `microcred_plugin.host.interface.Host`.

    Learners and runs come to be when a fact names them. `calls` counts the port's methods by name;
    after `fail_with(error)` each of them raises it, or those named, until `fail_with(None)`.
    """

    # Of all instances: the plugin connects once, when Django starts, and `get_host` makes a new
    # instance whenever a test has changed the setting.
    retirement_receivers: ClassVar[list[Callable[[int], None]]] = []

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget every fact, the count of calls and the failure."""
        self.people: dict[int, Learner] = {}
        self.runs: dict[str, CourseRun] = {}
        self.results: dict[tuple[int, str], CourseResult] = {}
        self.subsections: dict[tuple[int, str, str], AssessmentResult] = {}
        self.completed: dict[tuple[int, str], CompletionResult] = {}
        self.unknown: dict[int, dict[str, Unknown]] = {}
        self.roles: dict[tuple[int, str], str] = {}
        self.staff: set[int] = set()
        self.counts_completion = True
        self.calls: Counter[str] = Counter()
        self._changes: list[tuple[int, str]] = []
        self._failure: Exception | None = None
        self._failing: tuple[str, ...] = ()

    def fail_with(self, error: Exception | None, *questions: str) -> None:
        """Have every question, or only these, raise this from now on; None: answer again."""
        self._failure, self._failing = error, questions

    # --- what tests say happened -----------------------------------------------------------------

    def add_learner(self, learner_id: int, username: str = "", **values: Any) -> Learner:
        """Somebody registers."""
        username = username or f"learner{learner_id}"
        values = {"email": f"{username}@example.org", "name": username.title(), **values}
        self.people[learner_id] = Learner(id=learner_id, username=username, **values)
        return self.people[learner_id]

    def add_run(self, run: str, **values: Any) -> CourseRun:
        """A course run is made."""
        course = course_of(run)
        values = {
            "organization": course.split("+")[0] if course else "",
            "title": run,
            "lowest_passing_grade": PASS_MARK,
            **values,
        }
        self.runs[run] = CourseRun(run=run, course=course, **values)
        return self.runs[run]

    def enroll(self, learner_id: int, run: str, mode: str = "honor") -> None:
        """A learner enrolls, again, or in another mode."""
        self.put(learner_id, run, enrollment_mode=mode, is_enrolled=True)

    def unenroll(self, learner_id: int, run: str) -> None:
        """A learner leaves; the row and its mode stay."""
        self.put(learner_id, run, is_enrolled=False)

    def grade(
        self, learner_id: int, run: str, percent: Percent, *, on: datetime = SOME_DAY
    ) -> None:
        """A grade is computed; the first that passes leaves its date for ever."""
        percent = Decimal(str(percent))
        is_passing = percent >= PASS_MARK
        before = self.results.get((learner_id, run))
        passed = before.passed_timestamp if before else None
        self.put(
            learner_id,
            run,
            percent_grade=percent,
            letter_grade="Pass" if is_passing else "",
            passed_timestamp=passed or (on if is_passing else None),
        )

    def pass_course(
        self,
        learner_id: int,
        run: str,
        *,
        percent: Percent = "0.80",
        on: datetime = SOME_DAY,
        mode: str = "honor",
    ) -> None:
        """A learner, enrolled unless they were before, passes a run."""
        before = self.results.get((learner_id, run))
        if before is None or before.enrollment_mode is None:
            self.enroll(learner_id, run, mode)
        self.grade(learner_id, run, percent, on=on)

    def fail_course(self, learner_id: int, run: str, *, percent: Percent = "0.40") -> None:
        """A learner's grade falls or stays below the pass mark."""
        self.grade(learner_id, run, percent)

    def certificate(
        self,
        learner_id: int,
        run: str,
        *,
        status: str = "downloadable",
        mode: str = "honor",
        on: datetime = SOME_DAY,
    ) -> None:
        """A certificate is made or changed; it keeps its first date."""
        before = self.results.get((learner_id, run))
        created = before.certificate_created if before else None
        self.put(
            learner_id,
            run,
            certificate_status=status,
            certificate_mode=mode,
            certificate_created=created or on,
        )

    def invalidate(self, learner_id: int, run: str) -> None:
        """Staff say that the certificate does not hold; the grade stays what it is."""
        self.put(learner_id, run, certificate_invalidated=True, certificate_status="unavailable")

    def assess(
        self,
        learner_id: int,
        run: str,
        block: str,
        percent: Percent,
        *,
        on: datetime | None = SOME_DAY,
    ) -> None:
        """A subsection is graded."""
        self._touch(learner_id, run)
        self.subsections[learner_id, run, block] = AssessmentResult(
            run, course_of(run), block, Decimal(str(percent)), on
        )

    def complete(
        self, learner_id: int, run: str, percent: Percent, *, on: datetime | None = SOME_DAY
    ) -> None:
        """A learner gets through a share of a run."""
        self._touch(learner_id, run)
        self.completed[learner_id, run] = CompletionResult(
            run, course_of(run), Decimal(str(percent)), on
        )

    def cannot_say(self, learner_id: int, key: str, reason: str = "The fake was told so.") -> None:
        """Nothing can be said about this run, or this course's runs, until `can_say` again."""
        self.unknown.setdefault(learner_id, {})[key] = Unknown(reason)

    def can_say(self, learner_id: int, key: str) -> None:
        """It can be said again."""
        del self.unknown[learner_id][key]

    def give_role(self, user_id: int, run: str, role: str) -> None:
        """A user gets a role in a run, by the platform's name for it."""
        self.roles[user_id, run] = role

    def make_staff(self, user_id: int) -> None:
        """A user becomes staff of the whole site."""
        self.staff.add(user_id)

    def remove(self, learner_id: int, run: str) -> None:
        """Everything the learner has in a run is gone."""
        self._touch(learner_id, run)
        self.results.pop((learner_id, run), None)
        self.completed.pop((learner_id, run), None)
        for key in [key for key in self.subsections if key[:2] == (learner_id, run)]:
            del self.subsections[key]

    def put(self, learner_id: int, run: str, **values: Any) -> None:
        """Set any fields of a `CourseResult`."""
        self._touch(learner_id, run)
        before = self.results.get((learner_id, run)) or CourseResult(run, course_of(run))
        self.results[learner_id, run] = replace(before, **values)

    def retire(self, learner_id: int) -> None:
        """A learner is retired, and everybody is told. What a receiver raises stops it."""
        for receiver in self.retirement_receivers:
            receiver(learner_id)
        self.people[learner_id] = replace(
            self.people[learner_id],
            username=f"retired__user_{learner_id}",
            email=f"retired__user_{learner_id}@retired.invalid",
            name="",
            is_active=False,
            is_retired=True,
        )

    def delete(self, learner_id: int) -> None:
        """A user is deleted; results may stay behind."""
        del self.people[learner_id]

    def _touch(self, learner_id: int, run: str) -> None:
        if learner_id not in self.people:
            self.add_learner(learner_id)
        if run not in self.runs:
            self.add_run(run)
        self._changes.append((learner_id, run))

    # --- the port --------------------------------------------------------------------------------

    def learners(self, learner_ids: Collection[int]) -> Mapping[int, Learner]:
        self._called("learners")
        return {key: self.people[key] for key in learner_ids if key in self.people}

    def learner_ids_by_username(self, usernames: Collection[str]) -> Mapping[str, int]:
        self._called("learner_ids_by_username")
        ids = {person.username: person.id for person in self.people.values()}
        return {name: ids[name] for name in usernames if name in ids}

    def learner_ids_by_email(self, emails: Collection[str]) -> Mapping[str, int]:
        self._called("learner_ids_by_email")
        ids = {person.email.lower(): person.id for person in self.people.values() if person.email}
        return {email: ids[email.lower()] for email in emails if email.lower() in ids}

    def course_results(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CourseResult | Unknown]]:
        self._called("course_results")
        answer: dict[int, dict[str, CourseResult | Unknown]] = {}
        for (learner_id, run), result in self.results.items():
            if learner_id in learner_ids and selection.includes(run):
                answer.setdefault(learner_id, {})[run] = result
        for learner_id in learner_ids:
            if unknown := self._unknown(learner_id, selection):
                answer.setdefault(learner_id, {}).update(unknown)
        return answer

    def assessment_results(
        self, learner_ids: Collection[int], selection: CourseSelection, blocks: Collection[str]
    ) -> Mapping[int, Mapping[tuple[str, str], AssessmentResult | Unknown]]:
        self._called("assessment_results")
        answer: dict[int, dict[tuple[str, str], AssessmentResult | Unknown]] = {}
        for (learner_id, run, block), result in self.subsections.items():
            if learner_id in learner_ids and block in blocks and selection.includes(run):
                answer.setdefault(learner_id, {})[run, block] = result
        for learner_id in learner_ids:
            for key, unknown in self._unknown(learner_id, selection).items():
                answer.setdefault(learner_id, {}).update(
                    {(key, block): unknown for block in blocks}
                )
        return answer

    def completions(
        self, learner_ids: Collection[int], selection: CourseSelection
    ) -> Mapping[int, Mapping[str, CompletionResult | Unknown]]:
        self._called("completions")
        if not self.counts_completion:
            unknown = dict.fromkeys(
                selection.runs | selection.courses, Unknown("The fake does not count it.")
            )
            return dict.fromkeys(learner_ids, unknown)
        answer: dict[int, dict[str, CompletionResult | Unknown]] = {}
        for (learner_id, run), result in self.completed.items():
            if learner_id in learner_ids and selection.includes(run):
                answer.setdefault(learner_id, {})[run] = result
        for learner_id in learner_ids:
            if found := self._unknown(learner_id, selection):
                answer.setdefault(learner_id, {}).update(found)
        return answer

    def course_runs(self, selection: CourseSelection) -> Mapping[str, CourseRun]:
        self._called("course_runs")
        return {run: about for run, about in self.runs.items() if selection.includes(run)}

    def search_runs(self, text: str, *, limit: int) -> Sequence[CourseRun]:
        self._called("search_runs")
        words = text.casefold().split()
        found = [
            about
            for run, about in sorted(self.runs.items())
            if words and all(word in f"{about.title}\n{run}".casefold() for word in words)
        ]
        long_ago = datetime.min.replace(tzinfo=UTC)
        return sorted(found, key=lambda about: about.start or long_ago, reverse=True)[:limit]

    def learner_ids_with_results(
        self, selection: CourseSelection, *, after: int, limit: int
    ) -> Sequence[int]:
        self._called("learner_ids_with_results")
        ids = {
            learner_id
            for (learner_id, run), result in self.results.items()
            if selection.includes(run)
            and (result.percent_grade is not None or result.certificate_status is not None)
        }
        ids |= {
            learner_id for learner_id, run, _block in self.subsections if selection.includes(run)
        }
        return sorted(learner_id for learner_id in ids if learner_id > after)[:limit]

    def enrolled_learner_ids(self, run: str, *, after: int, limit: int) -> Sequence[int]:
        self._called("enrolled_learner_ids")
        ids = (
            who for (who, where), one in self.results.items() if where == run and one.is_enrolled
        )
        return sorted(learner_id for learner_id in ids if learner_id > after)[:limit]

    def enrolled_runs(self, learner_id: int) -> frozenset[str]:
        self._called("enrolled_runs")
        return frozenset(
            run
            for (who, run), result in self.results.items()
            if who == learner_id and result.is_enrolled
        )

    def may_see_grades(self, user_id: int, run: str) -> bool:
        self._called("may_see_grades")
        return self._may(user_id, run, {"instructor", "staff", "limited_staff", "data_researcher"})

    def may_author(self, user_id: int, runs: Collection[str]) -> frozenset[str]:
        self._called("may_author")
        return frozenset(run for run in runs if self._may(user_id, run, {"instructor", "staff"}))

    def course_author_ids(self, run: str) -> Sequence[int]:
        self._called("course_author_ids")
        return sorted(
            user_id
            for (user_id, of), role in self.roles.items()
            if of == run
            and role in {"instructor", "staff"}
            and user_id in self.people
            and self.people[user_id].is_active
        )

    def changes_since(self, watermark: str, *, limit: int) -> Changes:
        self._called("changes_since")
        start = int(watermark or 0)
        page = self._changes[start : start + limit]
        end = start + len(page)
        return Changes(tuple(dict.fromkeys(page)), str(end), has_more=end < len(self._changes))

    def absolute_url(self, path: str) -> str:
        self._called("absolute_url")
        return f"https://lms.example.org/{path.lstrip('/')}"

    def studio_url(self, path: str) -> str:
        self._called("studio_url")
        return f"https://studio.example.org/{path.lstrip('/')}"

    def course_url(self, key: str, *, is_enrolled: bool) -> str:
        self._called("course_url")
        return f"/courses/{key}/{'home' if is_enrolled else 'about'}"

    def site(self) -> Site:
        self._called("site")
        return Site(name="Fake University")

    def connect_retirement(self, receiver: Callable[[int], None]) -> None:
        self._called("connect_retirement")
        if receiver not in self.retirement_receivers:
            self.retirement_receivers.append(receiver)

    def _may(self, user_id: int, run: str, roles: Collection[str]) -> bool:
        is_staff = user_id in self.staff
        return user_id in self.people and (is_staff or self.roles.get((user_id, run)) in roles)

    def _called(self, name: str) -> None:
        self.calls[name] += 1
        if self._failure is not None and name in (self._failing or [name]):
            raise self._failure

    def _unknown(self, learner_id: int, selection: CourseSelection) -> dict[str, Unknown]:
        """What can't be said, under the keys that were asked for."""
        found: dict[str, Unknown] = {}
        for key, unknown in self.unknown.get(learner_id, {}).items():
            is_course = not key.startswith(("course-v1:", "ccx-v1:"))
            course = key if is_course else course_of(key)
            if key in selection.runs or selection.is_every_run:
                found[key] = unknown
            if course in selection.courses:
                found[course] = unknown
            if is_course:
                found.update((run, unknown) for run in selection.runs if course_of(run) == key)
        return found
