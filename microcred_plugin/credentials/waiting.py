"""What waits to be signed: what was earned and is not signed, and what a stolen key signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, AwardEvent, Backlog, State
from microcred_plugin.credentials.content import GAINING
from microcred_plugin.credentials.issuing import NotSigned, Outcome, sign_many
from microcred_plugin.credentials.models import (
    Credential,
    IssuerKey,
    Shared,
    Sharing,
    StatusEntry,
    Why,
)
from microcred_plugin.credentials.signers import NotConfigured

BATCH = 100

# The mark (`awards.set_mark`) of what was signed last; its value says what could not be.
SIGNED = "signing"

# The mark of how far everything that was earned has been signed.
SIGNED_TO = "signed"

# None of our transactions lasts so long.
_SETTLED = timedelta(minutes=5)


@dataclass(slots=True)
class Tally:
    """How many were signed, and how many were not, by why."""

    signed: int = 0
    as_before: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    failed: dict[UUID, Exception] = field(default_factory=dict)
    # By organisation: said once, and not for each award.
    not_configured: dict[str, NotConfigured] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many have had their turn, those apart whose issuer can't sign."""
        return self.signed + self.as_before + self.refused.total() + len(self.failed)

    def add(self, found: Sequence[Award], outcomes: Iterable[Outcome]) -> None:
        organizations = {award.uuid: award.microcredential.organization for award in found}
        for outcome in outcomes:
            if isinstance(outcome.error, NotConfigured):
                self.not_configured[organizations[outcome.award]] = outcome.error
            elif isinstance(outcome.error, NotSigned):
                self.refused[str(outcome.error).replace(str(outcome.award), "…")] += 1
            elif outcome.error is not None:
                self.failed[outcome.award] = outcome.error
            elif outcome.is_new:
                self.signed += 1
            else:
                self.as_before += 1


def served_by(
    *,
    organization: str = "",
    microcredential_id: int | None = None,
    key: IssuerKey | None = None,
    signed_before: datetime | None = None,
) -> QuerySet[Credential]:
    """What is served of an issuer, of a microcredential, or by a key; all of it by none of them."""
    found = Credential.objects.filter(slot=1)
    if organization:
        found = found.filter(entry__status_list__issuer__organization=organization)
    if microcredential_id is not None:
        found = found.filter(award__microcredential=microcredential_id)
    if key is not None:
        found = found.filter(Q(key=key) | Q(jwt_key=key))
    return found.filter(signed_at__lt=signed_before) if signed_before is not None else found


def resign_next(
    of: QuerySet[Credential], why: Why, tally: Tally, *, after: int, now: datetime
) -> int | None:
    """Sign the next batch again, above the id `after`; up to which id, or None after the last."""
    rows = _next(of, after)
    if not rows:
        return None
    found = awards.find_awards(list(rows.values()))
    tally.add(found, sign_many(found, why=why, now=now))
    return max(rows)


def sign_waiting(tally: Tally) -> Iterator[None]:
    """
    Sign everything that waits, a batch at a time; whoever has no more time stops asking.

    What a stolen key signed comes first, with what was revoked and counts again; then what was
    earned, where MICROCRED_SIGN asks for that.
    """
    stolen, after = signed_with_stolen_keys(), 0
    again = _reinstated() if stolen is None else stolen | _reinstated()
    while True:
        rows = _next(
            again.exclude(award__microcredential__organization__in=tally.not_configured), after
        )
        if not rows:
            break
        found = awards.find_awards(list(rows.values()))
        # Only what still has to be is signed again.
        outcomes = sign_many(found, now=timezone.now())
        tally.add(found, outcomes)
        _give_up([one.award for one in outcomes if isinstance(one.error, NotSigned)])
        after = max(rows)
        yield
    if settings.MICROCRED_SIGN != "award":
        return
    after = signed_to()
    while unsigned := list(_unsigned(after, tally.not_configured)[:BATCH]):
        found = awards.find_awards({uuid for _pk, uuid in unsigned})
        tally.add(found, sign_many(found, now=timezone.now()))
        after = unsigned[-1][0]
        yield
    if not tally.failed and not tally.not_configured:
        _note_signed(now=timezone.now())


def has_to_sign() -> bool:
    """Whether anything waits. Two queries, or four where everything that is earned is signed."""
    stolen = signed_with_stolen_keys()
    if (stolen is not None and stolen.exists()) or _reinstated().exists():
        return True
    return settings.MICROCRED_SIGN == "award" and _unsigned(signed_to()).exists()


def signing_backlog() -> Backlog:
    """How many credentials wait to be signed, and since when. As many queries as `has_to_sign`."""
    stolen = signed_with_stolen_keys()
    waiting = [] if stolen is None else [_backlog(stolen, "key__compromised_at")]
    if settings.MICROCRED_SIGN == "award":
        waiting.append(_backlog(_unsigned(signed_to()), "at"))
    since = [one.since for one in waiting if one.since is not None]
    return Backlog(sum(one.count for one in waiting), min(since, default=None))


def signed_with_stolen_keys() -> QuerySet[Credential] | None:
    """What is served although its key was compromised; None if no key ever was. One query."""
    stolen = list(
        IssuerKey.objects.exclude(compromised_at=None).values_list("pk", flat=True).order_by()
    )
    if not stolen:
        return None
    return Credential.objects.filter(Q(key__in=stolen) | Q(jwt_key__in=stolen), slot=1)


def note_tally(tally: Tally) -> None:
    """
    Keep what could not be signed, for the health check. One query, two if there was nothing before.
    """
    says = "; ".join(
        filter(
            None,
            [
                f"not configured: {len(tally.not_configured)}" if tally.not_configured else "",
                f"failed: {len(tally.failed)}" if tally.failed else "",
            ],
        )
    )
    awards.set_mark(SIGNED, says)


def signed_to() -> int:
    """The award event up to which everything is signed that can be. One query."""
    return _progress(awards.marks().get(SIGNED_TO))[0]


def _note_signed(*, now: datetime) -> None:
    """
    Everything has been signed; begin later the next time.

    Not at the last event: transactions end in another order than that of their rows' ids, so that
    one with a smaller id may still come. Two queries, and two more every five minutes.
    """
    mark = awards.marks().get(SIGNED_TO)
    if mark is None or mark.at <= now - _SETTLED:
        _to, seen = _progress(mark)
        awards.set_mark(SIGNED_TO, f"{seen} {awards.last_event_id()}")


def _progress(mark: awards.Mark | None) -> tuple[int, int]:
    """Up to which award event all is signed, and the last one that was seen when that was said."""
    to, seen = mark.value.split() if mark is not None else (0, 0)
    return int(to), int(seen)


def _reinstated() -> QuerySet[Credential]:
    """What is served and was revoked, although the award counts: it is to be signed anew."""
    return Credential.objects.filter(slot=1, entry__is_withdrawn=True, award__state=State.ACTIVE)


def _next(of: QuerySet[Credential], after: int) -> dict[int, UUID]:
    rows = of.filter(pk__gt=after).order_by("pk").values_list("pk", "award__uuid")
    return dict(rows[:BATCH])


def _unsigned(after: int, without: Collection[str] = ()) -> QuerySet[AwardEvent, tuple[int, UUID]]:
    """
    Awards that count and have nothing signed about them, in the order in which they came to count.

    As (id of the award event, uuid), above the id `after`; `without` organisations that can't sign.
    """
    signed = Credential.objects.filter(award=OuterRef("award__uuid"), slot=1)
    declined = Sharing.objects.filter(award=OuterRef("award__uuid"), state=Shared.DECLINED)
    found = (
        awards.events_after(after, kinds=GAINING)
        .filter(~Exists(signed), ~Exists(declined), award__state=State.ACTIVE)
        .exclude(award__microcredential__organization__in=without)
    )
    return found.values_list("pk", "award__uuid")


def _backlog(of: QuerySet[Any, Any], when: str) -> Backlog:
    return Backlog(**of.order_by().aggregate(count=Count("pk"), since=Min(when)))


def _give_up(award_uuids: Sequence[UUID]) -> None:
    """What can't be signed again, since its holder has left or declined it, is not served."""
    found = Credential.objects.filter(award__uuid__in=award_uuids, slot=1)
    entries = list(found.values_list("entry_id", flat=True))
    if entries:
        StatusEntry.objects.filter(pk__in=entries).update(is_withdrawn=True)
        found.update(slot=None, document="", jwt="")
