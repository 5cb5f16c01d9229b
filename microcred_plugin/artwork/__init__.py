"""
The pictures of microcredentials: a badge as an SVG document, and as a PNG.

They are made of what is told about a microcredential, and of nothing else: no file, no clock, no
chance. So they need not be kept, and the same badge always looks the same.
"""

from __future__ import annotations

from microcred_plugin.artwork.badge import Badge, draw
from microcred_plugin.artwork.foreign import NotDrawn, png_of_foreign
from microcred_plugin.artwork.raster import png

__all__ = ["Badge", "NotDrawn", "draw", "png", "png_of_foreign"]
