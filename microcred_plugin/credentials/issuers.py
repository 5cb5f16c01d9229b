"""Issuers: an organisation's profile and its keys, from the first key to one that was stolen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import InvalidToken
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from microcred_plugin.credentials import addresses
from microcred_plugin.credentials import keys as key_forms
from microcred_plugin.credentials.countries import COUNTRIES
from microcred_plugin.credentials.keys import PublicKey
from microcred_plugin.credentials.models import Issuer, IssuerKey, KeyKind
from microcred_plugin.credentials.open_badges import did_document
from microcred_plugin.credentials.signers import NotConfigured, encryption, get_signer, name_of
from microcred_plugin.credentials.signing import Sign
from microcred_plugin.definitions.api import keep_image
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


def issuer_with_keys(organization: str) -> Issuer | None:
    """The issuer of an organisation with its logo and its keys, if it has one. Two queries."""
    found = Issuer.objects.filter(organization=organization).select_related("logo")
    issuer = found.prefetch_related("keys").first()
    return issuer if issuer is not None and issuer.organization == organization else None


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

    Raises `NotConfigured` where no key can be kept, and makes nothing then.
    """
    with transaction.atomic():
        issuer = find_issuer(organization) or _make(organization)
        for kind in KeyKind:
            if signing_key(issuer, kind) is None:
                _add_key(issuer, kind, now=now)
    return issuer


@dataclass(frozen=True, slots=True)
class Signing:
    """An issuer with the keys that sign, and what signs with them."""

    issuer: Issuer
    keys: Mapping[str, IssuerKey]
    signs: Mapping[str, Sign]


def signing_for(
    organizations: Collection[str], *, now: datetime
) -> dict[str, Signing | NotConfigured]:
    """
    What signs for these organisations, or why nothing can.

    Two queries; more only where an issuer or a key is made.
    """
    found = {
        issuer.organization: issuer
        for issuer in Issuer.objects.filter(organization__in=organizations)
    }
    keys: dict[int, dict[str, IssuerKey]] = defaultdict(dict)
    for key in IssuerKey.objects.filter(issuer__in=found.values(), slot=1):
        keys[key.issuer_id][key.kind] = key
    return {
        organization: _signing_for(organization, found.get(organization), keys, now=now)
        for organization in organizations
    }


def _signing_for(
    organization: str,
    issuer: Issuer | None,
    keys: Mapping[int, dict[str, IssuerKey]],
    *,
    now: datetime,
) -> Signing | NotConfigured:
    try:
        held = dict(keys.get(issuer.pk, {})) if issuer is not None else {}
        if issuer is None or len(held) < len(KeyKind):
            issuer = ensure_issuer(organization, now=now)
            held = {key.kind: key for key in IssuerKey.objects.filter(issuer=issuer, slot=1)}
        return Signing(issuer, held, {kind: sign_with(issuer, held[kind]) for kind in held})
    except NotConfigured as error:
        return error


def signing_key(issuer: Issuer, kind: str) -> IssuerKey | None:
    """The key that signs, of one kind."""
    return IssuerKey.objects.filter(issuer=issuer, kind=kind, slot=1).first()


def change_profile(issuer: Issuer, **fields: Any) -> None:
    """
    Change what the profile says. What was signed says what it said; see `issuing.resign`.

    Raises `ValidationError`, with a sentence for each field that can't be as it is.
    """
    for name in fields:
        if name not in PROFILE_FIELDS:
            raise ValueError(f"An issuer has no field {name!r}.")
        setattr(issuer, name, fields[name])
    check_profile(issuer)
    keep_image(issuer.logo)
    issuer.save(update_fields=[*fields, "modified"])


def check_profile(issuer: Issuer) -> None:
    """Raises `ValidationError` unless every field of the profile is one that can be signed."""
    wrong: dict[str, list[str]] = {}
    try:
        issuer.clean_fields(exclude={"logo", "organization", "slug", "base_url"})
    except ValidationError as error:
        wrong.update(error.message_dict)
    if issuer.url and urlsplit(issuer.url).scheme not in ("http", "https"):
        wrong["url"] = [_("Write an address that begins with https://.")]
    if issuer.country and issuer.country not in COUNTRIES:
        wrong["country"] = [
            _("“{code}” is not one of the two letters of ISO 3166-1, such as DE or BR.").format(
                code=issuer.country
            )
        ]
    if issuer.linkedin_id and not (issuer.linkedin_id.isascii() and issuer.linkedin_id.isdigit()):
        wrong["linkedin_id"] = [_("Write the number of the organisation on LinkedIn: digits only.")]
    if wrong:
        raise ValidationError(wrong)


def rotate(issuer: Issuer, kind: str, *, now: datetime) -> IssuerKey:
    """
    Have a new key sign. What the old one signed stays valid: it stays in the DID document.

    Raises `NotConfigured`, and changes nothing then.
    """
    with transaction.atomic():
        IssuerKey.objects.filter(issuer=issuer, kind=kind, slot=1).update(slot=None, retired_at=now)
        return _add_key(issuer, kind, now=now)


def compromise(key: IssuerKey, *, now: datetime) -> NotConfigured | None:
    """
    Take a key that somebody else may have out of the DID document, and have a new one sign.

    Nothing that it signed is to be relied on from now on; it is signed anew by the LMS. The key is
    taken out in any case; what is returned says why no new one signs, if none does.
    """
    with transaction.atomic():
        was_signing = key.slot == 1
        key.slot = None
        key.retired_at = key.retired_at or now
        key.compromised_at = key.compromised_at or now
        key.private = b""
        key.save()
    if not was_signing:
        return None
    try:
        _add_key(key.issuer, key.kind, now=now)
    except NotConfigured as error:
        return error
    return None


def reencrypt() -> tuple[int, list[str]]:
    """
    Encrypt every private key with the first of MICROCRED_KEY_ENCRYPTION_KEYS.

    How many there are, and the names of those that none of the keys decrypts. Raises
    `NotConfigured`.
    """
    fernet = encryption()
    done, unreadable = 0, []
    for key in IssuerKey.objects.exclude(private=b"").order_by("pk").iterator(chunk_size=100):
        try:
            private = fernet.rotate(bytes(key.private))
        except InvalidToken:
            unreadable.append(key.name)
            continue
        # Unless it was found to be stolen meanwhile.
        IssuerKey.objects.filter(pk=key.pk, compromised_at=None).update(private=private)
        done += 1
    return done, unreadable


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
    # Its end may be a number; that of an organisation of another name is never taken twice.
    taken = set(Issuer.objects.filter(slug__startswith=slug[:90]).values_list("slug", flat=True))
    candidates = (slug[:90], *(f"{slug[:90]}-{number}" for number in range(2, len(taken) + 3)))
    free = next(one for one in candidates if one not in taken)
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
            # Some databases do not tell capitals from others.
            raise NotConfigured(
                f"Another organisation issues already that differs from {organization} in capitals "
                "alone. Give one of them another short name."
            ) from None
        return found


def _add_key(issuer: Issuer, kind: str, *, now: datetime) -> IssuerKey:
    made = get_signer().new_key(issuer.organization, kind)
    if IssuerKey.objects.filter(issuer=issuer, name=name_of(made.public)).exists():
        raise NotConfigured(
            f"The {kind} key of {issuer.organization} that is configured has been used before. Put "
            "a new one there first."
        )
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
