"""
The stack as a map: what stacks on what, from the top down, each card a link. Pure geometry.

Lengths are CSS pixels of the drawing. Where a card is and what it says is worked out here; the
template only draws it.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

CARD_WIDTH, CARD_HEIGHT = 144, 122
GAP, ROW_GAP, MARGIN = 16, 48, 6

# More than this nobody can read; what is left out is said beside the map.
MOST_CARDS = 40

_LINE_LENGTH, _LINES = 16, 2
_SWEEPS = 4
# A row that is wider goes on in the next line.
_MOST_IN_A_LINE = 6


@dataclass(frozen=True, slots=True)
class Station:
    """
    A microcredential on the map.

    `state` is "earned", "suspended", "held", "under_way" or "open"; `standing` says it in words.
    """

    key: str
    title: str
    language: str
    url: str
    image_url: str
    state: str
    standing: str


@dataclass(frozen=True, slots=True)
class Card:
    """A station with its place: the left upper corner, and the title in lines."""

    station: Station
    x: int
    y: int
    lines: tuple[str, ...]

    @property
    def is_rtl(self) -> bool:
        """Whether the title begins in a script that is written from right to left."""
        strong = (unicodedata.bidirectional(character) for character in self.station.title)
        return next((one in ("R", "AL") for one in strong if one in ("L", "R", "AL")), False)

    @property
    def center(self) -> int:
        return self.x + CARD_WIDTH // 2

    @property
    def bottom(self) -> int:
        return self.y + CARD_HEIGHT


@dataclass(frozen=True, slots=True)
class Edge:
    """The line from a card down to one that it stacks on; `is_done` if that one is earned."""

    path: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class TextRow:
    """A line of the map's text form: what stands below another is one deeper."""

    depth: int
    station: Station


@dataclass(frozen=True, slots=True)
class StackMap:
    """A map of stations that hang together; `omitted` counts those that it has no room for."""

    title: str
    width: int
    height: int
    cards: tuple[Card, ...]
    edges: tuple[Edge, ...]
    text: tuple[TextRow, ...]
    omitted: int = 0
    card_width: int = CARD_WIDTH
    card_height: int = CARD_HEIGHT


def draw(
    stations: Mapping[str, Station], below: Mapping[str, Collection[str]]
) -> tuple[StackMap, ...]:
    """
    A map for each group of stations that hang together; what stands by itself has none.

    `below` has for each key the keys that it stacks on, without circles; the order of `stations`
    says who is kept where there is no room for all. The same input gives the same drawing.
    """
    links = {
        key: [other for other in dict.fromkeys(below.get(key, ())) if other in stations]
        for key in stations
    }
    return tuple(
        _draw(group, stations, links) for group in _groups(stations, links) if len(group) > 1
    )


def _groups(stations: Iterable[str], links: Mapping[str, Sequence[str]]) -> Iterator[list[str]]:
    """Keys that hang together, in their order; the group of the first one first."""
    neighbours: dict[str, set[str]] = defaultdict(set)
    for key, others in links.items():
        for other in others:
            neighbours[key].add(other)
            neighbours[other].add(key)
    order = list(stations)
    seen: set[str] = set()
    for start in order:
        if start in seen:
            continue
        group, ahead = {start}, [start]
        while ahead:
            new = neighbours[ahead.pop()] - group
            group |= new
            ahead.extend(new)
        seen |= group
        yield [key for key in order if key in group]


def _draw(
    group: Sequence[str], stations: Mapping[str, Station], links: Mapping[str, Sequence[str]]
) -> StackMap:
    kept = _kept(group, links)
    below = {key: [other for other in links[key] if other in kept] for key in kept}
    rows = [
        row[start : start + _MOST_IN_A_LINE]
        for row in _rows(kept, below)
        for start in range(0, len(row), _MOST_IN_A_LINE)
    ]
    width = max(len(row) for row in rows) * (CARD_WIDTH + GAP) - GAP + 2 * MARGIN
    cards: dict[str, Card] = {}
    for place, row in enumerate(rows):
        left = (width - len(row) * (CARD_WIDTH + GAP) + GAP) // 2
        for column, key in enumerate(row):
            cards[key] = Card(
                station=stations[key],
                x=left + column * (CARD_WIDTH + GAP),
                y=MARGIN + place * (CARD_HEIGHT + ROW_GAP),
                lines=title_lines(stations[key].title),
            )
    edges = tuple(
        _edge(cards[key], cards[other]) for key in cards for other in below[key] if key in cards
    )
    tops = [key for key in rows[0] if key in cards]
    return StackMap(
        title=stations[tops[0]].title,
        width=width,
        height=len(rows) * (CARD_HEIGHT + ROW_GAP) - ROW_GAP + 2 * MARGIN,
        cards=tuple(cards.values()),
        edges=edges,
        text=tuple(_text(kept, below, stations)),
        omitted=len(group) - len(kept),
    )


def _kept(group: Sequence[str], links: Mapping[str, Sequence[str]]) -> list[str]:
    """As many as there is room for, from the tops downwards, so that none hangs in the air."""
    is_below = {other for key in group for other in links[key]}
    found = dict.fromkeys(key for key in group if key not in is_below)
    ahead = list(found)
    while ahead:
        new = [other for key in ahead for other in links[key] if other not in found]
        ahead = list(dict.fromkeys(new))
        found.update(dict.fromkeys(ahead))
    kept = set(list(found)[:MOST_CARDS])
    return [key for key in group if key in kept]


def _rows(keys: Sequence[str], below: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The keys in rows from the top down, each just below what stacks on it, few lines crossing."""
    above: dict[str, list[str]] = defaultdict(list)
    for key, others in below.items():
        for other in others:
            above[other].append(key)
    row_of: dict[str, int] = {}

    def place(key: str) -> int:
        if key not in row_of:
            row_of[key] = 1 + max(map(place, above[key]), default=-1)
        return row_of[key]

    rows: list[list[str]] = [[] for _row in range(1 + max(map(place, keys)))]
    for key in keys:
        rows[row_of[key]].append(key)
    # Each row in turn is sorted by the middle of its neighbours, downwards and upwards again.
    for sweep in range(_SWEEPS):
        neighbours: Mapping[str, Sequence[str]] = above if sweep % 2 == 0 else below
        for row in rows if sweep % 2 == 0 else reversed(rows):
            places = {key: _place(row, key) for row in rows for key in row}
            middles = {
                key: _middle([places[other] for other in neighbours.get(key, ())], places[key])
                for key in row
            }
            row.sort(key=middles.__getitem__)
    return rows


def _place(row: Sequence[str], key: str) -> float:
    """Where in its row a key stands, from 0 to 1."""
    return (row.index(key) + 0.5) / len(row)


def _middle(places: Sequence[float], otherwise: float) -> float:
    return sum(places) / len(places) if places else otherwise


def _edge(upper: Card, lower: Card) -> Edge:
    start, end = (upper.center, upper.bottom), (lower.center, lower.y)
    bend = (end[1] - start[1]) // 2
    path = (
        f"M{start[0]} {start[1]}C{start[0]} {start[1] + bend} {end[0]} {end[1] - bend} "
        f"{end[0]} {end[1]}"
    )
    return Edge(path, lower.station.state == "earned")


def _text(
    keys: Sequence[str], below: Mapping[str, Sequence[str]], stations: Mapping[str, Station]
) -> Iterator[TextRow]:
    """
    The map as nested lines: each top, and below it what it stacks on.

    What stacks on others and is named again is not taken apart a second time.
    """
    is_below = {other for others in below.values() for other in others}
    ahead = [(0, key) for key in reversed(keys) if key not in is_below]
    seen: set[str] = set()
    while ahead:
        depth, key = ahead.pop()
        yield TextRow(depth, stations[key])
        if key not in seen:
            ahead += ((depth + 1, other) for other in reversed(below[key]))
        seen.add(key)


def title_lines(title: str) -> tuple[str, ...]:
    """The title in as many lines as a card has room for; what is too long ends in an ellipsis."""
    wide = sum(unicodedata.east_asian_width(character) in "FW" for character in title)
    length = _LINE_LENGTH // 2 if wide * 2 > len(title) else _LINE_LENGTH
    lines = wrap(title, length, break_on_hyphens=True) or [title]
    if len(lines) <= _LINES:
        return tuple(lines)
    last = lines[_LINES - 1]
    return (*lines[: _LINES - 1], f"{last[: length - 1].rstrip(' ,;:-')}…")
