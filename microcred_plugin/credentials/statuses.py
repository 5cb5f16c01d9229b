"""Status lists: a place for each credential, and the list that says which are revoked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from random import SystemRandom
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from microcred_plugin.awards.api import State
from microcred_plugin.credentials import addresses, status_list
from microcred_plugin.credentials.issuers import (
    did_of,
    ensure_issuer,
    method_id,
    sign_with,
    signing_key,
)
from microcred_plugin.credentials.models import (
    Issuer,
    KeyKind,
    Shared,
    StatusEntry,
    StatusList,
)
from microcred_plugin.credentials.open_badges import status_list as status_list_json
from microcred_plugin.credentials.serialized import to_text
from microcred_plugin.credentials.signers import NotConfigured
from microcred_plugin.credentials.signing import sign_document

# Bitstring Status List v1.0, section 6.1: no list is shorter, so that nobody can tell whose
# status a verifier asks for; and none of ours is longer.
LENGTH = status_list.SIZE

# How long a list can be relied on, and how long before its end it is signed anew.
_VALID = timedelta(days=3)
_RENEWED_BEFORE = timedelta(days=2)

# Clocks differ: a list that was signed just now holds for those whose clock is slow, too.
_SKEW = timedelta(minutes=5)

_RANDOM = SystemRandom()

# So many places are tried before a list counts as full: one that is half full fails once in 256.
_ATTEMPTS = 8

# So many rows are named in one statement: databases have their limits.
_AT_ONCE = 1000

_REVOKED = (
    Q(is_withdrawn=True)
    | Q(award__state__in=(State.SUSPENDED, State.REVOKED))
    | Q(award__sharing__state=Shared.DECLINED)
)


def give_entries(issuer: Issuer, award_uuids: Collection[UUID]) -> dict[UUID, StatusEntry]:
    """
    A place for the credential of each of these awards, at random and never given twice.

    It writes rows of its own and locks none that others share. Five queries for any number, as long
    as nobody else writes to the same list, and the list is not nearly full.
    """
    waiting, given = list(award_uuids), dict[UUID, StatusEntry]()
    while waiting:
        newest = StatusList.objects.filter(issuer=issuer).order_by("-number").first()
        for _attempt in range(_ATTEMPTS if newest else 0):
            assert newest is not None
            given |= _take(newest, waiting)
            waiting = [uuid for uuid in waiting if uuid not in given]
            if not waiting:
                return given
        _open_list(issuer, 1 if newest is None else newest.number + 1)
    return given


def _take(of: StatusList, award_uuids: Sequence[UUID]) -> dict[UUID, StatusEntry]:
    """Try one place for each; those that were free."""
    drawn = _RANDOM.sample(range(LENGTH), min(len(award_uuids), LENGTH))
    places = dict(zip(drawn, award_uuids, strict=False))
    entries = StatusEntry.objects.filter(status_list=of, index__in=drawn)
    for index in entries.values_list("index", flat=True):
        del places[index]
    if not places:
        return {}
    try:
        with transaction.atomic():
            StatusEntry.objects.bulk_create(
                StatusEntry(status_list=of, index=index, award_id=uuid)
                for index, uuid in places.items()
            )
    except IntegrityError:  # somebody else has just taken one of them
        return {}
    # They are ours, since nobody else's can have been there. MySQL does not tell their ids.
    found = StatusEntry.objects.filter(status_list=of, index__in=places)
    return {entry.award_id: entry for entry in found.select_related("status_list")}


def _open_list(issuer: Issuer, number: int) -> None:
    StatusList.objects.bulk_create(
        [StatusList(issuer=issuer, number=number)], ignore_conflicts=True
    )


def list_url(issuer: Issuer, number: int) -> str:
    """Where a list is, which is its id too."""
    return addresses.status_list_url(issuer.base_url, issuer.slug, number)


def is_revoked(entry: StatusEntry) -> bool:
    """Whether the bit of an entry is set now, whatever the list says that is being served."""
    return StatusEntry.objects.filter(_REVOKED, pk=entry.pk).exists()


def revoked_among(entry_ids: Collection[int]) -> set[int]:
    """Those of these entries whose bit is set now, whatever is being served. One query."""
    found = StatusEntry.objects.filter(_REVOKED, pk__in=entry_ids)
    return set(found.values_list("pk", flat=True))


def served_list(slug: str, number: int, *, now: datetime, is_looked_at: bool = False) -> str | None:
    """
    A status list as it is served; None if there is no such.

    With `is_looked_at` it is compared with the awards now, however fresh it is.

    One query while it is fresh, and never more than eight. Where it can't be signed, and the one
    before can still be relied on, that one is served.
    """
    found = (
        StatusList.objects.select_related("issuer", "key")
        .filter(issuer__slug=slug, number=number)
        .first()
    )
    if found is None:
        return None
    if not is_looked_at and (
        _is_fresh(found, now) or (_can_be_relied_on(found, now) and not _is_ours(found, now))
    ):
        return found.document
    try:
        return _look(found, now=now)
    except NotConfigured:
        is_sound = found.key is not None and found.key.compromised_at is None
        if is_sound and found.valid_until is not None and found.valid_until > now:
            return found.document
        raise


def _is_fresh(of: StatusList, now: datetime) -> bool:
    if of.looked_at is None or not _can_be_relied_on(of, now):
        return False
    return of.looked_at + timedelta(seconds=settings.MICROCRED_STATUS_SECONDS) > now


def _is_ours(of: StatusList, now: datetime) -> bool:
    """Whether nobody else is looking already: of many who ask at once, one has to."""
    same = StatusList.objects.filter(pk=of.pk, looked_at=of.looked_at)
    return bool(same.update(looked_at=now))


def _can_be_relied_on(of: StatusList, now: datetime) -> bool:
    is_signed = of.key is not None and of.key.compromised_at is None
    return is_signed and of.valid_until is not None and of.valid_until - _RENEWED_BEFORE > now


def _look(of: StatusList, *, now: datetime) -> str:
    """
    Compare a list with what the awards say, and sign it anew if that is not the same.

    One at a time: whoever began earlier and took longer must not have the last word.
    """
    with transaction.atomic():
        locked = StatusList.objects.select_for_update().get(pk=of.pk)
        # Read with it before; who has another key by now reads that.
        locked.issuer = of.issuer
        if locked.key_id == of.key_id:
            locked.key = of.key
        entries = StatusEntry.objects.filter(_REVOKED, status_list=locked)
        rows = list(entries.values_list("pk", "index", "is_withdrawn"))
        # What readers have been told is revoked stays so: what is reinstated is signed anew.
        told = [pk for pk, _index, is_withdrawn in rows if not is_withdrawn]
        for begin in range(0, len(told), _AT_ONCE):
            these = StatusEntry.objects.filter(pk__in=told[begin : begin + _AT_ONCE])
            these.update(is_withdrawn=True)
        encoded = status_list.encode((index for _pk, index, _is in rows), size=LENGTH)
        if encoded != locked.encoded or not _can_be_relied_on(locked, now):
            _sign(locked, encoded, now)
        locked.looked_at = now
        locked.save()
    return locked.document


def _sign(of: StatusList, encoded: str, now: datetime) -> None:
    key = signing_key(of.issuer, KeyKind.ED25519)
    if key is None:
        # One that was stolen could not be followed by another at that time.
        key = signing_key(ensure_issuer(of.issuer.organization, now=now), KeyKind.ED25519)
    if key is None:
        raise NotConfigured(f"{of.issuer} has no key that signs.")
    valid_until = now + _VALID
    unsigned = status_list_json(
        url=list_url(of.issuer, of.number),
        issuer_id=did_of(of.issuer),
        encoded=encoded,
        valid_from=now - _SKEW,
        valid_until=valid_until,
    )
    signed = sign_document(
        unsigned,
        verification_method=method_id(of.issuer, key),
        created=now,
        sign=sign_with(of.issuer, key),
    )
    # Some verifiers read one proof, and not an array of one; to JSON-LD both are the same.
    of.document = to_text({**signed, "proof": signed["proof"][0]})
    # Not before it is signed: what can't be is served as long as it really holds.
    of.encoded, of.key, of.valid_until = encoded, key, valid_until
