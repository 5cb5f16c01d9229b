"""
What adapters share that read the platform's tables, or tables shaped like them.

A database may compare course keys without regard to case. So a query fetches every row that may
be meant, and which of them are is decided in Python: by `CourseSelection.includes`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Q
from opaque_keys.edx.keys import CourseKey

from microcred_plugin.host.interface import CourseSelection

# A list this long is still one query; databases limit how many parameters a query may have.
CHUNK = 5_000

_T = TypeVar("_T")


def chunks(values: Iterable[_T]) -> Iterator[list[_T]]:
    """The values in lists that a query can take."""
    remaining = iter(values)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def maybe_selected(selection: CourseSelection, column: str) -> Q:
    """Rows whose run may be selected: all that are, and perhaps some more."""
    if selection.is_every_run:
        return Q()
    meant = Q(**{f"{column}__in": [CourseKey.from_string(run) for run in selection.runs]})
    for course in selection.courses:
        for start in (f"course-v1:{course}+", f"{course.replace('+', '/', 1)}/"):
            meant |= Q(**{f"{column}__startswith": start})
    return meant


def graded_share(grade: Any) -> Decimal | None:
    """
    The share of graded points in a subsection's grade; None if there are none to be had.

    An override's points stand in place of the others, each where it has them.
    """
    override = getattr(grade, "override", None)
    earned, possible = grade.earned_graded, grade.possible_graded
    if override is not None:
        if override.earned_graded_override is not None:
            earned = override.earned_graded_override
        if override.possible_graded_override is not None:
            possible = override.possible_graded_override
    return Decimal(str(earned)) / Decimal(str(possible)) if possible else None
