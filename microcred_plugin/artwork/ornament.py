"""
What is drawn of a microcredential's key: the outline of its plates, and the band around its face.

All is around (0, 0), in the units of the drawing, angles from the top. Each path is the `d` of
an SVG path.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, pi, sin, tau

from microcred_plugin.artwork.digest import Digest

# The farthest and the nearest that an outline comes to its middle.
OUTER, INNER = 240.0, 219.0


@dataclass(frozen=True, slots=True)
class Ornament:
    """
    The marks of one microcredential.

    The band is a guilloche: `strands` waves, woven into each other, with as many eyes as there
    are petals, and as many between. `petal` names the figure in the eyes; `is_mirrored` tells
    which way it leans, and `turn` where the first one is, as a share of the way to the next.
    """

    outline: str
    petal: str
    count: int
    strands: int
    turn: float
    is_mirrored: bool

    def petals(self, inner: float, outer: float) -> str:
        """The figures, as large as a band between two radii has room for."""
        height = (outer - inner) / 2
        width = min(pi * inner / self.count * 0.62, height * 1.5)
        if self.is_mirrored:
            width = -width
        figure = _PETALS[self.petal]
        return "".join(
            _placed(figure, (at + self.turn) * tau / self.count, (inner + outer) / 2, width, height)
            for at in range(self.count)
        )

    def weave(self, inner: float, outer: float) -> str:
        """The strands."""
        return "".join(
            _wave(self.count, outer, inner, self.turn + strand / self.strands)
            for strand in range(self.strands)
        )


def ornament_of(digest: Digest) -> Ornament:
    """The marks that a key decides on."""
    outline, corners, count = digest.choice(_FORMS)
    return Ornament(
        outline=_OUTLINES[outline](corners),
        petal=digest.choice(tuple(_PETALS)),
        count=count,
        strands=digest.choice((2, 2, 3) if count <= _MOST_FOR_THREE_STRANDS else (2,)),
        turn=digest.choice((0.0, 0.5)),
        is_mirrored=digest.choice((False, True)),
    )


# --- outlines --------------------------------------------------------------------------------


def _circle(_corners: int) -> str:
    return f"M0 {_n(-OUTER)}A{_n(OUTER)} {_n(OUTER)} 0 1 1-.1 {_n(-OUTER)}Z"


def _scallops(corners: int) -> str:
    """Arcs that bulge outwards."""
    valley = max(INNER, OUTER * (1 - 1.1 / corners))
    rise = OUTER - valley * cos(pi / corners)
    return _arcs(corners, valley, rise, sweep=1)


def _notches(corners: int) -> str:
    """Arcs that bulge inwards, as the edge of a postage stamp."""
    return _arcs(corners, OUTER, OUTER * cos(pi / corners) - INNER, sweep=0)


def _arcs(corners: int, distance: float, rise: float, *, sweep: int) -> str:
    """Arcs between points that lie on a circle."""
    radius = _n(((distance * sin(pi / corners)) ** 2 + rise**2) / (2 * rise))
    points = [_point((at + 0.5) * tau / corners, distance) for at in range(corners + 1)]
    return (
        f"M{points[0]}" + "".join(f"A{radius} {radius} 0 0 {sweep} {p}" for p in points[1:]) + "Z"
    )


def _waves(corners: int) -> str:
    return _wave(corners, OUTER, max(INNER, OUTER * (1 - 0.5 / corners)), 0)


def _wave(count: int, high: float, low: float, turn: float) -> str:
    """A closed line that swings between two radii; `turn` is the share of a swing it is ahead."""
    step = pi / count
    reach = 0.39 * step * (high + low) / 2
    start = turn * 2 * step
    path = f"M{_point(start, high)}"
    for at in range(2 * count):
        angle = start + at * step
        radius, following = (low, high) if at % 2 else (high, low)
        # An S needs no first handle: it is the mirror image of the handle before.
        path += "S" if at else f"C{_beside(angle, radius, reach)} "
        path += f"{_beside(angle + step, following, -reach)} {_point(angle + step, following)}"
    return path + "Z"


def _polygon(corners: int) -> str:
    """A polygon with round corners, standing on a side if their number is even."""
    step = tau / corners
    apothem = max(INNER, OUTER * cos(step / 2) * 1.03)
    half = apothem * sin(step / 2) / cos(step / 2) * 0.55
    sides = [(at + corners % 2 / 2) * step for at in range(corners)]
    tip = apothem / cos(step / 2)
    return (
        "M"
        + "".join(
            f"{'L' if at else ''}{_beside(side, apothem, -half)}L{_beside(side, apothem, half)}"
            f"Q{_point(side + step / 2, tip)} {_beside(side + step, apothem, -half)}"
            for at, side in enumerate(sides)
        )
        + "Z"
    )


_OUTLINES: Mapping[str, Callable[[int], str]] = {
    "circle": _circle,
    "scallops": _scallops,
    "waves": _waves,
    "polygon": _polygon,
    "notches": _notches,
}

# With more petals, a third strand would blur into the others.
_MOST_FOR_THREE_STRANDS = 10

# Outline, the number of its corners, and a number of petals that goes with it.
_FORMS = (
    ("circle", 1, 9),
    ("circle", 1, 12),
    ("circle", 1, 16),
    ("scallops", 8, 8),
    ("scallops", 12, 12),
    ("scallops", 16, 16),
    ("scallops", 20, 10),
    ("waves", 8, 8),
    ("waves", 10, 10),
    ("waves", 14, 14),
    ("polygon", 6, 12),
    ("polygon", 7, 14),
    ("polygon", 8, 8),
    ("polygon", 8, 16),
    ("polygon", 10, 10),
    ("notches", 12, 12),
    ("notches", 18, 9),
    ("notches", 24, 12),
)


# --- petals ----------------------------------------------------------------------------------

_Figure = tuple[tuple[str, tuple[tuple[float, float], ...]], ...]

# Each in a square from -1 to 1, the first number along the band, the second outwards.
_PETALS: Mapping[str, _Figure] = {
    "lens": (
        ("M", ((-1.25, 0),)),
        ("Q", ((0, 1.7), (1.25, 0))),
        ("Q", ((0, -1.7), (-1.25, 0))),
    ),
    "lozenge": (("M", ((-1, 0),)), ("L", ((0, 1), (1, 0), (0, -1)))),
    "disc": (
        ("M", ((0, 1),)),
        ("C", ((0.55, 1), (1, 0.55), (1, 0))),
        ("C", ((1, -0.55), (0.55, -1), (0, -1))),
        ("C", ((-0.55, -1), (-1, -0.55), (-1, 0))),
        ("C", ((-1, 0.55), (-0.55, 1), (0, 1))),
    ),
    "drop": (
        ("M", ((0, -1),)),
        ("C", ((1.1, 0), (0.8, 1), (0, 1))),
        ("C", ((-0.8, 1), (-1.1, 0), (0, -1))),
    ),
    "leaf": (
        ("M", ((-1, -0.9),)),
        ("Q", ((-0.9, 0.9), (1, 0.9))),
        ("Q", ((0.9, -0.9), (-1, -0.9))),
    ),
    "arch": (
        ("M", ((-0.85, -0.9),)),
        ("C", ((-0.95, 0.2), (-0.3, 0.7), (0, 1))),
        ("C", ((0.3, 0.7), (0.95, 0.2), (0.85, -0.9))),
    ),
    "spark": (
        ("M", ((0, 1.2),)),
        ("Q", ((0.22, 0.22), (1.2, 0))),
        ("Q", ((0.22, -0.22), (0, -1.2))),
        ("Q", ((-0.22, -0.22), (-1.2, 0))),
        ("Q", ((-0.22, 0.22), (0, 1.2))),
    ),
    "ray": (("M", ((-0.9, -0.9),)), ("L", ((0, 1), (0.9, -0.9)))),
    "tile": (("M", ((-0.9, -0.75),)), ("L", ((-0.9, 0.75), (0.9, 0.75), (0.9, -0.75)))),
}


def _placed(figure: _Figure, angle: float, middle: float, width: float, height: float) -> str:
    """A figure that is set upright on a band at this angle; width and height are halves."""
    return (
        "".join(
            command + " ".join(_beside(angle, middle + height * v, width * u) for u, v in points)
            for command, points in figure
        )
        + "Z"
    )


# --- points ----------------------------------------------------------------------------------


def _point(angle: float, distance: float) -> str:
    return _beside(angle, distance, 0)


def _beside(angle: float, distance: float, aside: float) -> str:
    """The point at a distance in the direction of an angle, then aside, at a right angle to it."""
    x = distance * sin(angle) + aside * cos(angle)
    y = aside * sin(angle) - distance * cos(angle)
    return f"{_n(x)} {_n(y)}"


def _n(value: float) -> str:
    text = f"{value:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text
