"""From an award to what is signed about it: once, and again when it has to say something else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, AwardEvent, EventKind, State
from microcred_plugin.credentials import addresses
from microcred_plugin.credentials.content import GAINING, Signing, badge_of
from microcred_plugin.credentials.issuers import (
    ensure_issuer,
    method_id,
    sign_with,
    signing_key,
)
from microcred_plugin.credentials.models import (
    Credential,
    Issuer,
    IssuerKey,
    KeyKind,
    Shared,
    Sharing,
    StatusEntry,
    Why,
)
from microcred_plugin.credentials.open_badges import Status, credential
from microcred_plugin.credentials.serialized import to_text
from microcred_plugin.credentials.sharing import holder_of
from microcred_plugin.credentials.signers import NotConfigured
from microcred_plugin.credentials.signing import sign_document, sign_jwt
from microcred_plugin.credentials.statuses import give_entry, list_url
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner

# Whoever signs again about the same learner's award keeps the place in the status list, unless what
# was signed before is not to be relied on any more.
_KEEPS_ENTRY = frozenset({Why.RENEWED, Why.CHOSEN})

# What a credential can be about: never what waits, and never what was not approved.
SIGNED = frozenset({State.ACTIVE, State.SUSPENDED, State.REVOKED, State.EXPIRED})


class NotSigned(Exception):
    """There is nothing to sign here, or nothing that may be signed."""


def served(award: Award, *, now: datetime) -> Credential:
    """
    What is signed about an award; signed now if nothing is, or if it would say something else.

    `award` comes with its history (`awards.find_award`). Raises `NotSigned` where no credential may
    be made, and `NotConfigured` where none can.
    """
    event = _gained_by(award.history.all())
    if event is None or award.state not in SIGNED:
        raise NotSigned(f"The award {award.uuid} is {award.state}.")
    sharing = Sharing.objects.filter(award=award).first()
    if sharing is not None and sharing.state == Shared.DECLINED:
        raise NotSigned(f"The award {award.uuid} is declined by its holder.")
    current = current_of(award.uuid)
    has_results = sharing.has_results if sharing is not None else True
    why = _why_again(current, event, has_results=has_results)
    if current is not None and why is None:
        return current
    return _sign(award, event, current, why or Why.FIRST, has_results=has_results, now=now)


def current_of(award_uuid: UUID) -> Credential | None:
    """What is served about an award now, if anything was signed."""
    return (
        Credential.objects.filter(award__uuid=award_uuid, slot=1)
        .select_related("entry__status_list__issuer", "key", "jwt_key")
        .first()
    )


def resign(award: Award, why: Why, *, now: datetime) -> Credential:
    """
    Sign again what is signed about an award, under a newer `validFrom`, in place of it.

    What was signed before is revoked. Raises as `served` does.
    """
    event = _gained_by(award.history.all())
    if event is None or award.state not in SIGNED:
        raise NotSigned(f"The award {award.uuid} is {award.state}.")
    current = current_of(award.uuid)
    sharing = Sharing.objects.filter(award=award).first()
    has_results = sharing.has_results if sharing is not None else True
    return _sign(award, event, current, why, has_results=has_results, now=now)


def awards_signed_with(key: IssuerKey, *, after: int, limit: int) -> list[tuple[int, UUID]]:
    """The next served credentials that this key signed, as (id, award), above the id `after`."""
    kind = "key" if key.kind == KeyKind.ED25519 else "jwt_key"
    found = Credential.objects.filter(**{kind: key}, slot=1, pk__gt=after).order_by("pk")
    return list(found.values_list("pk", "award__uuid")[:limit])


def unsigned(*, limit: int) -> list[UUID]:
    """Awards that count and have nothing signed about them, the newest first."""
    signed = Credential.objects.filter(award=OuterRef("uuid"), slot=1)
    declined = Sharing.objects.filter(award=OuterRef("uuid"), state=Shared.DECLINED)
    found = awards.awards_of().filter(~Exists(signed), ~Exists(declined), state=State.ACTIVE)
    return list(found.order_by("-pk").values_list("uuid", flat=True)[:limit])


def _gained_by(history: Iterable[AwardEvent]) -> AwardEvent | None:
    found = [event for event in history if event.kind in GAINING]
    return found[-1] if found else None


def _why_again(current: Credential | None, event: AwardEvent, *, has_results: bool) -> Why | None:
    """Why what is signed has to be signed again, if it has to."""
    if current is None:
        return None
    if any(key.compromised_at is not None for key in (current.key, current.jwt_key)):
        return Why.COMPROMISED
    if current.event != event.uuid:
        is_renewed = event.kind == EventKind.RENEWED
        return Why.RENEWED if is_renewed else Why.REINSTATED
    return Why.CHOSEN if current.has_results != has_results else None


@dataclass(frozen=True, slots=True)
class _Keys:
    issuer: Issuer
    proof: IssuerKey
    jwt: IssuerKey


def _sign(
    award: Award,
    event: AwardEvent,
    before: Credential | None,
    why: Why,
    *,
    has_results: bool,
    now: datetime,
) -> Credential:
    keys = _keys_of(award.microcredential.organization, now=now)
    learner = get_host().learners([award.learner_id]).get(award.learner_id)
    if learner is None or learner.is_retired:
        raise NotSigned(f"The holder of the award {award.uuid} has left.")
    keeps = before is not None and why in _KEEPS_ENTRY
    entry = before.entry if before and keeps else give_entry(keys.issuer, award.uuid)
    made = Credential(
        award=award,
        event=event.uuid,
        why=why,
        has_results=has_results,
        valid_from=_valid_from(award, before, now),
        valid_until=award.expires_at,
        signed_at=now,
        key=keys.proof,
        jwt_key=keys.jwt,
        entry=entry,
    )
    _put_documents(made, keys, learner)
    return _keep(made, before, gives_up=None if keeps else before)


def _valid_from(award: Award, before: Credential | None, now: datetime) -> datetime:
    """
    What replaces another begins later, by a second at least: that is how readers tell.

    Open Badges 3.0, "Equality and Comparison": same issuer and id, the newer `validFrom` counts.
    """
    if before is None:
        return award.valid_from
    return max(now.replace(microsecond=0), before.valid_from + timedelta(seconds=1))


def _keys_of(organization: str, *, now: datetime) -> _Keys:
    issuer = ensure_issuer(organization, now=now)
    proof = signing_key(issuer, KeyKind.ED25519)
    jwt = signing_key(issuer, KeyKind.RSA)
    if proof is None or jwt is None:
        raise NotConfigured(f"{organization} has no key that signs.")
    return _Keys(issuer, proof, jwt)


def _put_documents(made: Credential, keys: _Keys, learner: Learner) -> None:
    issuer, entry = keys.issuer, made.entry
    badge = badge_of(
        made.award,
        issuer=issuer,
        subject=str(holder_of(learner.id).subject),
        learner=learner,
        history=made.award.history.all(),
        signing=Signing(
            valid_from=made.valid_from,
            status=Status(list_url(issuer, entry.status_list.number), entry.index),
            has_results=made.has_results,
        ),
    )
    unsigned = credential(badge)
    signed = sign_document(
        unsigned,
        verification_method=method_id(issuer, keys.proof),
        created=made.signed_at,
        sign=sign_with(issuer, keys.proof),
    )
    made.document = to_text(signed)
    made.jwt = sign_jwt(
        unsigned,
        key_id=addresses.key_url(issuer.base_url, issuer.slug, keys.jwt.name),
        sign=sign_with(issuer, keys.jwt),
    )


def _keep(
    made: Credential, before: Credential | None, *, gives_up: Credential | None
) -> Credential:
    """Put a credential in the place of the one before; somebody faster has the last word."""
    try:
        with transaction.atomic():
            if before is not None:
                still = Credential.objects.filter(pk=before.pk, slot=1)
                if not still.update(slot=None, document="", jwt=""):
                    raise IntegrityError
            if gives_up is not None:
                StatusEntry.objects.filter(pk=gives_up.entry_id).update(is_withdrawn=True)
            made.save()
    except IntegrityError:
        if gives_up is not None or before is None:
            StatusEntry.objects.filter(pk=made.entry_id).update(is_withdrawn=True)
        found = current_of(made.award_id)
        if found is None:
            raise
        return found
    return made
