"""
The colours of a badge: from its organisation, made legible.

They are found in OKLCH (Björn Ottosson, "A perceptual color space for image processing"), where
the lightness is what the eye sees: a colour may be made darker and stays itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cbrt, cos, degrees, hypot, radians, sin

from microcred_plugin.artwork.digest import Digest

_HEX = re.compile(r"#[0-9a-fA-F]{6}")

# Hue, lightness and chroma of the plates of organisations that have told no colour.
_PLATES = (
    (262, 0.35, 0.120),  # navy
    (238, 0.37, 0.095),  # ocean
    (212, 0.37, 0.072),  # petrol
    (188, 0.37, 0.066),  # teal
    (165, 0.37, 0.075),  # fir
    (142, 0.37, 0.090),  # leaf
    (112, 0.37, 0.075),  # olive
    (68, 0.37, 0.075),  # bronze
    (44, 0.39, 0.105),  # rust
    (26, 0.38, 0.130),  # brick
    (8, 0.37, 0.125),  # wine
    (345, 0.36, 0.120),  # berry
    (322, 0.35, 0.125),  # plum
    (300, 0.35, 0.140),  # violet
    (281, 0.35, 0.150),  # indigo
    (255, 0.34, 0.035),  # slate
)

# How far the hue of the ornament is from the plate's: a badge's own among its organisation's.
_TURNS = (-110, -70, -40, 40, 70, 110, 150, 210)

# From this lightness on, a plate is light.
_LIGHT = 0.70

# Lightness, chroma and hue: gold, silver, rose gold.
_METALS = ((0.84, 0.085, 88), (0.88, 0.012, 250), (0.84, 0.055, 50))


@dataclass(frozen=True, slots=True)
class Colors:
    """
    `#rrggbb` each.

    `plate` is the ground, `ink` the text on it, `edge` what is seen of the plates below. `metal`
    is the rim, the organisation's name and the ground of the level; `engraving` is the text on
    that. `band` is the ground of the band, `thread` and `ornament` are what is on it.
    """

    plate: str
    ink: str
    edge: str
    metal: str
    engraving: str
    band: str
    thread: str
    ornament: str


def colors_of(organization: str, given: str | None, digest: Digest) -> Colors:
    """The colours of a badge; `given` is the organisation's own, if it has one that is valid."""
    if given and _HEX.fullmatch(given):
        lightness, chroma, hue = _oklch(given)
    else:
        hue, lightness, chroma = Digest(organization).choice(_PLATES)
    ground = _light if lightness > _LIGHT else _dark
    return ground(lightness, chroma, hue, digest)


def _dark(lightness: float, chroma: float, hue: float, digest: Digest) -> Colors:
    ink = _rgb(0.975, min(chroma, 0.03) / 2, hue)
    plate = _legible(ink, lambda step: _rgb(min(max(lightness, 0.25), 0.5) - step, chroma, hue))
    metal = _rgb(*digest.choice(_METALS))
    lifted = _rgb(_oklch(plate)[0] + 0.13, chroma, hue)
    is_metal = digest.choice((False, True))
    return Colors(
        plate=plate,
        ink=ink,
        edge=lifted,
        metal=metal,
        engraving=_rgb(0.28, min(chroma, 0.08), hue),
        band=metal if is_metal else lifted,
        thread=plate if is_metal else metal,
        ornament=_accent(0.5 if is_metal else 0.82, chroma, hue, digest),
    )


def _light(lightness: float, chroma: float, hue: float, digest: Digest) -> Colors:
    """With dark text: a yellow that is darkened for light text would be a brown."""
    lightness = max(lightness, 0.78)
    plate = _rgb(lightness, chroma, hue)
    metal = _legible(plate, lambda step: _rgb(0.30 - step, min(chroma, 0.06), hue))
    is_metal = digest.choice((False, True))
    return Colors(
        plate=plate,
        ink=metal,
        edge=_rgb(lightness - 0.12, chroma, hue),
        metal=metal,
        engraving=_rgb(0.98, min(chroma, 0.03) / 2, hue),
        band=metal if is_metal else _rgb(min(lightness + 0.08, 0.95), chroma * 0.6, hue),
        thread=plate if is_metal else metal,
        ornament=_accent(0.82 if is_metal else 0.47, chroma, hue, digest),
    )


def _accent(lightness: float, chroma: float, hue: float, digest: Digest) -> str:
    # Beside a grey that is all of an organisation's colour, anything vivid would be another's.
    return _rgb(lightness, 0.115 if chroma > 0.02 else 0.075, hue + digest.choice(_TURNS))


def contrast(one: str, other: str) -> float:
    """From 1 to 21, after WCAG 2.2, "contrast ratio"."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _legible(other: str, darker: Callable[[float], str]) -> str:
    """The first of ever darker colours on which `other` is read with ease (WCAG's level AAA)."""
    steps = (darker(step / 100) for step in range(0, 50, 2))
    return next(color for color in steps if contrast(color, other) >= 7.0)


def _luminance(color: str) -> float:
    red, green, blue = _linear(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(color: str) -> tuple[float, float, float]:
    red, green, blue = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _expanded(red), _expanded(green), _expanded(blue)


def _expanded(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


def _compressed(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else float(1.055 * value ** (1 / 2.4) - 0.055)


def _oklch(color: str) -> tuple[float, float, float]:
    """Lightness from 0 to 1, chroma, and hue in degrees."""
    red, green, blue = _linear(color)
    long = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, hypot(a, b), degrees(atan2(b, a))


def _rgb(lightness: float, chroma: float, hue: float) -> str:
    """The colour; where the screen has none so vivid, the most vivid that it has."""
    for share in range(20, -1, -1):
        channels = _srgb(lightness, chroma * share / 20, hue)
        if all(-0.001 <= channel <= 1.001 for channel in channels):
            break
    return "#" + "".join(f"{round(min(max(c, 0.0), 1.0) * 255):02x}" for c in channels)


def _srgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _compressed(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _compressed(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _compressed(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )
