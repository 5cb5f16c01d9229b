"""Badge images that authors bring: checked, and kept by what they are."""

from __future__ import annotations

import base64
import binascii
import io
import re
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _
from PIL import Image

from microcred_plugin.definitions.models import BadgeImage

LARGEST_BYTES = 512 * 1024
SMALLEST_SIDE, LARGEST_SIDE = 128, 2048
PNG = "image/png"

_DATA_URL = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")


class NotAnImage(Exception):
    """What was given is no badge image; the message says what is wrong, and what would do."""


def read_image(value: Any) -> BadgeImage:
    """
    The image in a data URL, not saved yet. Raises `NotAnImage`.

    It has to be a square PNG: that is what every reader of badges shows, and what a credential
    can be put into.
    """
    match = _DATA_URL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise NotAnImage(
            _("This must be a PNG file: its name, or its content as “data:image/png;base64,…”.")
        )
    if len(match[1]) > LARGEST_BYTES * 3 // 2:
        raise _too_large()
    try:
        content = base64.b64decode("".join(match[1].split()), validate=True)
    except binascii.Error as error:
        raise NotAnImage(
            _("The base64 of this image is damaged. Encode the file again.")
        ) from error
    if len(content) > LARGEST_BYTES:
        raise _too_large()
    _check_png(content)
    return BadgeImage(digest=sha256(content).hexdigest(), content_type=PNG, content=content)


def data_url(image: BadgeImage) -> str:
    """The image as it is written into files; `read_image` gives it back."""
    return f"data:{image.content_type};base64,{base64.b64encode(image.content).decode()}"


def keep(image: BadgeImage | None) -> None:
    """Save an image, unless it is there already."""
    if image is not None:
        BadgeImage.objects.bulk_create([image], ignore_conflicts=True)


def _check_png(content: bytes) -> None:
    try:
        # Only this one format is tried, and its size is looked at before anything is unpacked.
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            width, height = image.size
            if width != height:
                raise NotAnImage(
                    _("A badge is square; this image is {width} by {height} pixels.").format(
                        width=width, height=height
                    )
                )
            if not SMALLEST_SIDE <= width <= LARGEST_SIDE:
                raise NotAnImage(
                    _(
                        "This image is {width} pixels wide; that has to be from {smallest} to "
                        "{largest}."
                    ).format(width=width, smallest=SMALLEST_SIDE, largest=LARGEST_SIDE)
                )
            image.load()
    except NotAnImage:
        raise
    except Exception as error:  # a damaged file makes Pillow raise whatever its place raises
        raise NotAnImage(
            _("This is not a PNG file, or a damaged one. Save the image as PNG again.")
        ) from error


def _too_large() -> NotAnImage:
    return NotAnImage(
        _("This image is too large: it may have {most} kB at most.").format(
            most=LARGEST_BYTES // 1024
        )
    )
