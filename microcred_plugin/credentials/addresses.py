"""
Where everything is that a credential points to: addresses that have to last.

They begin with the address that an issuer had when it was made, and are put together here, since
Studio and workers have no routes of the LMS. A test holds them against the routes.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit
from uuid import UUID


def did(base_url: str, slug: str) -> str:
    """The issuer's decentralized identifier: did:web, with its document below the base address."""
    parts = urlsplit(base_url)
    path = [one for one in parts.path.split("/") if one]
    # did:web method specification, "Method-specific identifier": a port's colon is encoded.
    return ":".join(["did", "web", quote(parts.netloc, safe=""), *path, "issuers", slug])


def issuer_url(base_url: str, slug: str) -> str:
    """The page of an issuer."""
    return f"{base_url}/issuers/{slug}/"


def logo_url(base_url: str, slug: str) -> str:
    """The issuer's logo, as PNG or SVG."""
    return f"{issuer_url(base_url, slug)}logo"


def key_url(base_url: str, slug: str, name: str) -> str:
    """An RSA key as a JWK, by its thumbprint."""
    return f"{issuer_url(base_url, slug)}keys/{name}"


def status_list_url(base_url: str, slug: str, number: int) -> str:
    """A status list as a signed credential."""
    return f"{issuer_url(base_url, slug)}status/{number}"


def microcredential_url(base_url: str, uuid: UUID) -> str:
    """A microcredential: the id of the achievement, the same for all who earn it."""
    return f"{base_url}/m/{uuid}/"


def badge_url(base_url: str, uuid: UUID, number: int) -> str:
    """The badge of a version, as PNG."""
    return f"{microcredential_url(base_url, uuid)}{number}/badge.png"


def award_url(base_url: str, uuid: UUID) -> str:
    """An award: the id of its credential."""
    return f"{base_url}/awards/{uuid}"


def profile_url(base_url: str, share_id: UUID) -> str:
    """A learner's public profile."""
    return f"{base_url}/people/{share_id}/"
