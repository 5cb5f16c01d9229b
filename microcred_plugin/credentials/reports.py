"""What a verification comes to: each check with what it saw, and a verdict on all of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Seen(Enum):
    """What a check saw."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"  # it could not be checked here


class Verdict(Enum):
    """What all of it comes to."""

    VALID = "valid"
    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_YET = "not_yet"
    OTHER_PERSON = "other_person"  # it holds, and is not about whom it was said to be about
    INVALID = "invalid"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Check:
    """
    One check: what was asked ("structure", "issuer", …), what was seen, and a sentence on it.

    `detail` is for those who build such things: what exactly was wrong, in English.
    """

    of: str
    seen: Seen
    said: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the document itself says, for whoever reads it. None of it is checked by being here."""

    name: str
    issuer_id: str
    issuer_name: str
    achievement: str
    achievement_url: str
    valid_from: str
    valid_until: str


@dataclass(frozen=True, slots=True)
class Report:
    """What came of it; `told` is None where nothing could be read."""

    verdict: Verdict
    checks: tuple[Check, ...]
    told: Told | None = None


class Stop(Exception):
    """A check that the rest depends on did not come out well."""

    def __init__(self, seen: Seen, said: str, detail: object = "") -> None:
        super().__init__(said)
        self.seen, self.said, self.detail = seen, said, str(detail)[:500]
