"""The tests of the evaluation, and the short ways in which they write trees and facts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from microcred_plugin.evaluation.evaluate import Outcome, evaluate
from microcred_plugin.evaluation.record import (
    CourseResult,
    DatedFact,
    LearnerRecord,
    Unknown,
)
from microcred_plugin.evaluation.requirements import read_tree

COURSE = "NordU+DL101"
RUN = "course-v1:NordU+DL101+2026_Spring"
OTHER_RUN = "course-v1:NordU+DL101+2025_Autumn"
CCX_RUN = "ccx-v1:NordU+DL101+2026_Spring+ccx@7"
SECOND_RUN = "course-v1:NordU+DL102+2026_Spring"


def at(text: str) -> datetime:
    """An instant in UTC: at("2026-03-01") or at("2026-03-01 12:30")."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = at("2026-06-15 12:00")


def passed(run: str = RUN, on: str | None = "2026-03-01", **changes: Any) -> CourseResult:
    """A verified learner's result in a run that was passed with 80 %."""
    values: dict[str, Any] = {
        "run": run,
        "course": run.removeprefix("course-v1:").rpartition("+")[0] if "ccx" not in run else None,
        "percent_grade": Decimal("0.8"),
        "letter_grade": "Pass",
        "passed_timestamp": at(on) if on else None,
        "enrollment_mode": "verified",
        "is_enrolled": True,
    }
    return CourseResult(**values | changes)


def in_courses(*results: CourseResult) -> LearnerRecord:
    """A record of these course results."""
    return LearnerRecord(course_results={result.run: result for result in results})


def granted(**since: str | Unknown | None) -> LearnerRecord:
    """A record of grants by key: since a day, without a date (None), or unknown."""
    return LearnerRecord(
        grants={
            key: day if isinstance(day, Unknown) else DatedFact(since=at(day) if day else None)
            for key, day in since.items()
        }
    )


def grant(key: str, **fields: Any) -> dict[str, Any]:
    return {"kind": "grant", "key": key, **fields}


def course(**fields: Any) -> dict[str, Any]:
    """A course requirement: over `COURSE`, unless runs or a course are named."""
    return {"kind": "course", **({} if "runs" in fields else {"course": COURSE}), **fields}


def group(kind: str, *of: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "of": list(of), **fields}


def outcome_of(data: dict[str, Any] | None, record: LearnerRecord, **kwargs: Any) -> Outcome:
    """The outcome of the tree that is written in `data`."""
    return evaluate(read_tree(data), record, **{"now": NOW, **kwargs})
