"""
A credential inside a PNG (Open Badges 3.0, section 5.3): one iTXt chunk, not compressed.

Chunks are taken apart by hand, since Pillow would draw the picture anew, gives texts that were
unpacked already, and says nothing of a text that is there twice. The picture itself is not looked
at.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from microcred_plugin.credentials.errors import NotBaked

KEYWORD = "openbadgecredential"
MOST_BYTES = 16 * 1024 * 1024
MOST_TEXT_BYTES = 4 * 1024 * 1024

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_MOST_CHUNKS = 10_000
_UINT = Struct(">I")
# After the keyword: not compressed, by no method, in no language, with no other keyword.
_PLAIN = b"\0\0\0\0\0"


@dataclass(frozen=True, slots=True)
class _Chunk:
    kind: bytes
    data: bytes

    @property
    def keyword(self) -> bytes | None:
        """What a text is about; None for whatever is no text."""
        if self.kind not in (b"tEXt", b"zTXt", b"iTXt"):
            return None
        return self.data.partition(b"\0")[0]


def bake(png: bytes, text: str) -> bytes:
    """
    The picture with the credential inside, JSON or a compact JWS, in place of one that was there.

    Raises `NotBaked` for what is no PNG, and for a text that is empty or too long.
    """
    data = text.encode()
    if not 0 < len(data) <= MOST_TEXT_BYTES:
        raise NotBaked("The credential is empty, or too long.")
    keyword = KEYWORD.encode()
    baked = _Chunk(b"iTXt", keyword + _PLAIN + data)
    chunks = [chunk for chunk in _chunks(png) if chunk.keyword != keyword]
    return _SIGNATURE + b"".join(map(_written, (chunks[0], baked, *chunks[1:])))


def unbake(png: bytes) -> str | None:
    """
    The credential that the picture holds; None if it holds none.

    Raises `NotBaked` for what is no PNG, for several credentials, and for one that is not held as
    it has to be. Nothing is unpacked.
    """
    keyword = KEYWORD.encode()
    found = [chunk for chunk in _chunks(png) if chunk.keyword == keyword]
    if not found:
        return None
    if len(found) > 1:
        raise NotBaked("The picture holds more than one credential.")
    chunk = found[0]
    rest = chunk.data[len(keyword) :]
    if chunk.kind != b"iTXt" or rest[1:2] != b"\0":
        raise NotBaked("The credential is not in an iTXt chunk, or it is compressed.")
    # A language, another keyword, and then the text.
    parts = rest[3:].split(b"\0", 2)
    if len(parts) != 3 or len(parts[2]) > MOST_TEXT_BYTES:
        raise NotBaked("The credential's chunk is cut short, or the credential is too long.")
    try:
        return parts[2].decode()
    except UnicodeDecodeError as error:
        raise NotBaked("The credential is no text in UTF-8.") from error


def _chunks(png: bytes) -> Iterator[_Chunk]:
    """The parts of the picture (PNG specification, section 5.3), from IHDR to IEND, checked."""
    if not png.startswith(_SIGNATURE) or len(png) > MOST_BYTES:
        raise NotBaked("This is no PNG, or it is too large.")
    at = len(_SIGNATURE)
    for number in range(_MOST_CHUNKS):
        if at + 12 > len(png):
            raise NotBaked("The picture is cut short.")
        (length,) = _UINT.unpack_from(png, at)
        end = at + 12 + length
        if end > len(png):
            raise NotBaked("The picture is cut short.")
        chunk = _Chunk(png[at + 4 : at + 8], png[at + 8 : end - 4])
        if _UINT.unpack_from(png, end - 4) != (zlib.crc32(png[at + 4 : end - 4]),):
            raise NotBaked("A part of the picture has a wrong checksum.")
        if (number == 0) != (chunk.kind == b"IHDR"):
            raise NotBaked("The picture does not begin as it has to.")
        yield chunk
        if chunk.kind == b"IEND":
            return
        at = end
    raise NotBaked("The picture has too many parts.")


def _written(chunk: _Chunk) -> bytes:
    body = chunk.kind + chunk.data
    return _UINT.pack(len(chunk.data)) + body + _UINT.pack(zlib.crc32(body))
