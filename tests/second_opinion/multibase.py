"""The base58btc that multibase strings are written in."""

from __future__ import annotations

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(content: bytes) -> str:
    """The bytes in base58btc, without multibase's `z`."""
    number, digits = int.from_bytes(content, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        digits = _ALPHABET[digit] + digits
    return "1" * (len(content) - len(content.lstrip(b"\0"))) + digits
