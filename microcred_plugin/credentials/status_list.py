"""
Bitstring status lists (W3C Bitstring Status List 1.0, section 3): which credentials are revoked.

One bit each; index 0 is the left-most one. Compressed by gzip and written in base64url with the
multibase prefix `u`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from microcred_plugin.credentials.errors import NotAStatusList
from microcred_plugin.credentials.multibase import base64url, from_base64url

# The fewest entries that a list may have, so that an index tells little of who it belongs to.
SIZE = 131_072
MOST_BYTES = 8 * 1024 * 1024
# zlib: a gzip header, and 15 bits of window.
_GZIP = 31


def encode(indexes: Iterable[int], *, size: int = SIZE) -> str:
    """
    The list of `size` entries, with the bits of these indexes set: the same for the same ones.

    Raises `NotAStatusList` for an index that is not from 0 to `size`, and for a size that is no
    multiple of 8.
    """
    if size % 8:
        raise NotAStatusList("The number of entries has to be a multiple of 8.")
    bits = bytearray(size // 8)
    for index in indexes:
        if not 0 <= index < size:
            raise NotAStatusList(f"There is no index {index} in a list of {size}.")
        bits[index // 8] |= 0x80 >> index % 8
    # Not by the gzip module, which writes the time unless told not to.
    packing = zlib.compressobj(level=9, wbits=_GZIP)
    return "u" + base64url(packing.compress(bytes(bits)) + packing.flush())


def decode(text: str, *, most_bytes: int = MOST_BYTES) -> bytes:
    """
    The bits of a list, 8 a byte. Raises `NotAStatusList`.

    Unpacks no more than `most_bytes`, and takes no more text than would be that long unpacked.
    """
    if not text.startswith("u") or len(text) > 2 * most_bytes:
        raise NotAStatusList("This is no list in base64url, or it is too long.")
    unpacking = zlib.decompressobj(wbits=_GZIP)
    try:
        bits = unpacking.decompress(from_base64url(text[1:]), most_bytes + 1)
    except (ValueError, zlib.error) as error:
        raise NotAStatusList(f"The list can't be unpacked: {error}") from error
    if len(bits) > most_bytes:
        raise NotAStatusList(f"The list has more than {most_bytes} bytes.")
    if not unpacking.eof or unpacking.unused_data:
        raise NotAStatusList("The list ends too early, or something comes after it.")
    return bits


def is_set(bits: bytes, index: int) -> bool:
    """Whether the entry's bit is set. Raises `NotAStatusList` if there is no such entry."""
    if not 0 <= index < len(bits) * 8:
        raise NotAStatusList(f"There is no index {index} in a list of {len(bits) * 8}.")
    return bool(bits[index // 8] & 0x80 >> index % 8)
