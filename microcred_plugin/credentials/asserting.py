"""The keys with which an issuer asserts something, as its own DID document names them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _

from microcred_plugin.credentials import keys
from microcred_plugin.credentials.fetching import NotReached, Web
from microcred_plugin.credentials.reports import Seen, Stop
from microcred_plugin.credentials.stated import id_of, instant, several


def find_key(
    did: str, method_id: str, *, web: Web, now: datetime, is_token: bool
) -> keys.PublicKey:
    """
    The key, from the issuer's own DID document: never from what was brought along.

    Raises `Stop` for a key that the issuer does not let sign, and where that can't be known.
    """
    if not did.startswith("did:"):
        raise Stop(
            Seen.UNKNOWN,
            _("The issuer is no DID, so that its keys can't be looked up here: {issuer}").format(
                issuer=did[:200]
            ),
        )
    try:
        document = web.did_document(did)
    except NotReached as error:
        raise Stop(
            Seen.UNKNOWN, _("The issuer's keys can't be had: {reason}").format(reason=error)
        ) from error
    asserting = {
        _absolute(id_of(method), did) for method in several(document.get("assertionMethod"))
    }
    for method in _methods(document):
        if _is_meant(method, method_id, did, is_token=is_token):
            if (
                _absolute(id_of(method), did) not in asserting
                or id_of(method.get("controller")) != did
                or _is_over(method, now)
            ):
                raise Stop(Seen.BAD, _("The issuer does not let this key sign credentials."))
            return _key_of(method)
    raise Stop(
        Seen.BAD,
        _("The issuer has no such key, or does not rely on it any more."),
        method_id,
    )


def _is_meant(method: Mapping[str, Any], method_id: str, did: str, *, is_token: bool) -> bool:
    """A JWT names its key by an address; the end of it is the key's name in the JWK."""
    if method_id and _absolute(id_of(method), did) == method_id:
        return True
    jwk = method.get("publicKeyJwk")
    if not is_token or not isinstance(jwk, dict) or not jwk.get("kid"):
        return False
    return bool(method_id.rpartition("/")[2] == jwk["kid"])


def place_of(did: str) -> str:
    """Where an issuer is known, for people: the host of a did:web, which is what one can trust."""
    method, _colon, rest = did.removeprefix("did:").partition(":")
    return unquote(rest.partition(":")[0])[:300] if method == "web" else did[:300]


def _absolute(name: str, did: str) -> str:
    """A DID URL, which in its own document may be written as no more than its end."""
    return f"{did}{name}" if name.startswith("#") else name


def _methods(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Verification methods, also those that stand where they are used."""
    listed = [
        *several(document.get("verificationMethod")), *several(document.get("assertionMethod")),
    ]  # fmt: skip
    return [method for method in listed if isinstance(method, dict)]


def _is_over(method: Mapping[str, Any], now: datetime) -> bool:
    """Whether the key is not to be used any more (Controlled Identifiers v1.0, section 2.2)."""
    for name in ("expires", "revoked"):
        if method.get(name) is not None:
            at = instant(method[name])
            if at is None or at <= now:
                return True
    return False


def key_in(did: str) -> keys.PublicKey:
    try:
        return keys.from_multikey(did.removeprefix("did:key:"))
    except ValueError as error:
        raise Stop(
            Seen.UNKNOWN, _("The issuer's key is of a kind that is not known here.")
        ) from error


def _key_of(method: Mapping[str, Any]) -> keys.PublicKey:
    try:
        if isinstance(method.get("publicKeyMultibase"), str):
            return keys.from_multikey(method["publicKeyMultibase"])
        if isinstance(method.get("publicKeyJwk"), dict):
            return keys.from_jwk(method["publicKeyJwk"])
    except ValueError:
        pass
    raise Stop(Seen.UNKNOWN, _("The issuer's key is of a kind that is not known here."))
