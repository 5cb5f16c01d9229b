"""From an award to what is signed about it: once, and again when it has to say something else."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from microcred_plugin.awards.api import Award, AwardEvent, EventKind, State
from microcred_plugin.credentials import addresses
from microcred_plugin.credentials.content import GAINING, badge_of
from microcred_plugin.credentials.content import Signing as Content
from microcred_plugin.credentials.issuers import Signing, method_id, signing_for
from microcred_plugin.credentials.models import (
    Credential,
    KeyKind,
    Shared,
    Sharing,
    StatusEntry,
    Why,
)
from microcred_plugin.credentials.open_badges import Status, credential
from microcred_plugin.credentials.serialized import to_text
from microcred_plugin.credentials.sharing import are_here, holders_of
from microcred_plugin.credentials.signers import NotConfigured
from microcred_plugin.credentials.signing import sign_document, sign_jwt
from microcred_plugin.credentials.statuses import give_entries, list_url
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner

log = logging.getLogger(__name__)

# Whoever signs again about the same learner's award keeps the place in the status list, unless what
# was signed before is not to be relied on any more.
_KEEPS_ENTRY = frozenset({Why.RENEWED, Why.CHOSEN})

# What a credential can be about: never what waits, and never what was not approved.
SIGNED_STATES = frozenset({State.ACTIVE, State.SUSPENDED, State.REVOKED, State.EXPIRED})


class NotSigned(Exception):
    """There is nothing to sign here, or nothing that may be signed."""


class SigningFailed(Exception):
    """It could not be signed this time, for no reason that lies in the award."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one award: what is served about it now, or why there is nothing."""

    award: UUID
    credential: Credential | None = None
    is_new: bool = False
    error: Exception | None = None


def served(award: Award, *, now: datetime) -> Credential:
    """
    What is signed about an award; signed now if nothing is, or if it would say something else.

    `award` comes with its history (`awards.find_award`). Raises `NotSigned` where no credential may
    be made, and `NotConfigured` where none can.
    """
    return _only(sign_many([award], now=now))


def resign(award: Award, why: Why, *, now: datetime) -> Credential:
    """
    Sign again what is signed about an award, under a newer `validFrom`, in place of it.

    What was signed before is revoked. Raises as `served` does.
    """
    return _only(sign_many([award], why=why, now=now))


def sign_many(awards: Sequence[Award], *, why: Why | None = None, now: datetime) -> list[Outcome]:
    """
    Have credentials of these awards served: those that there are, or new ones where need be.

    With `why` each is signed again. Nothing is raised because of one award; its `Outcome` has the
    error. What all of them need is read once: the number of queries depends on how many replace
    another that is served, and not on how many are signed for the first time.
    """
    currents = _currents_of(award.uuid for award in awards)
    chosen = Sharing.objects.filter(award__uuid__in=[award.uuid for award in awards])
    sharings = {row.award_id: row for row in chosen}
    outcomes: dict[UUID, Outcome] = {}
    due: list[_Due] = []
    for award in awards:
        current = currents.get(award.uuid)
        found = _look_at(award, current, sharings.get(award.uuid), why)
        if isinstance(found, _Due):
            due.append(found)
        else:
            outcomes[award.uuid] = Outcome(award.uuid, current, error=found)
    outcomes |= {outcome.award: outcome for outcome in _sign_due(due, now=now)}
    return [outcomes[award.uuid] for award in awards]


def _only(outcomes: Sequence[Outcome]) -> Credential:
    [outcome] = outcomes
    if isinstance(outcome.error, NotSigned | NotConfigured | SigningFailed):
        raise outcome.error
    if outcome.error is not None:
        log.error(
            "microcredentials: the award %s could not be signed",
            outcome.award,
            exc_info=outcome.error,
        )
        raise SigningFailed(type(outcome.error).__name__) from outcome.error
    assert outcome.credential is not None
    return outcome.credential


def current_of(award_uuid: UUID) -> Credential | None:
    """What is served about an award now, if anything was signed."""
    return (
        Credential.objects.filter(award__uuid=award_uuid, slot=1)
        .select_related("entry__status_list__issuer", "key", "jwt_key")
        .first()
    )


def _currents_of(award_uuids: Iterable[UUID]) -> dict[UUID, Credential]:
    found = Credential.objects.filter(award__uuid__in=list(award_uuids), slot=1)
    rows = found.select_related("entry__status_list__issuer", "key", "jwt_key")
    return {row.award_id: row for row in rows}


def _gained_by(history: Iterable[AwardEvent]) -> AwardEvent | None:
    found = [event for event in history if event.kind in GAINING]
    return found[-1] if found else None


def _why_again(
    award: Award, current: Credential, event: AwardEvent, *, has_results: bool
) -> Why | None:
    """Why what is signed has to be signed again, if it has to."""
    if any(key.compromised_at is not None for key in (current.key, current.jwt_key)):
        return Why.COMPROMISED
    if not _is_of(current, award.microcredential.organization):
        return Why.CORRECTED
    since = _gained_since(current, award.history.all())
    if EventKind.REINSTATED in since:
        return Why.REINSTATED
    # Readers may have seen that it was revoked, and what was revoked stays so.
    if current.entry.is_withdrawn and award.state == State.ACTIVE:
        return Why.REINSTATED
    if current.event != event.uuid:
        return Why.RENEWED if event.kind == EventKind.RENEWED else Why.REINSTATED
    return Why.CHOSEN if current.has_results != has_results else None


def _gained_since(current: Credential, history: Iterable[AwardEvent]) -> set[str]:
    """What has happened since the event that a credential speaks of."""
    kinds: set[str] = set()
    for event in history:
        kinds = set() if event.uuid == current.event else kinds | {event.kind}
    return kinds


def _is_of(current: Credential, organization: str) -> bool:
    """Whether it is this organisation's: a microcredential may have moved to another one."""
    return current.entry.status_list.issuer.organization == organization


@dataclass(frozen=True, slots=True)
class _Due:
    """Something that has to be signed, in place of what was `before`."""

    award: Award
    event: AwardEvent
    before: Credential | None
    why: Why
    has_results: bool

    @property
    def organization(self) -> str:
        return self.award.microcredential.organization

    @property
    def keeps_entry(self) -> bool:
        """Whether the place in the status list stays: it is the issuer's, and was never revoked."""
        if self.before is None or self.why not in _KEEPS_ENTRY:
            return False
        return _is_of(self.before, self.organization) and not self.before.entry.is_withdrawn


def _look_at(
    award: Award, current: Credential | None, sharing: Sharing | None, why: Why | None
) -> _Due | NotSigned | None:
    """What has to be signed about an award; why nothing may be; None if what there is stands."""
    event = _gained_by(award.history.all())
    if event is None or award.state not in SIGNED_STATES:
        return NotSigned(f"The award {award.uuid} is {award.state}.")
    if sharing is not None and sharing.state == Shared.DECLINED:
        return NotSigned(f"The award {award.uuid} is declined by its holder.")
    has_results = sharing.has_results if sharing is not None else True
    if current is None:
        return _Due(award, event, None, why or Why.FIRST, has_results)
    again = why or _why_again(award, current, event, has_results=has_results)
    return None if again is None else _Due(award, event, current, again, has_results)


def _sign_due(due: Sequence[_Due], *, now: datetime) -> Iterator[Outcome]:
    if not due:
        return
    signing = signing_for({one.organization for one in due}, now=now)
    # Before it is asked who has left: who leaves from now on is seen when the credential is kept.
    holders = holders_of({one.award.learner_id for one in due})
    try:
        learners = get_host().learners(holders.keys())
    except Exception as error:  # whatever the host has: nothing of this batch can be signed now
        yield from (Outcome(one.award.uuid, error=error) for one in due)
        return
    begun = _begun(one.award.uuid for one in due if one.before is None)
    ready: list[_Due] = []
    for one in due:
        learner, found = learners.get(one.award.learner_id), signing[one.organization]
        if learner is None or learner.is_retired:
            yield _gone(one)
        elif isinstance(found, NotConfigured):
            yield Outcome(one.award.uuid, error=found)
        else:
            ready.append(one)
    entries = _entries(ready, signing)
    made: list[tuple[_Due, Credential]] = []
    for one in ready:
        found = signing[one.organization]
        assert isinstance(found, Signing)
        learner = learners[one.award.learner_id]
        subject = str(holders[learner.id].subject)
        try:
            new = _made(one, found, entries[one.award.uuid], begun.get(one.award.uuid), now=now)
            _put_documents(new, found, learner, subject)
        except Exception as error:  # that of one award keeps no other from being signed
            _withdraw([entries[one.award.uuid]] if not one.keeps_entry else [])
            yield Outcome(one.award.uuid, error=error)
        else:
            made.append((one, new))
    yield from _keep_all(made)


def _gone(one: _Due) -> Outcome:
    error = NotSigned(f"The holder of the award {one.award.uuid} has left.")
    return Outcome(one.award.uuid, error=error)


def _entries(
    due: Sequence[_Due], signing: Mapping[str, Signing | NotConfigured]
) -> dict[UUID, StatusEntry]:
    entries = {one.award.uuid: one.before.entry for one in due if one.before and one.keeps_entry}
    for found in signing.values():
        if isinstance(found, Signing):
            organization = found.issuer.organization
            new = [
                one.award.uuid
                for one in due
                if one.organization == organization and not one.keeps_entry
            ]
            if new:
                entries |= give_entries(found.issuer, new)
    return entries


def _made(
    one: _Due, signing: Signing, entry: StatusEntry, begun: datetime | None, *, now: datetime
) -> Credential:
    return Credential(
        award=one.award,
        event=one.event.uuid,
        why=one.why,
        has_results=one.has_results,
        valid_from=_valid_from(one.award, one.before.valid_from if one.before else begun, now),
        valid_until=one.award.expires_at,
        signed_at=now,
        key=signing.keys[KeyKind.ED25519],
        jwt_key=signing.keys[KeyKind.RSA],
        entry=entry,
    )


def _valid_from(award: Award, before: datetime | None, now: datetime) -> datetime:
    """
    What replaces another begins later, by a second at least: that is how readers tell.

    Open Badges 3.0, "Equality and Comparison": same issuer and id, the newer `validFrom` counts.
    """
    if before is None:
        return award.valid_from
    return max(now.replace(microsecond=0), before + timedelta(seconds=1))


def _begun(award_uuids: Iterable[UUID]) -> dict[UUID, datetime]:
    """The newest `validFrom` of what was signed about these awards before, and is not served."""
    rows = Credential.objects.filter(award__uuid__in=list(award_uuids)).order_by()
    return dict(rows.values_list("award__uuid").annotate(newest=Max("valid_from")))


def _put_documents(made: Credential, signing: Signing, learner: Learner, subject: str) -> None:
    issuer, entry = signing.issuer, made.entry
    assert entry.status_list.issuer_id == issuer.pk
    # It is the same one, and need not be read again for each.
    made.award.version.microcredential = made.award.microcredential
    badge = badge_of(
        made.award,
        issuer=issuer,
        subject=subject,
        learner=learner,
        history=made.award.history.all(),
        signing=Content(
            valid_from=made.valid_from,
            status=Status(list_url(issuer, entry.status_list.number), entry.index),
            has_results=made.has_results,
        ),
    )
    unsigned = credential(badge)
    signed = sign_document(
        unsigned,
        verification_method=method_id(issuer, made.key),
        created=made.signed_at,
        sign=signing.signs[KeyKind.ED25519],
    )
    made.document = to_text(signed)
    made.jwt = sign_jwt(
        unsigned,
        key_id=addresses.key_url(issuer.base_url, issuer.slug, made.jwt_key.name),
        sign=signing.signs[KeyKind.RSA],
    )


def _keep_all(made: Sequence[tuple[_Due, Credential]]) -> Iterator[Outcome]:
    """Those that replace nothing at once, the others one after the other."""
    first = [new for one, new in made if one.before is None]
    is_kept = len(first) > 1 and _keep_first(first)
    for one, new in made:
        if is_kept and one.before is None:
            yield Outcome(new.award_id, new, is_new=True)
        else:
            yield _keep(one, new)


def _keep_first(made: Sequence[Credential]) -> bool:
    """Keep all of these, or none because somebody was faster with one, or has left."""
    try:
        with transaction.atomic():
            learner_ids = {new.award.learner_id for new in made}
            if are_here(learner_ids) != learner_ids:
                return False
            Credential.objects.bulk_create(made)
    except IntegrityError:
        return False
    return True


def _keep(one: _Due, made: Credential) -> Outcome:
    """Put a credential in the place of the one before; somebody faster has the last word."""
    before, learner_id = one.before, made.award.learner_id
    own = [] if one.keeps_entry else [made.entry]
    try:
        with transaction.atomic():
            if are_here({learner_id}) != {learner_id}:
                _withdraw(own)
                return _gone(one)
            if before is not None:
                still = Credential.objects.filter(pk=before.pk, slot=1)
                if not still.update(slot=None, document="", jwt=""):
                    raise IntegrityError
                if not one.keeps_entry:
                    _withdraw([before.entry])
            made.save()
    except IntegrityError as error:
        _withdraw(own)
        found = current_of(made.award_id)
        # What somebody faster signed says no more than what is to be said now, or is not given out.
        if found is not None and found.has_results and not made.has_results:
            return Outcome(made.award_id, error=SigningFailed("somebody else signs it"))
        return Outcome(made.award_id, found, error=None if found else error)
    return Outcome(made.award_id, made, is_new=True)


def _withdraw(entries: Sequence[StatusEntry]) -> None:
    if entries:
        pks = [entry.pk for entry in entries]
        StatusEntry.objects.filter(pk__in=pks).update(is_withdrawn=True)
