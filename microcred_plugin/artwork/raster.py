"""
A badge as a PNG, for viewers that take no SVG.

The texts are set in a font that comes with the package (`fonts/`), so that they look the same on
every server, also on one without any font. What that font has no letter for, as for Chinese, is
set in a font of the server's, if it has one.
"""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from html import unescape
from pathlib import Path
from struct import iter_unpack, unpack_from

from resvg_py import svg_to_bytes

SMALLEST, LARGEST = 16, 1024

_FONT = Path(__file__).parent / "fonts" / "DejaVuSans-Bold.ttf"
_FAMILY = "DejaVu Sans"


def png(svg: str, size: int) -> bytes:
    """
    The drawing as a square PNG with a transparent ground; `size` is the length of its side.

    Media queries mean nothing to the renderer: the drawing must hold one rendition only. Raises
    ValueError for a size outside 16 to 1024, and for what is no SVG. Where the server's fonts are
    needed, all of them are read, which may take seconds if it has hundreds.
    """
    if not SMALLEST <= size <= LARGEST:
        raise ValueError(f"The size must be from {SMALLEST} to {LARGEST}; it is {size}.")
    return svg_to_bytes(
        svg_string=svg,
        width=size,
        height=size,
        font_files=[str(_FONT)],
        font_family=_FAMILY,
        sans_serif_family=_FAMILY,
        style_sheet=f"svg {{ font-family: '{_FAMILY}' }}",
        skip_system_fonts=_is_covered(svg),
    )


def _is_covered(svg: str) -> bool:
    """Whether the package's font has all letters of the drawing's texts."""
    texts = unescape("".join(re.findall(r"</?t(?:ext|span)[^>]*>([^<]*)", svg)))
    return all(ord(character) in _letters() for character in texts)


@cache
def _letters() -> frozenset[int]:
    return frozenset(_mapped(_FONT.read_bytes()))


def _mapped(font: bytes) -> Iterator[int]:
    """
    The characters that a font has a glyph for: what its `cmap` table says, in format 12.

    OpenType specification, "cmap": segmented coverage, groups of first, last, and first glyph.
    """
    (count,) = unpack_from(">H", font, 4)
    tables = {font[at : at + 4]: at for at in range(12, 12 + 16 * count, 16)}
    (table,) = unpack_from(">I", font, tables[b"cmap"] + 8)
    (subtables,) = unpack_from(">H", font, table + 2)
    for at in range(table + 4, table + 4 + 8 * subtables, 8):
        (offset,) = unpack_from(">I", font, at + 4)
        form, _, length = unpack_from(">HHI", font, table + offset)
        if form == 12:
            groups = font[table + offset + 16 : table + offset + length]
            for first, last, _glyph in iter_unpack(">III", groups):
                yield from range(first, last + 1)


def _main() -> None:
    """
    As a process of its own: standard input is drawn on standard output.

    `foreign.py` starts it by its path, so that nothing else is imported; with the size, and how
    many seconds of processor time and bytes of memory it may take.
    """
    size, seconds, most_bytes = map(int, sys.argv[1:])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(ValueError, OSError):  # macOS has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    sys.stdout.buffer.write(png(sys.stdin.buffer.read().decode(), size))


if __name__ == "__main__":
    _main()
