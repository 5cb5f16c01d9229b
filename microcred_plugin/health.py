"""
Whether everything works: what waits, since when, and what to do about it. For operators.

Numbers and names of checks only: nothing here is about anybody. It is read with a fixed number of
queries over indexes, however much waits.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.utils.dateparse import parse_datetime

from microcred_plugin import monitoring
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Backlog, Mark
from microcred_plugin.credentials import api as credentials
from microcred_plugin.definitions import api as definitions
from microcred_plugin.messages import api as messages
from microcred_plugin.tasks import does_broker_answer

__all__ = ["LIMITS", "Check", "Health", "check_health"]

# Seconds, but for `unknown`, which counts learners. MICROCRED_HEALTH_LIMITS changes them.
LIMITS: Mapping[str, int] = {
    "sweep": 600,
    "worker": 600,
    "changes": 3600,
    "due": 1800,
    "unknown": 100,
    "publications": 3600,
    "announcements": 1800,
    "mails": 1800,
    "signing": 1800,
}

_SWEEP = "manage.py lms microcred sweep"


@dataclass(frozen=True, slots=True)
class Check:
    """
    One thing that was looked at: what was found, in a sentence, and the way out where it is wrong.

    `lag` is in seconds, `count` in rows or learners; either may be None, where it says nothing.
    """

    name: str
    is_healthy: bool
    says: str
    remedy: str = ""
    lag: int | None = None
    count: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """Everything that was looked at, and when."""

    at: datetime
    checks: tuple[Check, ...]

    @property
    def wrong(self) -> tuple[Check, ...]:
        return tuple(check for check in self.checks if not check.is_healthy)

    @property
    def is_healthy(self) -> bool:
        return not self.wrong

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "is_healthy": self.is_healthy,
            "at": self.at.isoformat(),
            "checks": [asdict(check) for check in self.checks],
        }


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the tables say: six queries, one more where e-mails are sent, two for MICROCRED_SIGN."""

    marks: Mapping[str, Mark]
    due: Backlog
    unknown: int
    announcements: Backlog
    publications: tuple[int, datetime | None]
    mails: Backlog | None
    signing: Backlog


def check_health(*, now: datetime) -> Health:
    """Look at everything. It raises nothing because of what it finds, and writes nothing."""
    limits = {**LIMITS, **settings.MICROCRED_HEALTH_LIMITS}
    try:
        facts = _read(now)
    except DatabaseError:
        checks: tuple[Check, ...] = (_unreadable(),)
    else:
        checks = tuple(_judge(facts, limits, now))
    health = Health(now, (_broker(), *checks))
    if health.wrong:
        monitoring.note(monitoring.WRONG, ", ".join(check.name for check in health.wrong))
    return health


def _read(now: datetime) -> _Facts:
    # Whoever is to be asked about again is due within the time after which it is asked again; so
    # the index over that date is enough.
    soon = now + timedelta(seconds=settings.MICROCRED_RETRY_SECONDS)
    return _Facts(
        marks=awards.marks(),
        due=awards.overdue(now),
        unknown=awards.learners_unknown(before=soon),
        announcements=awards.outbox_backlog(),
        publications=definitions.unfinished_publications(),
        mails=awards.mail_backlog(now) if messages.may_send_mail() else None,
        signing=credentials.signing_backlog(),
    )


def _broker() -> Check:
    if does_broker_answer():
        return Check("broker", True, "The broker answers.")
    return Check(
        "broker",
        False,
        f"The broker did not answer within {settings.MICROCRED_BROKER_TIMEOUT} seconds.",
        "Look at the broker. The sweep makes up for what could not be sent; it can be run by hand: "
        f"{_SWEEP}",
    )


def _unreadable() -> Check:
    return Check(
        "database",
        False,
        "The tables of the plugin can't be read.",
        "Look at the database, and whether it is migrated: "
        "manage.py lms showmigrations microcred_plugin",
    )


def _judge(facts: _Facts, limits: Mapping[str, int], now: datetime) -> Iterator[Check]:
    yield _sweep(facts.marks, limits["sweep"], now)
    yield _worker(facts.marks, limits["worker"])
    yield _changes(facts.marks, limits["changes"], now)
    yield _waiting(
        "due", facts.due, limits["due"], now,
        nothing="Nothing is overdue.",
        something="{count} to be looked at again are overdue, the oldest for {lag}.",
        remedy=f"Look at them now, and see what fails: {_SWEEP}",
    )  # fmt: skip
    yield _unknown(facts.unknown, limits["unknown"])
    yield _waiting(
        "publications", Backlog(*facts.publications), limits["publications"], now,
        nothing="No publication is being evaluated.",
        something="Being evaluated: {count}. One of them has made no progress for {lag}.",
        remedy=f"Have it sent again, and look whether a worker takes it: {_SWEEP}",
    )  # fmt: skip
    yield _waiting(
        "announcements", facts.announcements, limits["announcements"], now,
        nothing="Every award event has been told.",
        something="{count} award events have still to be told, the oldest for {lag}.",
        remedy=f"Tell them now, and see in the log which receiver refuses: {_SWEEP}",
    )  # fmt: skip
    yield _mails(facts.mails, limits["mails"], now)
    yield _signing(facts, limits["signing"], now)


def _sweep(marks: Mapping[str, Mark], limit: int, now: datetime) -> Check:
    mark = marks.get(awards.SWEPT)
    remedy = (
        "It is in the LMS's CELERYBEAT_SCHEDULE for every minute: look whether beat runs, and a "
        f"worker. Where there is no beat, have cron call: {_SWEEP}"
    )
    if mark is None:
        return Check("sweep", False, "No sweep has ended yet.", remedy, limit=limit)
    lag = _seconds(now - mark.at)
    if lag > limit:
        says = f"No sweep has ended for {_long(lag)}."
        return Check("sweep", False, says, remedy, lag=lag, limit=limit)
    if mark.value:
        return Check(
            "sweep", False,
            f"The last sweep, {_long(lag)} ago, failed in {mark.value}.",
            f"The worker's log says why. To see it here: {_SWEEP}",
            lag=lag, limit=limit,
        )  # fmt: skip
    return Check("sweep", True, f"The last sweep ended {_long(lag)} ago.", lag=lag, limit=limit)


def _worker(marks: Mapping[str, Mark], limit: int) -> Check:
    """
    How long tasks wait for a worker.

    Each sweep sends one that notes when it was sent, so of a worker who works this is never long
    before the last sweep. Whether there is a sweep at all is for another check.
    """
    swept, worked = marks.get(awards.SWEPT), marks.get(awards.WORKED)
    queue = settings.MICROCRED_QUEUE or "the default queue of the LMS"
    remedy = f"Look whether workers run for {queue}, and how many tasks wait there."
    sent_at = parse_datetime(worked.value) if worked else None
    if sent_at is None:
        says = "No worker has carried out a task that a sweep has sent yet."
        return Check("worker", False, says, remedy, limit=limit)
    assert worked is not None
    lag = _seconds(max(worked.at, swept.at if swept else worked.at) - sent_at)
    if lag > limit:
        says = f"Tasks wait for a worker for {_long(lag)} or longer."
        return Check("worker", False, says, remedy, lag=lag, limit=limit)
    return Check("worker", True, "Workers carry out what is sent.", lag=lag, limit=limit)


def _changes(marks: Mapping[str, Mark], limit: int, now: datetime) -> Check:
    """How long ago everything had been read that changes in the platform."""
    page, end = marks.get(awards.READ), marks.get(awards.READ_TO_THE_END)
    is_moving = page is not None and _seconds(now - page.at) <= limit
    lag = _seconds(now - end.at) if end else None
    if lag is None and is_moving:
        return Check("changes", True, "What is in the platform is read for the first time.")
    if lag is not None and lag <= limit:
        says = f"All changes in the platform had been read {_long(lag)} ago."
        return Check("changes", True, says, lag=lag, limit=limit)
    says = (
        "The changes in the platform have never been read."
        if lag is None
        else f"For {_long(lag)} the changes in the platform have not been read to the end."
    )
    remedy = (
        "It is reading, and catches up by itself."
        if is_moving
        else f"The sweep does that: see what fails in the log, or here: {_SWEEP}"
    )
    return Check("changes", False, says, remedy, lag=lag, limit=limit)


def _unknown(count: int, limit: int) -> Check:
    if not count:
        return Check("unknown", True, "The platform could say everything.", count=0, limit=limit)
    says = f"Of {count} learners the platform could not say everything; it is asked again."
    return Check(
        "unknown",
        count <= limit,
        says,
        ""
        if count <= limit
        else "Look whether the platform answers; explain says for one of them what is not known: "
        "manage.py lms microcred explain --learner … --microcredential …",
        count=count,
        limit=limit,
    )


def _mails(backlog: Backlog | None, limit: int, now: datetime) -> Check:
    if backlog is None:
        return Check("mails", True, "No e-mail is sent, by MICROCRED_EMAIL or MICROCRED_SWITCH.")
    if backlog.since is None:
        says = f"E-mails that wait: {backlog.count}, none of them for too long."
        return Check("mails", True, says, count=backlog.count, limit=limit)
    return _waiting(
        "mails", backlog, limit, now,
        nothing="",
        something="E-mails that wait: {count}, one of them for {lag}.",
        remedy="Look at the mail server, at ACE_CHANNEL_DEFAULT_EMAIL, and whether "
        "MICROCRED_EMAILS_PER_MINUTE is enough; the worker's log has what failed.",
    )  # fmt: skip


def _signing(facts: _Facts, limit: int, now: datetime) -> Check:
    """Whether what has to be signed is; what is signed on request waits for nobody."""
    remedy = (
        "The worker's log says which and why. To see that the keys are there: manage.py lms "
        f"microcred verify-served. To try again now: {_SWEEP}"
    )
    mark = facts.marks.get(credentials.SIGNED)
    if mark is not None and mark.value:
        lag = _seconds(now - mark.at)
        says = f"Signing failed {_long(lag)} ago, {mark.value}."
        return Check("signing", False, says, remedy, lag=lag, limit=limit)
    return _waiting(
        "signing", facts.signing, limit, now,
        nothing="No credential waits to be signed.",
        something="{count} credentials have still to be signed, the oldest for {lag}.",
        remedy=remedy,
    )  # fmt: skip


def _waiting(
    name: str,
    backlog: Backlog,
    limit: int,
    now: datetime,
    *,
    nothing: str,
    something: str,
    remedy: str,
) -> Check:
    """A check of something that waits, and may not wait for longer than the limit."""
    if backlog.since is None:
        return Check(name, True, nothing, count=backlog.count, limit=limit)
    lag = _seconds(now - backlog.since)
    is_healthy = lag <= limit
    return Check(
        name,
        is_healthy,
        something.format(count=backlog.count, lag=_long(lag)),
        "" if is_healthy else remedy,
        lag=lag,
        count=backlog.count,
        limit=limit,
    )


def _seconds(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))


def _long(seconds: int) -> str:
    """A span of time as people say it."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= 2 * size or size == 1:
            number = seconds // size
            return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    raise AssertionError
