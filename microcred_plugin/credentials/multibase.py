"""Multibase (W3C Controlled Identifiers 1.0, section 2.4): bytes as text that says its own base."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
# Two digits at a time: half as many divisions of a large number.
_PAIRS = [first + second for first in _ALPHABET for second in _ALPHABET]
_BASE64URL = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def base58btc(data: bytes) -> str:
    """The bytes in base 58 with Bitcoin's alphabet, with its prefix `z`."""
    number = int.from_bytes(data)
    pairs = []
    while number:
        number, pair = divmod(number, 58 * 58)
        pairs.append(_PAIRS[pair])
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + "1" * zeros + "".join(reversed(pairs)).lstrip("1")


def from_base58btc(text: str, *, length: int) -> bytes:
    """The `length` bytes that a text with the prefix `z` stands for; ValueError for any other."""
    # A byte takes 1.37 digits: what is longer is none of these, and would take long to read.
    if not text.startswith("z") or len(text) > 2 * length + 1:
        raise ValueError("This is not base58btc of the length that it has to have.")
    number = 0
    for letter in text[1:]:
        if letter not in _VALUES:
            raise ValueError("This has letters that base58btc does not have.")
        number = number * 58 + _VALUES[letter]
    try:
        data = number.to_bytes(length)
    except OverflowError as error:
        raise ValueError("This stands for more bytes than it has to.") from error
    if base58btc(data) != text:
        raise ValueError("This stands for fewer bytes than it has to.")
    return data


def base64url(data: bytes) -> str:
    """The bytes in base64url without padding (RFC 4648, section 5), without a prefix."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The bytes that base64url without padding stands for; ValueError for what is not that."""
    # Python's decoder skips letters that are not in the alphabet.
    if not _BASE64URL.issuperset(text):
        raise ValueError("This has letters that base64url does not have.")
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
