"""What becomes of the versions before: the choice of a form, and the day that stands in it."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_date

# They close at once, at the end of a day, or stay open.
CLOSE, CLOSE_ON, KEEP = "now", "on", "open"

_LONGEST = timedelta(days=3660)


def end_of_day(typed: str) -> datetime | None:
    """The end, UTC, of the last day on which they count; None if it is no day, past or too far."""
    try:
        day = parse_date(typed)
    except ValueError:
        day = None
    today = timezone.now().date()
    if day is None or not today <= day <= today + _LONGEST:
        return None
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)
