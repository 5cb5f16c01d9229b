"""Badges to draw, and what can be read from their drawings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from struct import unpack
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree
from zlib import decompress

from microcred_plugin.artwork import Badge, draw

__all__ = ["SVG", "Pixels", "badge", "decoded", "draw", "texts", "title", "without_texts"]

SVG = "{http://www.w3.org/2000/svg}"


def badge(name: str = "data-literacy", **fields: Any) -> Badge:
    """A badge whose key is made from a name."""
    told = {"title": "Data Literacy", "organization": "NordU", **fields}
    return Badge(key=str(uuid5(NAMESPACE_URL, name)), **told)


def texts(svg: str) -> list[str]:
    """The lines of text, without the marks for their direction."""
    lines = (element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    return [line.strip("\u202b\u202c") for line in lines]


def without_texts(svg: str) -> str:
    return re.sub(r"<text.*?</text>", "", svg)


def title(svg: str) -> str:
    found = re.search("<title>(.*?)</title>", svg)
    assert found
    return unescape(found[1])


@dataclass(frozen=True, slots=True)
class Pixels:
    """A decoded PNG: `rows` of (red, green, blue, alpha)."""

    size: tuple[int, int]
    rows: tuple[tuple[tuple[int, ...], ...], ...]

    def different(self, other: Pixels) -> list[tuple[int, int]]:
        """Where the two differ so much that it is seen, as (x, y)."""
        return [
            (x, y)
            for y, (row, others) in enumerate(zip(self.rows, other.rows, strict=True))
            for x, (one, another) in enumerate(zip(row, others, strict=True))
            if sum(abs(a - b) for a, b in zip(one, another, strict=True)) > 60
        ]


def decoded(png: bytes) -> Pixels:
    """A PNG with 8 bits of red, green, blue and alpha each, not interlaced."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks = list(_chunks(png))
    width, height, *form = unpack(">IIBBBBB", chunks[0][1])
    assert form == [8, 6, 0, 0, 0]
    data = decompress(b"".join(content for kind, content in chunks if kind == b"IDAT"))
    stride = 4 * width
    before = bytearray(stride)
    rows = []
    for at in range(0, len(data), stride + 1):
        before = _unfiltered(data[at], data[at + 1 : at + 1 + stride], before)
        rows.append(tuple(tuple(before[x : x + 4]) for x in range(0, stride, 4)))
    assert len(rows) == height
    return Pixels((width, height), tuple(rows))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        length, kind = unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += length + 12


def _unfiltered(form: int, line: bytes, above: bytearray) -> bytearray:
    """A row as it is, from what it differs by: PNG specification, "Filtering"."""
    row = bytearray(line)
    for at, value in enumerate(line):
        left = row[at - 4] if at >= 4 else 0
        up, corner = above[at], above[at - 4] if at >= 4 else 0
        guess = left + up - corner
        paeth = min((left, up, corner), key=lambda near: abs(guess - near))
        row[at] = (value + (0, left, up, (left + up) // 2, paeth)[form]) % 256
    return row
