"""
A badge: the picture of a microcredential, as an SVG document.

A seal: a plate with an inscription, and under it the edges of the plates that it is stacked on.
The colour is the organisation's; the outline and the band are the microcredential's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from math import tau

from microcred_plugin.artwork.characters import clean, is_right_to_left, width
from microcred_plugin.artwork.colors import Colors, colors_of
from microcred_plugin.artwork.digest import Digest
from microcred_plugin.artwork.lettering import Room, chord, fit, shortened
from microcred_plugin.artwork.monogram import monogram
from microcred_plugin.artwork.ornament import OUTER, Ornament, ornament_of

MOST_PLATES = 5

# Up to this width in pixels, a badge that holds both renditions shows the small one.
SMALL_UP_TO = 140

_SIZE = 512
_FONTS = "'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans','Noto Sans',sans-serif"
_SWITCH = (
    "<style>.badge-small{display:none}"
    f"@media (max-width:{SMALL_UP_TO}px)"
    "{.badge-small{display:inline}.badge-large{display:none}}</style>"
)


@dataclass(frozen=True, slots=True)
class Badge:
    """
    What a badge tells.

    `key` is the microcredential's uuid, which decides on the ornament; `organization_color` is
    `#rrggbb`; `level` a short text such as "EQF 5"; `depth` the height of the stack, 1 for a
    microcredential that stands by itself.
    """

    key: str
    title: str
    organization: str
    organization_color: str | None = None
    level: str = ""
    depth: int = 1


def draw(badge: Badge, *, is_small: bool | None = None) -> str:
    """
    The badge as an SVG document; of the same badge always the same one.

    The large rendition has the texts in it, the small one a monogram. None puts both in, and the
    viewer shows the one for the size that it draws; a renderer that knows no media queries needs
    to be told.
    """
    title, level = clean(badge.title), clean(badge.level)
    organization = clean(badge.organization)
    digest = Digest(badge.key)
    ornament = ornament_of(digest)
    colors = colors_of(organization, badge.organization_color, digest)
    plates = min(max(badge.depth, 1), MOST_PLATES)
    # Names are the page's where the drawing is put into one: the same name, the same shape.
    name = f"m{digest.name}{plates}"
    renditions = ""
    if is_small is not True:
        face = _band(ornament, colors) + _inscription(title, level, organization, colors)
        stack = _stack(face, ornament, colors, plates, _LARGE_EDGE, f"{name}l")
        renditions += f'<g class="badge-large">{stack}</g>'
    if is_small is not False:
        face = _bold_band(ornament, colors) + _initials(title, colors)
        stack = _stack(face, ornament, colors, plates, _SMALL_EDGE, f"{name}s")
        renditions += f'<g class="badge-small">{stack}</g>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_SIZE} {_SIZE}" role="img" '
        f'font-family="{_FONTS}" font-weight="700" text-anchor="middle">'
        f"<title>{escape(', '.join(filter(None, (title, level, organization))))}</title>"
        f"{_SWITCH if is_small is None else ''}{renditions}</svg>"
    )


# --- plates ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Edge:
    """How the plates below come out: how far each, and how much of that is left empty."""

    step: float
    gap: float


_LARGE_EDGE = _Edge(step=20, gap=6)
_SMALL_EDGE = _Edge(step=30, gap=11)
_MARGIN = 5
_RIM = 9.0
# Plates below are drawn a little narrower, and hidden by one a little wider: beside the steep
# sides of an outline they would else come out as slivers.
_TAPER, _SPREAD = 0.98, 1.008


def _stack(
    face: str, ornament: Ornament, colors: Colors, plates: int, edge: _Edge, name: str
) -> str:
    """The plates, the lowest first; `name` is for what they share, and its own in the document."""
    below = plates - 1
    reach = OUTER + _RIM / 2
    scale = min(1.0, (_SIZE - 2 * _MARGIN - below * edge.step) / (2 * reach))
    step, gap = edge.step / scale, edge.gap / scale
    shape = f'<path id="{name}" d="{ornament.outline}"/>'
    edges = ""
    if below:
        # A plate hides all of the one below, and a little more: so the page shows between them.
        shape += (
            f'<mask id="{name}m" maskUnits="userSpaceOnUse" x="-256" y="-256" width="512" '
            f'height="560"><path fill="#fff" d="M-256-256H256V304H-256Z"/><use href="#{name}" '
            f'transform="matrix({_SPREAD:g} 0 0 1 0 {-step:.1f})" stroke="#000" '
            f'stroke-width="{_RIM + 2 * gap:.1f}"/></mask>'
        )
        edges = "".join(
            f'<g transform="matrix({_TAPER:g} 0 0 1 0 {step * at:.1f})">'
            f'<use href="#{name}" mask="url(#{name}m)" '
            f'fill="{colors.edge}" stroke="{colors.edge}" stroke-width="{_RIM:g}"/></g>'
            for at in range(below, 0, -1)
        )
    middle = (_SIZE - below * edge.step) / 2
    return (
        f'<g transform="translate({_SIZE // 2} {middle:g}) scale({scale:.3f})" '
        f'stroke-linejoin="round"><defs>{shape}</defs>{edges}<use href="#{name}" '
        f'fill="{colors.plate}" stroke="{colors.metal}" stroke-width="{_RIM:g}"/>{face}</g>'
    )


# --- bands -----------------------------------------------------------------------------------


def _band(ornament: Ornament, colors: Colors) -> str:
    """The guilloche around a large face."""
    inner, outer = 175, 213
    middle, half = (inner + outer) / 2, (outer - inner) / 2
    return (
        _ground(inner, outer, colors)
        + f'<g fill="none" stroke-width="2.5"><g stroke="{colors.metal}">'
        f'<circle r="{inner}"/><circle r="{outer}"/></g>'
        f'<path stroke="{colors.thread}" d="{ornament.weave(inner + 4, outer - 4)}"/></g>'
        f'<path fill="{colors.ornament}" '
        f'd="{ornament.petals(middle - half * 0.56, middle + half * 0.56)}"/>'
        f"{_beads(ornament, middle, colors)}"
    )


def _beads(ornament: Ornament, radius: float, colors: Colors) -> str:
    """Dots between the petals: round dashes, that are nearly nothing but their ends."""
    pitch = tau * radius / ornament.count
    # A circle's dashes begin at its right; the first petal is `turn` of a pitch from the top.
    offset = ((0.25 * ornament.count - 0.5 - ornament.turn) % 1) * pitch
    return (
        f'<circle r="{radius:g}" fill="none" stroke="{colors.thread}" stroke-width="7" '
        f'stroke-linecap="round" stroke-dasharray=".1 {pitch - 0.1:.3f}" '
        f'stroke-dashoffset="{offset:.2f}"/>'
    )


def _bold_band(ornament: Ornament, colors: Colors) -> str:
    """The petals alone, as large as can be."""
    inner, outer = 171, 217
    return (
        _ground(inner, outer, colors)
        + f'<path fill="{colors.ornament}" d="{ornament.petals(inner + 4, outer - 4)}"/>'
    )


def _ground(inner: float, outer: float, colors: Colors) -> str:
    return (
        f'<circle r="{(inner + outer) / 2:g}" fill="none" stroke="{colors.band}" '
        f'stroke-width="{outer - inner:g}"/>'
    )


# --- texts -----------------------------------------------------------------------------------

_ROUND = 167.0
_ORGANIZATION_AT = -102.0
_ORGANIZATION_SIZES = (26, 24, 22, 20, 18, 17)
_LEVEL_AT = 194.0
_LEVEL_SIZE = 22
_LEVEL_WIDTH = 230.0
_INITIALS_SIZES = range(230, 39, -2)


def _inscription(title: str, level: str, organization: str, colors: Colors) -> str:
    """The texts of a large face: the organisation above, the title, and the level on the band."""
    block = fit(title, Room(_ROUND, -80 if organization else -124, 126))
    is_rtl = is_right_to_left(title)
    texts = "".join(
        _text(line.text, line.y, block.size, colors.ink, is_rtl=is_rtl) for line in block.lines
    )
    if organization:
        widths = {size: chord(_ROUND, _ORGANIZATION_AT, size) for size in _ORGANIZATION_SIZES}
        fitting = (size for size in widths if width(organization, size) <= widths[size])
        size = next(fitting, _ORGANIZATION_SIZES[-1])
        text = shortened(organization, widths[size], size)
        is_rtl = is_right_to_left(organization)
        texts += _text(text, _ORGANIZATION_AT, size, colors.metal, is_rtl=is_rtl)
    if level:
        text = shortened(level, _LEVEL_WIDTH, _LEVEL_SIZE)
        wide = width(text, _LEVEL_SIZE) + 34
        texts += (
            f'<rect x="{-wide / 2:.1f}" y="{_LEVEL_AT - 21:g}" width="{wide:.1f}" height="42" '
            f'rx="21" fill="{colors.metal}" stroke="{colors.plate}" stroke-width="7"/>'
        )
        is_rtl = is_right_to_left(level)
        texts += _text(text, _LEVEL_AT, _LEVEL_SIZE, colors.engraving, is_rtl=is_rtl)
    return texts


def _initials(title: str, colors: Colors) -> str:
    """The monogram, as large as the round inside the bold band has room for."""
    text = monogram(title)
    fitting = (size for size in _INITIALS_SIZES if width(text, size) <= chord(164, 0, size))
    size = next(fitting, None)
    if not text or not size:
        return ""
    return _text(text, 0, size, colors.ink, is_rtl=is_right_to_left(text))


def _text(text: str, middle: float, size: float, color: str, *, is_rtl: bool) -> str:
    """A line of text around a height; capitals reach a third of the size above and below it."""
    direction = ""
    if is_rtl:
        # Not every renderer heeds the attribute; the marks around the text say the same to all.
        direction, text = ' direction="rtl"', f"\u202b{text}\u202c"
    return (
        f'<text y="{middle + size * 0.36:.1f}" font-size="{size:g}" fill="{color}"{direction}>'
        f"{escape(text)}</text>"
    )
