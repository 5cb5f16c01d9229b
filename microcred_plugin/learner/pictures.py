"""The image of a badge: the one that an author brought, or a drawn one."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.core.cache import cache

from microcred_plugin.artwork import Badge, draw, png
from microcred_plugin.artwork.badge import SMALL_UP_TO
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import MicrocredentialVersion, face_of

SIZES = (64, 128, 256, 512, 1024)
_KEPT_SECONDS = 30 * 24 * 3600


def svg_of(uuid: UUID, number: int) -> str | None:
    """The drawing of a version's badge; an image that an author brought stands in it as it is."""
    version = definitions.find_version(uuid, number)
    return None if version is None else _svg(version, is_small=None)


def png_of(uuid: UUID, number: int, size: int) -> bytes | None:
    """The badge of a version as PNG, `size` pixels wide; drawn once and kept in the cache."""
    version = definitions.find_version(uuid, number)
    if version is None:
        return None
    if version.image is not None:
        return bytes(version.image.content)
    svg = _svg(version, is_small=size <= SMALL_UP_TO)
    key = f"microcred.badge.{sha256(svg.encode()).hexdigest()}.{size}"
    content = cache.get(key)
    if content is None:
        content = png(svg, size)
        cache.set(key, content, _KEPT_SECONDS)
    return bytes(content)


def _svg(version: MicrocredentialVersion, *, is_small: bool | None) -> str:
    if version.image is not None:
        return _framed(version)
    face = face_of(version, version.microcredential)
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


def _framed(version: MicrocredentialVersion) -> str:
    assert version.image is not None
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512" width="512" height="512">'
        f'<image width="512" height="512" href="{definitions.data_url(version.image)}"/></svg>'
    )
