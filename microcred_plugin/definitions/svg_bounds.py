"""
How much there is to draw once everything has been put where it is referred to.

A few lines of SVG can ask for thousands of millions of shapes, by referring to what refers to more;
whoever draws that, a server or a reader's browser, comes to no end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from microcred_plugin.definitions.errors import NotAnImage
from microcred_plugin.definitions.svg_styles import named_in
from microcred_plugin.definitions.svg_vocabulary import PRIMITIVES

MOST_PARTS = 10_000
DEEPEST = 48

# A filter goes over the whole picture, and each of its steps once more.
_PARTS_OF_A_STEP = 50
_CHARACTERS_OF_A_PART = 200

# What these say is read once, however much has that colour.
_COLORS = frozenset({"linearGradient", "radialGradient"})

# Said of a group, these are about everything in it.
_INHERITED = frozenset({"fill", "stroke"})


@dataclass(slots=True)
class Element:
    """An element of a drawing, by its name in SVG; `content` are elements and texts."""

    name: str
    attributes: dict[str, str]
    content: list[Element | str] = field(default_factory=list)

    @property
    def children(self) -> list[Element]:
        return [one for one in self.content if isinstance(one, Element)]


def check_bounds(root: Element) -> None:
    """Raises `NotAnImage` for a drawing that refers to itself, or that is too much to draw."""
    measure = _Measure(_by_id(root))
    parts, _height = measure.of(root, ())
    if parts > MOST_PARTS:
        raise too_complicated()


def too_complicated() -> NotAnImage:
    """The error of a drawing that takes too much to draw."""
    return NotAnImage(
        _(
            "This drawing takes too long to draw for a badge. Simplify it: join shapes, and take "
            "out filters, patterns and what can't be seen. Or save it as PNG."
        )
    )


def _by_id(root: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if "id" in element.attributes:
            found[element.attributes["id"]] = element
        waiting += element.children
    return found


class _Measure:
    """Counts what is to be drawn below elements, each of them once however often it is used."""

    def __init__(self, by_id: Mapping[str, Element]) -> None:
        self._by_id = by_id
        self._known: dict[int, tuple[int, int]] = {}

    def of(self, element: Element, above: tuple[int, ...]) -> tuple[int, int]:
        """The parts to be drawn, and how deep they go; `above` are those that this is put into."""
        if id(element) in above:
            raise NotAnImage(
                _("Something in this drawing refers to itself ({name}). Take it out.").format(
                    name=element.attributes.get("id", element.name)
                )
            )
        if id(element) not in self._known:
            if len(above) >= DEEPEST:
                raise too_complicated()
            self._known[id(element)] = self._measured(element, (*above, id(element)))
        parts, height = self._known[id(element)]
        if len(above) + height > DEEPEST:
            raise too_complicated()
        return parts, height

    def _measured(self, element: Element, trail: tuple[int, ...]) -> tuple[int, int]:
        below = [self.of(child, trail) for child in element.children]
        inside = sum(parts for parts, _height in below)
        total = _own(element) + inside
        height = max((height for _parts, height in below), default=0)
        for name, referred in self._referred(element):
            parts, its_height = self.of(referred, trail)
            height = max(height, its_height)
            if referred.name not in _COLORS:
                total += parts * (max(1, inside) if name in _INHERITED else 1)
        return total, height + 1

    def _referred(self, element: Element) -> Iterator[tuple[str, Element]]:
        for name, value in element.attributes.items():
            if name == "href":
                names: Iterator[str] = iter((value.removeprefix("#"),))
            elif "url" in value.lower():
                names = named_in(value)
            else:
                continue
            yield from ((name, self._by_id[one]) for one in names if one in self._by_id)


def _own(element: Element) -> int:
    if element.name in PRIMITIVES:
        return _PARTS_OF_A_STEP
    length = sum(len(element.attributes.get(name, "")) for name in ("d", "points"))
    length += sum(len(text) for text in element.content if isinstance(text, str))
    return 1 + length // _CHARACTERS_OF_A_PART
