"""
Open Badges 3.0, as plain JSON: what goes into a document, and how the standard has it.

Pure: the dataclasses below in, dictionaries out. Terms and types are those of the Open Badges 3.0.3
context; what is empty is left out. The source of each rule is "Open Badges Specification 3.0",
https://www.imsglobal.org/spec/ob/v3p0/, unless another one is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

CONTEXTS = (
    "https://www.w3.org/ns/credentials/v2",
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
)

Json = dict[str, Any]

# Control characters have no place in a text; a line ends and a tab are.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Profile:
    """Who issues: an organisation. `country` is its ISO 3166-1 code."""

    id: str
    name: str
    url: str = ""
    description: str = ""
    email: str = ""
    image: str = ""
    country: str = ""


@dataclass(frozen=True, slots=True)
class Alignment:
    """What an achievement is aligned with: a skill, a level, a kind of assessment."""

    name: str
    url: str
    type: str = ""
    framework: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class ResultDescription:
    """A result that whoever earns it has; bounds as the standard has them, as texts."""

    id: str
    name: str
    type: str
    lowest: str = ""
    highest: str = ""
    required: str = ""


@dataclass(frozen=True, slots=True)
class Achievement:
    """What can be earned: the same for all who earn it in this version. `narrative` is Markdown."""

    id: str
    name: str
    description: str
    narrative: str
    image: str
    language: str
    version: str
    creator: Profile
    credits: Decimal | None = None
    human_code: str = ""
    tags: tuple[str, ...] = ()
    alignments: tuple[Alignment, ...] = ()
    result_descriptions: tuple[ResultDescription, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """A result, of one of the achievement's descriptions."""

    description: str
    value: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that was done for it. `narrative` is Markdown."""

    name: str
    narrative: str
    genre: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """
    Who earned it: a random identifier, and the salted hash of their e-mail address.

    `email` is not kept; without one there is no hash.
    """

    id: str
    email: str = ""
    salt: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """The place of a credential in a status list."""

    list_url: str
    index: int


@dataclass(frozen=True, slots=True)
class Badge:
    """
    A credential, before it is signed. Instants have a zone.

    `met_on` is when the last of what it takes was done, `awarded` when it became an award.
    """

    id: str
    name: str
    issuer: Profile
    recipient: Recipient
    achievement: Achievement
    valid_from: datetime
    awarded: datetime
    status: Status
    valid_until: datetime | None = None
    met_on: datetime | None = None
    credits_earned: Decimal | None = None
    results: tuple[Result, ...] = ()
    evidence: tuple[Evidence, ...] = field(default=())


def credential(badge: Badge) -> Json:
    """An `OpenBadgeCredential` without a proof."""
    return _without_empty(
        {
            "@context": list(CONTEXTS),
            "id": badge.id,
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": text(badge.name),
            "issuer": profile(badge.issuer),
            "validFrom": instant(badge.valid_from),
            "validUntil": instant(badge.valid_until) if badge.valid_until else None,
            "awardedDate": instant(badge.awarded),
            "credentialSubject": _without_empty(
                {
                    "id": badge.recipient.id,
                    "type": ["AchievementSubject"],
                    "identifier": _identifiers(badge.recipient),
                    "achievement": achievement(badge.achievement),
                    "activityEndDate": instant(badge.met_on) if badge.met_on else None,
                    "creditsEarned": _number(badge.credits_earned),
                    "result": [_result(one) for one in badge.results],
                }
            ),
            "evidence": _each_once(_evidence(one) for one in badge.evidence),
            "credentialStatus": {
                "id": f"{badge.status.list_url}#{badge.status.index}",
                "type": "BitstringStatusListEntry",
                "statusPurpose": "revocation",
                "statusListIndex": str(badge.status.index),
                "statusListCredential": badge.status.list_url,
            },
        }
    )


def profile(of: Profile) -> Json:
    """An issuer as a `Profile`."""
    address = {"type": ["Address"], "addressCountryCode": of.country} if of.country else None
    return _without_empty(
        {
            "id": of.id,
            "type": ["Profile"],
            "name": text(of.name),
            "url": of.url,
            "description": text(of.description),
            "email": of.email,
            "image": _image(of.image),
            "address": address,
        }
    )


def achievement(of: Achievement) -> Json:
    """What can be earned, as an `Achievement`."""
    return _without_empty(
        {
            "id": of.id,
            "type": ["Achievement"],
            "achievementType": "MicroCredential",
            "name": text(of.name),
            "description": text(of.description),
            "criteria": {"narrative": text(of.narrative)},
            "image": _image(of.image),
            "creator": profile(of.creator),
            "humanCode": text(of.human_code),
            "inLanguage": of.language,
            "version": of.version,
            "creditsAvailable": _number(of.credits),
            "tag": list(dict.fromkeys(text(tag) for tag in of.tags)),
            "alignment": _each_once(_alignment(one) for one in of.alignments),
            "resultDescription": [_result_description(one) for one in of.result_descriptions],
        }
    )


def status_list(
    *, url: str, issuer_id: str, encoded: str, valid_from: datetime, valid_until: datetime
) -> Json:
    """
    A `BitstringStatusListCredential` without a proof.

    Bitstring Status List v1.0, https://www.w3.org/TR/vc-bitstring-status-list/.
    """
    return {
        "@context": [CONTEXTS[0]],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer_id,
        "validFrom": instant(valid_from),
        "validUntil": instant(valid_until),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded,
        },
    }


def did_document(*, did: str, keys: Iterable[Mapping[str, Any]]) -> Json:
    """
    The DID document of an issuer.

    `keys` are verification methods, each with the absolute id under which documents name it; what
    signs assertions is listed by these ids (Decentralized Identifiers v1.0).
    """
    methods = [{**key, "controller": did} for key in keys]
    return {
        "@context": [
            "https://www.w3.org/ns/did/v1",
            "https://w3id.org/security/multikey/v1",
            "https://w3id.org/security/suites/jws-2020/v1",
        ],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def identity_hash(identifier: str, salt: str) -> str:
    """What stands for an identifier that nobody is to read: `IdentityObject.identityHash`."""
    return f"sha256${sha256(f'{identifier}{salt}'.encode()).hexdigest()}"


def instant(at: datetime) -> str:
    """An instant in UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def text(value: str) -> str:
    """A text without the characters that are none."""
    return _CONTROL.sub("", value)


def _identifiers(of: Recipient) -> list[Json]:
    if not of.email:
        return []
    return [
        {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": identity_hash(of.email, of.salt),
            "identityType": "emailAddress",
            "salt": of.salt,
        }
    ]


def _alignment(of: Alignment) -> Json:
    return _without_empty(
        {
            "type": ["Alignment"],
            "targetName": text(of.name),
            "targetUrl": of.url,
            "targetType": of.type,
            "targetFramework": text(of.framework),
            "targetCode": text(of.code),
        }
    )


def _result_description(of: ResultDescription) -> Json:
    return _without_empty(
        {
            "id": of.id,
            "type": ["ResultDescription"],
            "name": text(of.name),
            "resultType": of.type,
            "valueMin": of.lowest,
            "valueMax": of.highest,
            "requiredValue": of.required,
        }
    )


def _result(of: Result) -> Json:
    return _without_empty(
        {
            "type": ["Result"],
            "resultDescription": of.description,
            "value": of.value,
            "status": of.status,
        }
    )


def _evidence(of: Evidence) -> Json:
    return _without_empty(
        {
            "id": of.id,
            "type": ["Evidence"],
            "name": text(of.name),
            "narrative": text(of.narrative),
            "genre": text(of.genre),
        }
    )


def _image(url: str) -> Json | None:
    return {"id": url, "type": "Image"} if url else None


def _number(value: Decimal | None) -> float | int | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _each_once(found: Iterable[Json]) -> list[Json]:
    """
    What is the same stands once.

    Nodes without an id that can't be told apart take a time that grows with their factorial to
    canonicalise (RDF Dataset Canonicalization, section 7.1).
    """
    once: list[Json] = []
    for one in found:
        if one not in once:
            once.append(one)
    return once


def _without_empty(data: Json) -> Json:
    return {name: value for name, value in data.items() if value not in (None, "", [], {})}
