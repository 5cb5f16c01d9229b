"""Issuers: an organisation's profile and its keys, from the first key to one that was stolen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from microcred_plugin.credentials import addresses
from microcred_plugin.credentials import keys as key_forms
from microcred_plugin.credentials.keys import PublicKey
from microcred_plugin.credentials.models import Issuer, IssuerKey, KeyKind
from microcred_plugin.credentials.open_badges import did_document
from microcred_plugin.credentials.signers import get_signer, name_of
from microcred_plugin.credentials.signing import Sign
from microcred_plugin.host import get_host

# Where the plugin's pages are on the LMS, in every service.
_MOUNT = "/microcredentials"

PROFILE_FIELDS = (
    "name", "url", "description", "email", "country", "logo", "linkedin_id",
)  # fmt: skip


def find_issuer(organization: str) -> Issuer | None:
    """The issuer of an organisation, if it has one."""
    found = Issuer.objects.filter(organization=organization).first()
    # Some databases do not tell capitals from others.
    return found if found is not None and found.organization == organization else None


def issuer_at(slug: str) -> Issuer | None:
    """The issuer with this slug, with its keys."""
    found = Issuer.objects.filter(slug=slug).select_related("logo").prefetch_related("keys")
    return found.first()


def issuers() -> list[Issuer]:
    """Every issuer with its keys, by organisation."""
    return list(Issuer.objects.prefetch_related("keys"))


def ensure_issuer(organization: str, *, now: datetime) -> Issuer:
    """
    The issuer of an organisation, made at first use with a profile and keys that work.

    Raises `NotConfigured` where no key can be kept.
    """
    issuer = find_issuer(organization) or _make(organization)
    for kind in KeyKind:
        if signing_key(issuer, kind) is None:
            _add_key(issuer, kind, now=now)
    return issuer


def signing_key(issuer: Issuer, kind: str) -> IssuerKey | None:
    """The key that signs, of one kind."""
    return IssuerKey.objects.filter(issuer=issuer, kind=kind, slot=1).first()


def change_profile(issuer: Issuer, **fields: Any) -> None:
    """Change what the profile says. What was signed says what it said; see `issuing.resign`."""
    for name in fields:
        if name not in PROFILE_FIELDS:
            raise ValueError(f"An issuer has no field {name!r}.")
        setattr(issuer, name, fields[name])
    logo = fields.get("logo")
    if logo is not None:
        type(logo).objects.get_or_create(
            digest=logo.digest,
            defaults={"content_type": logo.content_type, "content": logo.content},
        )
    issuer.save()


def rotate(issuer: Issuer, kind: str, *, now: datetime) -> IssuerKey:
    """Have a new key sign. What the old one signed stays valid: it stays in the DID document."""
    with transaction.atomic():
        _retire(issuer, kind, now=now)
        return _add_key(issuer, kind, now=now)


def compromise(key: IssuerKey, *, now: datetime) -> None:
    """
    Take a key that somebody else may have out of the DID document, and have a new one sign.

    Nothing that it signed is to be relied on from now on; `issuing.resign` signs it anew.
    """
    with transaction.atomic():
        was_signing = key.slot == 1
        key.slot = None
        key.retired_at = key.retired_at or now
        key.compromised_at = now
        key.private = b""
        key.save()
        if was_signing:
            _add_key(key.issuer, key.kind, now=now)


def did_document_of(issuer: Issuer) -> dict[str, Any]:
    """The DID document: every key with which something signed may be relied on."""
    did = did_of(issuer)
    trusted = [key for key in issuer.keys.all() if key.compromised_at is None]
    return did_document(did=did, keys=[_method(did, key) for key in _in_order(trusted)])


def jwk_at(issuer: Issuer, name: str) -> dict[str, Any] | None:
    """A public key that JWTs are verified with and that may be relied on, by its name."""
    for key in issuer.keys.all():
        if key.name == name and key.kind == KeyKind.RSA and key.compromised_at is None:
            jwk: dict[str, Any] = key.public["publicKeyJwk"]
            return jwk
    return None


def did_of(issuer: Issuer) -> str:
    """The issuer's id in everything that it signs."""
    return addresses.did(issuer.base_url, issuer.slug)


def method_id(issuer: Issuer, key: IssuerKey) -> str:
    """The id of a key as a verification method."""
    return f"{did_of(issuer)}#{key.name}"


def public_of(key: IssuerKey) -> PublicKey:
    """The public half of a key."""
    if key.kind == KeyKind.ED25519:
        return key_forms.from_multikey(key.public["publicKeyMultibase"])
    return key_forms.from_jwk(key.public["publicKeyJwk"])


def sign_with(issuer: Issuer, key: IssuerKey) -> Sign:
    """What signs with a key of an issuer. Raises `NotConfigured`."""
    return get_signer().sign(issuer.organization, key.kind, key.name, bytes(key.private))


def _in_order(keys: Iterable[IssuerKey]) -> list[IssuerKey]:
    """What signs now comes first."""
    return sorted(keys, key=lambda key: (key.slot is None, key.kind, -key.pk))


def _method(did: str, key: IssuerKey) -> dict[str, Any]:
    kind = "Multikey" if key.kind == KeyKind.ED25519 else "JsonWebKey"
    return {"id": f"{did}#{key.name}", "type": kind, **key.public}


def _public_members(public: Ed25519PublicKey | RSAPublicKey) -> dict[str, Any]:
    """A public key as a verification method has it."""
    if isinstance(public, Ed25519PublicKey):
        return {"publicKeyMultibase": key_forms.to_multikey(public)}
    return {"publicKeyJwk": key_forms.to_jwk(public)}


def _make(organization: str) -> Issuer:
    slug = slugify(organization) or "issuer"
    taken = set(Issuer.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    free = next(
        one
        for one in (slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3)))
        if one not in taken
    )
    try:
        with transaction.atomic():
            return Issuer.objects.create(
                organization=organization,
                slug=free,
                base_url=get_host().absolute_url(_MOUNT).rstrip("/"),
                name=organization,
            )
    except IntegrityError:  # somebody else was faster
        found = find_issuer(organization)
        if found is None:
            raise
        return found


def _retire(issuer: Issuer, kind: str, *, now: datetime) -> None:
    IssuerKey.objects.filter(issuer=issuer, kind=kind, slot=1).update(slot=None, retired_at=now)


def _add_key(issuer: Issuer, kind: str, *, now: datetime) -> IssuerKey:
    made = get_signer().new_key(issuer.organization, kind)
    try:
        with transaction.atomic():
            return IssuerKey.objects.create(
                issuer=issuer,
                kind=kind,
                name=name_of(made.public),
                public=_public_members(made.public),
                private=made.private,
                created=now,
            )
    except IntegrityError:  # somebody else was faster
        found = signing_key(issuer, kind)
        if found is None:
            raise
        return found
