"""
The dates of the recording, spread over the year in which its courses were held.

Everything was recorded within minutes, on the 75th day of the newest run. Here every run is studied
on its own 75th day, so that the ten runs lie between March and November, in the order in which they
start. A run's dates all move by the same distance, for every learner, so nothing changes places
within a run, no pass comes before its run's start, and none after the day of the recording.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import attr
from opaque_keys.edx.keys import CourseKey

from demo.rows import RECORDING, Row


@cache
def offsets() -> Mapping[str, timedelta]:
    """How far the dates of each run move; never forward."""
    courses = json.loads((RECORDING / "courses.json").read_text(encoding="utf-8"))
    starts = {course["key"]: datetime.fromisoformat(course["start"]) for course in courses}
    newest = max(starts.values())
    return {run: start - newest for run, start in starts.items()}


def offset(course_key: CourseKey | str | None) -> timedelta:
    """How far the dates of this run move; without a run, as far as those of the earliest."""
    return offsets()[str(course_key)] if course_key else min(offsets().values())


def spread(row: Row) -> Row:
    """The row as if it had happened in its run's own time."""
    distance = offset(row.course_key)
    data = row.data
    for name in ("creation_date", "passed_timestamp"):
        if getattr(data, name, None) is not None:
            data = attr.evolve(data, **{name: getattr(data, name) + distance})
    return replace(row, data=data, sent_at=row.sent_at + distance)
