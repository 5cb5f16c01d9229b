"""What a document states, whatever it is: read loosely, since nothing of it was looked at yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from hmac import compare_digest
from typing import Any

from microcred_plugin.credentials.open_badges import identity_hash
from microcred_plugin.credentials.reports import Told
from microcred_plugin.credentials.signing import is_date_time

# Control characters, and those that turn the direction of writing.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]+")


def told_by(document: Mapping[str, Any]) -> Told:
    """What a document says about itself, whatever it is."""
    issuer, subject = document.get("issuer"), document.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    inner: Mapping[str, Any] = achievement if isinstance(achievement, dict) else {}
    return Told(
        name=text(document.get("name")),
        issuer_id=id_of(issuer)[:300],
        issuer_name=text(issuer.get("name")) if isinstance(issuer, dict) else "",
        achievement=text(inner.get("name")),
        achievement_url=text(inner.get("id")),
        valid_from=text(document.get("validFrom")),
        valid_until=text(document.get("validUntil")),
    )


def issuer_id_of(document: Mapping[str, Any]) -> str:
    """Who issued it, as the document says."""
    return id_of(document.get("issuer"))


def begin_of(document: Mapping[str, Any]) -> datetime | None:
    """From when on it is valid, as the document says."""
    return instant(document.get("validFrom"))


def can_be_compared(identity: Mapping[str, Any]) -> bool:
    stated = identity.get("identityHash")
    return isinstance(stated, str) and (
        not _is_hashed(identity) or stated.lower().startswith("sha256$")
    )


def is_about(identity: Mapping[str, Any], address: str) -> bool:
    """Whether it is this address: as it was given, and in small letters, as issuers hash it."""
    stated = str(identity.get("identityHash", ""))
    if not _is_hashed(identity):
        return _is_same(stated.casefold(), address.casefold())
    salt = str(identity.get("salt", ""))
    return any(
        _is_same(stated.lower(), identity_hash(one, salt))
        for one in {address, address.lower(), address.casefold()}
    )


def _is_hashed(identity: Mapping[str, Any]) -> bool:
    # In RDF, and so for the signature, `true` is the same as "true".
    return identity.get("hashed") in (True, "true", "1")


def _is_same(one: str, other: str) -> bool:
    return compare_digest(one.encode(), other.encode())


def speaks_elsewhere(document: Mapping[str, Any]) -> bool:
    """
    Whether what the credential says of itself also stands further inside.

    To RDF, objects with the same id are one, wherever they stand. So somebody could move what
    limits a credential, an end or a status, to where nobody looks, and keep the signature.
    """
    name = document.get("id")
    if not isinstance(name, str):
        return False
    left: list[Any] = [value for key, value in document.items() if key != "proof"]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            if one.get("id") == name and len(one) > 1:
                return True
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return False


def several(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def id_of(value: Any) -> str:
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) else ""


def text(value: Any) -> str:
    """A text for people, without what would turn the direction of what stands around it."""
    return " ".join(_UNSEEN.sub(" ", value[:300]).split()) if isinstance(value, str) else ""


def instant(value: Any) -> datetime | None:
    """An instant with a zone; None for whatever is none."""
    return datetime.fromisoformat(value) if is_date_time(value) else None
