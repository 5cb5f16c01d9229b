"""Text that is fitted into a round, in as large a size as there is room for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt

from microcred_plugin.artwork.characters import characters, has_case, is_wide, width

ELLIPSIS = "…"
_DASHES = "-\u2013\u2014"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `y` is its middle, seen from the middle of the round."""

    text: str
    y: float


@dataclass(frozen=True, slots=True)
class Block:
    size: float
    lines: tuple[Line, ...]

    @property
    def breaks(self) -> int:
        return sum(line.text.endswith("-") for line in self.lines)


@dataclass(frozen=True, slots=True)
class Room:
    """What a round of this radius leaves for text between two heights, seen from its middle."""

    radius: float
    top: float
    bottom: float

    def width_at(self, y: float, size: float) -> float:
        return chord(self.radius, y, size)


def chord(radius: float, y: float, size: float) -> float:
    """The width that a round has for a line of text of this size, the line's middle at `y`."""
    reach = abs(y) + size * 0.42
    return 2 * sqrt(max(radius**2 - reach**2, 0.0))


_LEADING = 1.16
_MOST_LINES = 4
_SHORTEST_PART = 5
_SIZES = tuple(range(96, 29, -1))
_SIZES_WITH_BREAKS = tuple(range(38, 25, -1))
# Fewer lines are chosen for this loss of size: "for" alone on a line is not.
_WORTH = 0.84


def fit(text: str, room: Room) -> Block:
    """
    The text in as large a size as the room has, on up to four lines.

    Words are kept whole where a legible size lets them; what is too long even so, ends in "…".
    """
    words = tuple(_words(text))
    if not words:
        return Block(_SIZES[0], ())
    whole = [block for count in range(1, _MOST_LINES + 1) if (block := _whole(words, count, room))]
    if whole:
        largest = max(block.size for block in whole)
        return next(block for block in whole if block.size >= largest * _WORTH)
    broken = [block for size in _SIZES_WITH_BREAKS if (block := _broken_up(words, size, room))]
    if broken:
        return min(broken, key=lambda block: block.breaks)
    return _cut(words, _SIZES_WITH_BREAKS[-1], room)


def shortened(text: str, room: float, size: float) -> str:
    """The text, or as much of its beginning as there is room for, and "…"."""
    if width(text, size) <= room:
        return text
    kept = list(characters(text.removesuffix(ELLIPSIS)))
    while kept and width("".join(kept).rstrip() + ELLIPSIS, size) > room:
        kept.pop()
    return "".join(kept).rstrip(" ,;:." + _DASHES) + ELLIPSIS


# Where a compound may be broken: after its hyphen, if there is something before it.
_COMPOUND = re.compile(rf"\w\w[{_DASHES}/]$")


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    is_after_space: bool


def _words(text: str) -> Iterator[_Word]:
    """The pieces between which a line may end: words, parts of compounds, single ideographs."""
    for word in text.split():
        is_after_space = True
        piece = ""
        for character in characters(word):
            is_closing = unicodedata.category(character[0]) in ("Pe", "Pf", "Po")
            is_free = is_wide(character) or (piece and is_wide(piece[-1]))
            if piece and not is_closing and (is_free or _COMPOUND.search(piece)):
                yield _Word(piece, is_after_space)
                piece, is_after_space = "", False
            piece += character
        yield _Word(piece, is_after_space)


def _most_lines(size: float, room: Room) -> int:
    return min(_MOST_LINES, int((room.bottom - room.top) / (size * _LEADING)))


def _places(count: int, size: float, room: Room) -> tuple[float, ...]:
    """Where the middles of lines are, so that all of them are in the middle of the room."""
    middle = (room.top + room.bottom) / 2
    return tuple(middle + (at - (count - 1) / 2) * size * _LEADING for at in range(count))


def _widths(count: int, size: float, room: Room) -> tuple[float, ...]:
    return tuple(room.width_at(y, size) for y in _places(count, size, room))


def _whole(words: Sequence[_Word], count: int, room: Room) -> Block | None:
    """The words on so many lines, as large as can be; None if they do not fit."""
    for size in _SIZES:
        if count > _most_lines(size, room):
            continue
        widths = _widths(count, size, room)
        lines, rest = _filled(words, widths, size, may_break=False)
        if not rest and len(lines) == count:
            return _block(size, _balanced(words, widths, size, lines), room)
    return None


def _broken_up(words: Sequence[_Word], size: float, room: Room) -> Block | None:
    """The words at this size, those in parts that are too long for a line; None if too many."""
    for count in range(1, _most_lines(size, room) + 1):
        lines, rest = _filled(words, _widths(count, size, room), size, may_break=True)
        if not rest and len(lines) == count:
            return _block(size, lines, room)
    return None


def _cut(words: Sequence[_Word], size: float, room: Room) -> Block:
    """As many of the words as there is room for, and "…"."""
    for count in range(_most_lines(size, room), 0, -1):
        widths = _widths(count, size, room)
        lines, _rest = _filled(words, widths, size, may_break=True)
        if len(lines) == count:
            last = shortened(lines[-1] + ELLIPSIS, widths[-1], size)
            return _block(size, (*lines[:-1], last), room)
    return _block(size, (ELLIPSIS,), room)


def _block(size: float, lines: Sequence[str], room: Room) -> Block:
    return Block(size, tuple(map(Line, lines, _places(len(lines), size, room))))


def _balanced(
    words: Sequence[_Word], widths: Sequence[float], size: float, lines: tuple[str, ...]
) -> tuple[str, ...]:
    """The same words on as many lines, none much longer than the others."""
    for share in range(40, 100, 3):
        narrower = tuple(width * share / 100 for width in widths)
        found, rest = _filled(words, narrower, size, may_break=False)
        if not rest and len(found) == len(lines):
            return found
    return lines


def _filled(
    words: Sequence[_Word], widths: Sequence[float], size: float, *, may_break: bool
) -> tuple[tuple[str, ...], bool]:
    """Lines, each filled with what it has room for; and whether words are left over."""
    waiting = list(words)
    lines: list[str] = []
    for room in widths:
        line = ""
        while waiting:
            word = waiting[0]
            longer = line + (" " if line and word.is_after_space else "") + word.text
            if width(longer, size) <= room:
                line = longer
                waiting.pop(0)
                continue
            is_part = bool(line) and not word.is_after_space
            if may_break and not is_part and width(word.text, size) > max(widths):
                space = longer[: len(longer) - len(word.text)]
                head, tail = _broken(word.text, room - width(space, size), size)
                if head:
                    line = space + head
                    waiting[0] = _Word(tail, False)
            break
        if not line and waiting:
            return tuple(lines), True
        lines.append(line)
    return tuple(line for line in lines if line), bool(waiting)


def _broken(word: str, room: float, size: float) -> tuple[str, str]:
    """A word that is too long, in two, neither very short; with a hyphen if its script has one."""
    parts = characters(word)
    hyphen = "-" if all(map(has_case, parts[:3])) else ""
    for end in range(len(parts) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        head = "".join(parts[:end])
        if width(head + hyphen, size) <= room:
            return head + (hyphen if parts[end - 1].isalnum() else ""), "".join(parts[end:])
    return "", word
