"""What can be wrong with a credential that is signed, read or verified."""

from __future__ import annotations


class NotCanonical(Exception):
    """
    A document that this package has no canonical form for: not that it is forged, or wrong.

    `path` is where, as in `credentialSubject.achievement.alignment[0]`; the document itself is "".
    """

    def __init__(self, reason: str, path: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self.path else self.reason

    def within(self, part: str | int) -> None:
        """What is wrong is in this part: a key, or a place in an array."""
        here = f"[{part}]" if isinstance(part, int) else part[:80]
        dot = "." if self.path and not self.path.startswith("[") else ""
        self.path = f"{here}{dot}{self.path}"


class UnknownTerm(NotCanonical):
    """A key or a type that is not in the table of terms: JSON-LD would drop it silently."""

    def __init__(self, term: str, path: str = "") -> None:
        super().__init__(f"{term[:200]!r} is not a term that is known here", path)
        self.term = term


class UnknownContext(NotCanonical):
    """A JSON-LD context that is not one of those whose terms are in the table."""


class UnfitValue(NotCanonical):
    """A value that has no form in RDF, or none that all software agrees on."""


class TooComplex(NotCanonical):
    """A document that is larger, deeper, or takes longer to canonicalise, than it may."""


class NotJson(Exception):
    """Bytes that are not JSON as everybody reads it alike."""


class InvalidProof(Exception):
    """A signature that does not hold, or that is not made as it has to be; says why."""


class NotAStatusList(Exception):
    """A status list that can't be read, or an index that it does not have."""


class NotBaked(Exception):
    """A picture that is none, or that holds a credential in a way that it must not."""
