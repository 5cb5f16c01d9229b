"""The image of a badge: the one that an author brought, or a drawn one."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from microcred_plugin.artwork import Badge, NotDrawn, draw, png, png_of_foreign
from microcred_plugin.artwork.badge import SMALL_UP_TO
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Face, MicrocredentialVersion, face_of

__all__ = ["SIZES", "NotDrawn", "drawing_of", "generated", "png_of", "svg_of"]

SIZES = (64, 128, 256, 512, 1024)
_KEPT_SECONDS = 30 * 24 * 3600


def svg_of(uuid: UUID, number: int) -> str | None:
    """The drawing of a published version's badge; an image that an author brought is shown."""
    version = definitions.find_version(uuid, number)
    return None if version is None else drawing_of(version)


def png_of(uuid: UUID, number: int, size: int) -> bytes | None:
    """
    The badge of a published version as PNG, `size` pixels wide; drawn once and kept in the cache.

    A PNG that an author brought is given as it is. Raises `NotDrawn` where an author's drawing
    could not be drawn just now.
    """
    version = definitions.find_version(uuid, number)
    if version is None:
        return None
    image = version.image
    if image is not None and not definitions.is_drawing(image):
        return bytes(image.content)
    if image is not None:
        svg = bytes(image.content).decode()
    else:
        svg = generated(face_of(version, version.microcredential), is_small=size <= SMALL_UP_TO)
    key = f"microcred.badge.{sha256(svg.encode()).hexdigest()}.{size}"
    content = cache.get(key)
    if content is None:
        content = png(svg, size) if image is None else png_of_foreign(svg, size)
        cache.set(key, content, _KEPT_SECONDS)
    return bytes(content)


def drawing_of(version: MicrocredentialVersion) -> str:
    """The badge of any version, a draft's too, as an SVG document."""
    image = version.image
    if image is None:
        return generated(face_of(version, version.microcredential))
    if definitions.is_drawing(image):
        return bytes(image.content).decode()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" width="512" height="512">'
        f'<image width="512" height="512" href="{definitions.data_url(image)}"/></svg>'
    )


def generated(face: Face, *, is_small: bool | None = None) -> str:
    """The badge that is drawn for whoever brings no image; `is_small` as in `artwork.draw`."""
    colors: dict[str, str] = settings.MICROCRED_ORGANIZATION_COLORS
    return draw(
        Badge(
            key=face.uuid,
            title=face.title,
            organization=face.organization,
            organization_color=colors.get(face.organization),
            level=face.level,
            depth=face.depth,
        ),
        is_small=is_small,
    )
