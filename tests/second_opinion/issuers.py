"""Issuers with their keys, what they publish, and the documents that they sign."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from microcred_plugin.credentials.keys import generate_rsa, thumbprint, to_jwk, to_multikey
from microcred_plugin.credentials.signing import Sign, sign_document, sign_jwt
from microcred_plugin.credentials.status_list import SIZE, encode
from microcred_plugin.credentials.terms import CREDENTIALS_V2, OPEN_BADGES_V3

Json = dict[str, Any]
Served = dict[str, Json]

SITE = "https://lms.example/microcredentials"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
CONTEXTS = [CREDENTIALS_V2, OPEN_BADGES_V3]


def stamp(moment: datetime) -> str:
    """An instant as documents have it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def page(body: Any, content_type: str = "application/json", status: int = 200) -> Json:
    """What is served at an address. A body that is not a string stands for its JSON."""
    return {"status": status, "content_type": content_type, "body": body}


@dataclass(frozen=True)
class Issuer:
    """An issuer, who has an Ed25519 key, one from before it, and an RSA key for JWTs."""

    slug: str
    name: str

    @property
    def url(self) -> str:
        return f"{SITE}/issuers/{self.slug}"

    @property
    def did(self) -> str:
        return f"did:web:lms.example:microcredentials:issuers:{self.slug}"

    @cached_property
    def key(self) -> Key:
        return Key(self.did, Ed25519PrivateKey.from_private_bytes(self._seed("key")))

    @cached_property
    def old_key(self) -> Key:
        return Key(self.did, Ed25519PrivateKey.from_private_bytes(self._seed("old key")))

    @cached_property
    def token_key(self) -> TokenKey:
        return TokenKey(self, generate_rsa())

    def _seed(self, purpose: str) -> bytes:
        return hashlib.sha256(f"{self.slug} {purpose}".encode()).digest()

    def did_document(self) -> Json:
        methods = [self.key.method(), self.old_key.method(), self.token_key.method()]
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
            "id": self.did,
            "verificationMethod": methods,
            "assertionMethod": [method["id"] for method in methods],
        }

    def served(self) -> Served:
        """All of this issuer's that verifiers may ask for."""
        return {
            f"{self.url}/did.json": page(self.did_document(), "application/did+json"),
            self.token_key.url: page(self.token_key.jwk(), "application/jwk+json"),
            self.list_url(): self.list_page(self.sign(self.status_list())),
            self.list_url(2): self.list_page(self.sign(self.status_list(2))),
        }

    def list_url(self, number: int = 1) -> str:
        return f"{self.url}/status/{number}"

    @staticmethod
    def list_page(status_list: Any) -> Json:
        return page(status_list, "application/vc+ld+json")

    def status_list(
        self, number: int = 1, *, revoked: Iterable[int] = (), size: int = SIZE
    ) -> Json:
        """A status list, not signed yet. In all of them some others' bit is set."""
        others = [index for index in (7, 4243, 100_000) if index < size]
        return {
            "@context": [CREDENTIALS_V2],
            "id": self.list_url(number),
            "type": ["VerifiableCredential", "BitstringStatusListCredential"],
            "issuer": self.did,
            "validFrom": stamp(NOW - timedelta(hours=1)),
            "validUntil": stamp(NOW + timedelta(days=7)),
            "credentialSubject": {
                "id": f"{self.list_url(number)}#list",
                "type": "BitstringStatusList",
                "statusPurpose": "revocation",
                "encodedList": encode([*others, *revoked], size=size),
            },
        }

    def sign(self, document: Json, key: Key | None = None) -> Json:
        """The document with a proof of this issuer's, or of that key."""
        key = key or self.key
        return sign_document(
            document, verification_method=key.id, created=NOW - timedelta(days=2), sign=key.sign
        )

    def token(self, document: Json) -> str:
        """The document as a JWT of this issuer's."""
        return sign_jwt(document, key_id=self.token_key.url, sign=self.token_key.sign)

    def badge(self, *, index: int = 4242) -> Json:
        """A badge with all that a badge may have, not signed yet."""
        microcredential = f"{SITE}/m/9d5b0f0e-8a4a-4d0b-a3f1-58a0c6ab1b11/"
        return self._credential(index) | {
            "name": "Sjøfart og bærekraft",
            "validUntil": stamp(NOW + timedelta(days=365)),
            "awardedDate": stamp(NOW - timedelta(days=30)),
            "credentialSubject": {
                "id": "urn:uuid:5b3ef2f4-6f6a-4c0c-9a41-0f6a55f0b1a7",
                "type": ["AchievementSubject"],
                "identifier": [identifier("ragnhild@example.com", "7f1e7a52")],
                "achievement": {
                    "id": microcredential,
                    "type": ["Achievement"],
                    "achievementType": "MicroCredential",
                    "name": "Sjøfart og bærekraft",
                    "description": "Three courses, ≥ 60 % in each — “grønn skipsfart”.",
                    "criteria": {"narrative": "Pass *all* of:\n\n1. Navigation\n2. Green fuels"},
                    "image": {
                        "id": f"{microcredential}badge.png",
                        "type": "Image",
                        "caption": "A ship",
                    },
                    "inLanguage": "nb",
                    "tag": ["sea", "climate"],
                    "creditsAvailable": 5,
                    "alignment": [
                        {
                            "type": ["Alignment"],
                            "targetName": "EQF level 6",
                            "targetUrl": "http://data.europa.eu/snb/eqf/6",
                            "targetType": "ext:EQF",
                            "targetFramework": "European Qualifications Framework",
                        }
                    ],
                    "resultDescription": [
                        {
                            "id": f"{microcredential}#score",
                            "type": ["ResultDescription"],
                            "name": "Score",
                            "resultType": "Percent",
                            "valueMin": "0",
                            "valueMax": "100",
                            "requiredValue": "60",
                        }
                    ],
                },
                "result": [
                    {
                        "type": ["Result"],
                        "resultDescription": f"{microcredential}#score",
                        "value": "87.5",
                    }
                ],
                "creditsEarned": 2.5,
            },
            "evidence": [
                {
                    "id": f"{SITE}/m/1c1c1b70-7d43-4a4f-9d1b-0f4b9f7e3f10/",
                    "type": ["Evidence"],
                    "name": "Navigation",
                    "narrative": "Passed with 91 %.",
                }
            ],
        }

    def plain_badge(self, *, index: int = 4244) -> Json:
        """A badge with nothing that a badge need not have."""
        return self._credential(index) | {
            "credentialSubject": {
                "id": "urn:uuid:2c1b7f60-4a0c-4b86-8e2c-7a7ffb0a2f55",
                "type": ["AchievementSubject"],
                "achievement": {
                    "id": f"{SITE}/m/0b3c3c58-58d3-4f6e-9c55-5b1f2f7b6f07/",
                    "type": ["Achievement"],
                    "name": "Green fuels",
                    "description": "One course.",
                    "criteria": {"narrative": "Pass the course."},
                },
            },
        }

    def _credential(self, index: int) -> Json:
        return {
            "@context": CONTEXTS,
            "id": f"{SITE}/awards/00000000-0000-4000-8000-{index:012}",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "issuer": {
                "id": self.did,
                "type": ["Profile"],
                "name": self.name,
                "url": "https://nordu.example/",
                "address": {"type": ["Address"], "addressCountryCode": "NO"},
            },
            "validFrom": stamp(NOW - timedelta(days=2)),
            "credentialStatus": self.entry(index),
        }

    def entry(self, index: int, number: int = 1) -> Json:
        """The place of a credential in a status list."""
        return {
            "id": f"{self.list_url(number)}#{index}",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": str(index),
            "statusListCredential": self.list_url(number),
        }


@dataclass(frozen=True)
class Key:
    """An Ed25519 key that signs documents, and its place in did.json."""

    did: str
    private: Ed25519PrivateKey = field(repr=False)

    @property
    def multibase(self) -> str:
        return to_multikey(self.private.public_key())

    @property
    def id(self) -> str:
        return f"{self.did}#{self.multibase}"

    @property
    def sign(self) -> Sign:
        return self.private.sign

    def method(self) -> Json:
        return {
            "id": self.id,
            "type": "Multikey",
            "controller": self.did,
            "publicKeyMultibase": self.multibase,
        }


@dataclass(frozen=True)
class TokenKey:
    """An RSA key that signs JWTs: a JWK at an address of its own, and in did.json."""

    issuer: Issuer
    private: rsa.RSAPrivateKey = field(repr=False)

    @property
    def url(self) -> str:
        return f"{self.issuer.url}/keys/{self.thumbprint}"

    @property
    def thumbprint(self) -> str:
        return thumbprint(self.jwk())

    def jwk(self) -> Json:
        return to_jwk(self.private.public_key())

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def method(self) -> Json:
        return {
            "id": f"{self.issuer.did}#{self.thumbprint}",
            "type": "JsonWebKey",
            "controller": self.issuer.did,
            "publicKeyJwk": self.jwk(),
        }


def identifier(email: str, salt: str) -> Json:
    """Whose badge it is, for who knows the address."""
    return {
        "type": "IdentityObject",
        "hashed": True,
        "identityHash": "sha256$" + hashlib.sha256((email + salt).encode()).hexdigest(),
        "identityType": "emailAddress",
        "salt": salt,
    }
