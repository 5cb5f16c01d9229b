"""Spans of time: the window of a group, and the bounds of whole days. Everything is UTC."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

BEGINNING = datetime.min.replace(tzinfo=UTC)
END = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A span of instants; both ends belong to it."""

    start: datetime = BEGINNING
    end: datetime = END

    def __contains__(self, instant: datetime) -> bool:
        return self.start <= instant <= self.end

    def __and__(self, other: Window | None) -> Window:
        if other is None:
            return self
        return Window(max(self.start, other.start), min(self.end, other.end))


def after(instant: datetime) -> Window:
    """Everything later than the instant."""
    return Window(start=instant + timedelta.resolution)


def months_from(start: datetime, months: int) -> Window:
    """
    The window of so many calendar months that begins at `start`.

    Where its last month has no such day it ends with that month; so a window that begins later
    never ends earlier.
    """
    end = add_months(start, months)
    if end != END and end.day != start.astimezone(UTC).day:
        end = last_instant(end.date())
    return Window(start, end)


def add_months(start: datetime, months: int) -> datetime:
    """
    The same day and time so many calendar months later, in UTC.

    Where that month has no such day it is its last one: a month after 31 January is 28 or
    29 February.
    """
    start = start.astimezone(UTC)
    year, month = divmod(start.month - 1 + months, 12)
    year += start.year
    if year > END.year:
        return END
    last = calendar.monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def first_instant(day: date) -> datetime:
    """The first instant of a day, UTC."""
    return datetime.combine(day, time.min, UTC)


def last_instant(day: date) -> datetime:
    """The last instant of a day, UTC."""
    return datetime.combine(day, time.max, UTC)
