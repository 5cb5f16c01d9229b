"""
What the learner record says about one requirement: its readings.

A requirement can have several, for instance one for each run of a course. A reading is true, false
or unknown by itself, without regard to the window of a group around it; `evaluate.py` picks among
them. No reading at all means that the learner has nothing towards the requirement yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from microcred_plugin.evaluation.message import Message, message
from microcred_plugin.evaluation.record import (
    AssessmentResult,
    AwardState,
    CompletionResult,
    CourseResult,
    DatedFact,
    LearnerRecord,
    Unknown,
    whole_percent,
)
from microcred_plugin.evaluation.requirements import (
    Assessment,
    Attestation,
    Completion,
    Course,
    Evidence,
    Grant,
    MicrocredentialHeld,
    Node,
    Program,
)
from microcred_plugin.evaluation.windows import first_instant, last_instant


class Truth(str, Enum):
    """Three values, after Kleene: what is unknown is not failed."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """
    One thing that the record says about a requirement.

    `met_on` is the date of the fact itself. `fact` is what was read, for the
    receipt. `changes_at` is when this reading turns by itself, because a fact begins or runs out.
    """

    truth: Truth
    reason: Message
    met_on: datetime | None = None
    fact: Mapping[str, Any] = field(default_factory=dict)
    changes_at: datetime | None = None


def readings(node: Node, record: LearnerRecord, now: datetime) -> tuple[Reading, ...]:
    """Every reading of this requirement, in an order that depends on the facts alone."""
    return tuple(_READERS[type(node)](node, record, now))


def is_enrolled(node: Node, record: LearnerRecord) -> bool:
    """Whether the learner is enrolled, right now, in a run that counts for this requirement."""
    return isinstance(node, (Course, Assessment, Completion)) and any(
        not isinstance(result, Unknown) and result.is_enrolled
        for result in _of_runs(node, record.course_results)
    )


def nothing_yet(node: Node, now: datetime) -> Message:
    """What to say of a requirement towards which the learner has nothing."""
    if isinstance(node, Course) and node.not_after and now > last_instant(node.not_after):
        return message("course.deadline_passed", day=node.not_after, **_courses(node))
    if isinstance(node, Course):
        return message("course.not_started", **_courses(node))
    if isinstance(node, Assessment):
        return message("assessment.missing", needed=node.minimum_grade, **_courses(node))
    if isinstance(node, Completion):
        return message("completion.missing", needed=node.minimum_percent, **_courses(node))
    if isinstance(node, MicrocredentialHeld):
        return message("microcredential.missing", microcredential=node.microcredential)
    if isinstance(node, Program):
        return message("program.missing", program=node.program)
    return message(f"{node.kind}.missing", name=node.title or getattr(node, "key", ""))


def _courses(node: Course | Assessment | Completion) -> dict[str, Any]:
    return {"course": node.course} if node.course else {"runs": node.runs}


# --- course runs -----------------------------------------------------------------------------

_Result = TypeVar("_Result", CourseResult, CompletionResult)


def _of_runs(
    node: Course | Assessment | Completion, results: Mapping[str, _Result | Unknown]
) -> Iterable[_Result | Unknown]:
    """The results in the runs that the node names, sorted by run; an Unknown may be a course's."""
    if node.course is None:
        keys = {*node.runs, *filter(None, map(_course_of, node.runs))}
        return (results[key] for key in sorted(keys) if key in results)
    return (
        result
        for run, result in sorted(results.items())
        if node.course in (run, _course_of(run) if isinstance(result, Unknown) else result.course)
    )


def _course_of(run: str) -> str | None:
    """
    The course that a run's key names, for results that do not say it because they are unknown.

    None for every other key, such as that of a CCX run, which counts only when it is named.
    """
    prefix, _colon, rest = run.partition(":")
    return (rest.rpartition("+")[0] or None) if prefix == "course-v1" else None


def _read_course(node: Course, record: LearnerRecord, now: datetime) -> Iterable[Reading]:
    for result in _of_runs(node, record.course_results):
        if isinstance(result, Unknown):
            yield Reading(Truth.UNKNOWN, message("course.unknown", **_courses(node)))
        else:
            yield _read_run(node, result, now)


def _read_run(node: Course, result: CourseResult, now: datetime) -> Reading:
    """One run: the first condition that fails is the one to tell."""
    fact = _course_fact(result)
    run = result.run

    def fails(key: str, **params: Any) -> Reading:
        return Reading(Truth.NOT_MET, message(key, run=run, **params), fact=fact)

    percent = None if result.percent_grade is None else whole_percent(result.percent_grade)
    if result.certificate_invalidated:
        return fails("course.certificate_invalidated")
    on = result.passed_on
    if on is not None:
        # Asked early, since nothing that the learner does in this run can mend it: the first pass
        # is kept, even when the learner falls below the pass mark and passes again.
        if node.not_before and on < first_instant(node.not_before):
            return fails("course.too_early", on=on, day=node.not_before)
        if node.not_after and on > last_instant(node.not_after):
            return fails("course.too_late", on=on, day=node.not_after)
    if not result.is_passed:
        if on is None and node.not_after and now > last_instant(node.not_after):
            return fails("course.deadline_passed", day=node.not_after)
        if percent is None:
            return fails("course.enrolled" if result.is_enrolled else "course.left")
        return fails("course.below_pass_mark", percent=percent)
    if node.minimum_grade is not None:
        if percent is None:
            return fails("course.no_grade", needed=node.minimum_grade)
        if percent < node.minimum_grade:
            return fails("course.below_minimum", percent=percent, needed=node.minimum_grade)
    if not _accepts(node.modes, result.modes):
        if not result.modes:
            return fails("course.no_mode")
        key = "course.mode_not_accepted" if node.modes else "course.audit_not_accepted"
        return fails(key, modes=result.modes, accepted=node.modes)
    if node.certificate and not result.has_certificate:
        return fails("course.no_certificate")
    if on is None and (node.not_before or node.not_after):
        return Reading(Truth.UNKNOWN, message("course.undated", run=run), fact=fact)
    if on is None:
        return Reading(Truth.MET, message("course.met_undated", run=run), fact=fact)
    if percent is None:
        return Reading(Truth.MET, message("course.met_ungraded", run=run, on=on), on, fact=fact)
    return Reading(Truth.MET, message("course.met", run=run, on=on, percent=percent), on, fact=fact)


def _accepts(accepted: tuple[str, ...], modes: tuple[str, ...]) -> bool:
    """Audit has to be named, and a learner without any mode is never accepted."""
    if not accepted:
        return any(mode != "audit" for mode in modes)
    return any(mode in accepted for mode in modes)


def _course_fact(result: CourseResult) -> dict[str, Any]:
    """What was read of a run; what it does not have is left out."""
    fact = {
        "run": result.run,
        "percent_grade": None if result.percent_grade is None else str(result.percent_grade),
        "letter_grade": result.letter_grade or None,
        "passed_timestamp": _iso(result.passed_timestamp),
        "enrollment_mode": result.enrollment_mode,
        "certificate_status": result.certificate_status,
        "certificate_mode": result.certificate_mode,
        "certificate_created": _iso(result.certificate_created),
        "certificate_invalidated": result.certificate_invalidated or None,
    }
    return {name: value for name, value in fact.items() if value is not None}


def _read_assessment(node: Assessment, record: LearnerRecord, now: datetime) -> Iterable[Reading]:
    for (run, block), result in sorted(record.assessments.items(), key=lambda item: item[0]):
        if block != node.block:
            continue
        if isinstance(result, Unknown):
            if _is_unknown_for(node, run):
                yield Reading(Truth.UNKNOWN, message("course.unknown", **_courses(node)))
        elif run in node.runs or (node.course is not None and result.course == node.course):
            yield _read_subsection(node, result)


def _is_unknown_for(node: Assessment, key: str) -> bool:
    """Whether an Unknown under this key, a run or a course, leaves the requirement open."""
    if node.course is not None:
        return node.course in (key, _course_of(key))
    return key in node.runs or any(_course_of(run) == key for run in node.runs)


def _read_subsection(node: Assessment, result: AssessmentResult) -> Reading:
    percent = whole_percent(result.percent_grade)
    params: dict[str, Any] = {
        "run": result.run, "percent": percent, "needed": node.minimum_grade,
    }  # fmt: skip
    fact = {
        "run": result.run,
        "block": result.block,
        "percent_grade": str(result.percent_grade),
        "graded_on": _iso(result.graded_on),
    }
    if percent < node.minimum_grade:
        return Reading(Truth.NOT_MET, message("assessment.below", **params), fact=fact)
    return Reading(Truth.MET, message("assessment.met", **params), result.graded_on, fact=fact)


def _read_completion(node: Completion, record: LearnerRecord, now: datetime) -> Iterable[Reading]:
    for result in _of_runs(node, record.completions):
        if isinstance(result, Unknown):
            yield Reading(Truth.UNKNOWN, message("completion.unknown", **_courses(node)))
            continue
        percent = whole_percent(result.percent)
        params: dict[str, Any] = {
            "run": result.run, "percent": percent, "needed": node.minimum_percent,
        }  # fmt: skip
        fact = {
            "run": result.run,
            "percent": str(result.percent),
            "completed_on": _iso(result.completed_on),
        }
        if percent < node.minimum_percent:
            yield Reading(Truth.NOT_MET, message("completion.below", **params), fact=fact)
        else:
            yield Reading(
                Truth.MET, message("completion.met", **params), result.completed_on, fact=fact
            )


# --- everything else -------------------------------------------------------------------------


def _read_microcredential(
    node: MicrocredentialHeld, record: LearnerRecord, now: datetime
) -> Iterable[Reading]:
    award = record.awards.get(node.microcredential)
    if award is None:
        return
    of = {"microcredential": node.microcredential}
    if isinstance(award, Unknown):
        yield Reading(Truth.UNKNOWN, message("microcredential.unknown", **of))
        return
    fact = {"award": award.uuid, "state": award.state.value, "met_on": _iso(award.met_on), **of}
    if award.is_active(now):
        key = "microcredential.met" if award.met_on else "microcredential.met_undated"
        on = {"on": award.met_on} if award.met_on else {}
        yield Reading(
            Truth.MET, message(key, **of, **on), award.met_on, fact=fact,
            changes_at=award.expires_at,
        )  # fmt: skip
    else:
        state = AwardState.EXPIRED if award.state is AwardState.ACTIVE else award.state
        yield Reading(Truth.NOT_MET, message(f"microcredential.{state.value}", **of), fact=fact)


def _read_dated(
    node: Node, name: dict[str, Any], dated: DatedFact | Unknown | None, now: datetime
) -> Iterable[Reading]:
    if dated is None:
        return
    kind = node.kind
    if isinstance(dated, Unknown):
        yield Reading(Truth.UNKNOWN, message(f"{kind}.unknown", **name))
        return
    fact = {
        **{key: str(value) for key, value in name.items()},
        "since": _iso(dated.since),
        "until": _iso(dated.until),
    }
    if dated.since is not None and dated.since > now:
        yield Reading(
            Truth.NOT_MET, message(f"{kind}.not_yet", on=dated.since, **name), fact=fact,
            changes_at=dated.since,
        )  # fmt: skip
    elif dated.until is not None and dated.until <= now:
        yield Reading(Truth.NOT_MET, message(f"{kind}.ended", on=dated.until, **name), fact=fact)
    elif dated.since is None:
        yield Reading(
            Truth.MET, message(f"{kind}.met_undated", **name), fact=fact, changes_at=dated.until
        )
    else:
        yield Reading(
            Truth.MET, message(f"{kind}.met", on=dated.since, **name), dated.since, fact=fact,
            changes_at=dated.until,
        )  # fmt: skip


def _read_program(node: Program, record: LearnerRecord, now: datetime) -> Iterable[Reading]:
    return _read_dated(node, {"program": node.program}, record.programs.get(node.program), now)


def _read_evidence(node: Evidence, record: LearnerRecord, now: datetime) -> Iterable[Reading]:
    return _read_dated(node, {"name": node.title or node.key}, record.evidence.get(node.key), now)


def _read_attestation(node: Attestation, record: LearnerRecord, now: datetime) -> Iterable[Reading]:
    return _read_dated(
        node, {"name": node.title or node.key}, record.attestations.get(node.key), now
    )


def _read_grant(node: Grant, record: LearnerRecord, now: datetime) -> Iterable[Reading]:
    return _read_dated(node, {"name": node.title or node.key}, record.grants.get(node.key), now)


def _iso(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat()


_READERS: Mapping[type[Node], Callable[[Any, LearnerRecord, datetime], Iterable[Reading]]] = {
    Course: _read_course,
    Assessment: _read_assessment,
    Completion: _read_completion,
    MicrocredentialHeld: _read_microcredential,
    Program: _read_program,
    Evidence: _read_evidence,
    Attestation: _read_attestation,
    Grant: _read_grant,
}
