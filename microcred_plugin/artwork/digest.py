"""Choices that look random and are always the same for the same text."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


class Digest:
    """A supply of choices that a text decides on; each choice uses some of it up."""

    def __init__(self, text: str) -> None:
        # A lone surrogate has no UTF-8, but is a text as well.
        data = sha256(text.encode("utf-8", "surrogatepass")).digest()
        self.name = data.hex()[:8]
        self._rest = int.from_bytes(data, "big")

    def choice(self, options: Sequence[T]) -> T:
        self._rest, at = divmod(self._rest, len(options))
        return options[at]
