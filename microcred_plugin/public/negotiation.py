"""Whether a page is asked for by a person or by a program."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

# What wallets and verifiers ask for (Open Badges 3.0; Verifiable Credentials Data Model v2.0,
# section 6.3), and what programs say that know nothing of these.
_JSON = ("application/vc+ld+json", "application/vc", "application/ld+json", "application/json")


def prefers_json(request: HttpRequest) -> bool:
    """
    Whether JSON is asked for rather than a page (RFC 9110, section 12.5.1).

    Who asks for anything gets the page; of two that are wanted as much, what is named counts more.
    """
    wanted = list(_wanted(request.headers.get("Accept", "")))
    page = _rank("text/html", wanted)
    return max(_rank(kind, wanted) for kind in _JSON) > page


def _wanted(header: str) -> Iterable[tuple[str, float]]:
    for part in header.split(","):
        kind, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        try:
            yield kind, min(1.0, max(0.0, float(quality)))
        except ValueError:
            continue


def _rank(kind: str, wanted: Iterable[tuple[str, float]]) -> tuple[float, int]:
    """How much a type is wanted, and how exactly it is named: 2, 1, or 0 where any will do."""
    named = {kind: 2, f"{kind.partition('/')[0]}/*": 1, "*/*": 0}
    found = [(named[one], quality) for one, quality in wanted if one in named]
    if not found:
        return (0.0, -1)
    exactness, quality = max(found)
    return (quality, exactness) if quality else (0.0, -1)
