"""Badge images that authors bring: checked, and kept by what they are."""

from __future__ import annotations

import base64
import binascii
import io
import re
from hashlib import sha256
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image

from microcred_plugin.artwork import NotDrawn, png_of_foreign
from microcred_plugin.artwork.foreign import SECONDS_TO_BE_TAKEN
from microcred_plugin.artwork.raster import LARGEST
from microcred_plugin.definitions.errors import NotAnImage
from microcred_plugin.definitions.models import BadgeImage
from microcred_plugin.definitions.svg import clean_svg
from microcred_plugin.definitions.svg_bounds import too_complicated

LARGEST_BYTES = 512 * 1024
SMALLEST_SIDE, LARGEST_SIDE = 128, 2048
PNG, SVG = "image/png", "image/svg+xml"

_DATA_URL = re.compile(r"data:image/(png|svg\+xml);base64,([A-Za-z0-9+/=\s]+)")
_BEGINS_PNG = b"\x89PNG\r\n\x1a\n"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

# What other files begin with that somebody may take for a badge image.
_OTHERS = {
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"RIFF": "WebP",
    b"%PDF": "PDF",
    b"\x1f\x8b": "SVGZ",
    b"BM": "BMP",
}


def read_upload(file: UploadedFile[Any]) -> BadgeImage:
    """
    The image in a file that somebody uploaded, not saved yet. Raises `NotAnImage`.

    What it is, its content says: neither its name nor the type that a browser gives it.
    """
    if file.size is None or file.size > LARGEST_BYTES:
        raise _too_large()
    return read_content(file.read(LARGEST_BYTES + 1))


def read_image(value: Any) -> BadgeImage:
    """The image in a data URL, not saved yet. Raises `NotAnImage`."""
    match = _DATA_URL.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise NotAnImage(
            _(
                "This must be a PNG or SVG file: its name, or its content as "
                "“data:image/png;base64,…” or “data:image/svg+xml;base64,…”."
            )
        )
    if len(match[2]) > LARGEST_BYTES * 3 // 2:
        raise _too_large()
    try:
        content = base64.b64decode("".join(match[2].split()), validate=True)
    except binascii.Error as error:
        raise NotAnImage(
            _("The base64 of this image is damaged. Encode the file again.")
        ) from error
    return read_content(content)


def read_content(content: bytes) -> BadgeImage:
    """
    The image in the content of a file, not saved yet. Raises `NotAnImage`.

    A PNG is kept as it is, since a credential can be put into it. A drawing is kept cleaned, and
    only if it can be drawn as PNG, for those who show no SVG.
    """
    if len(content) > LARGEST_BYTES:
        raise _too_large()
    if content.startswith(_BEGINS_PNG):
        _check_png(content)
        return _image(PNG, content)
    if content.startswith(_UTF_16) or content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        image = _image(SVG, clean_svg(content))
        _check_drawing(image)
        return image
    for begins, name in _OTHERS.items():
        if content.startswith(begins):
            raise NotAnImage(
                _("This file is in the format {name}. Save the image as PNG or SVG.").format(
                    name=name
                )
            )
    raise NotAnImage(_("This is neither a PNG nor an SVG file. Save the image as one of them."))


def data_url(image: BadgeImage) -> str:
    """The image as it is written into files; `read_image` gives it back."""
    return f"data:{image.content_type};base64,{base64.b64encode(image.content).decode()}"


def data_url_of_file(content: bytes) -> str:
    """The content of a file that should be an image, for `read_image` to look at."""
    is_png = content.startswith(_BEGINS_PNG)
    return f"data:{PNG if is_png else SVG};base64,{base64.b64encode(content).decode()}"


def is_drawing(image: BadgeImage) -> bool:
    """Whether it is an SVG document, which can be drawn in any size."""
    return image.content_type == SVG


def image_with(digest: str) -> BadgeImage | None:
    """The image with this digest, if there is one. One query, and none for nothing."""
    return BadgeImage.objects.filter(pk=digest).first() if digest else None


def keep_image(image: BadgeImage | None) -> None:
    """Save an image, unless it is there already."""
    if image is not None:
        BadgeImage.objects.bulk_create([image], ignore_conflicts=True)


def _image(content_type: str, content: bytes) -> BadgeImage:
    return BadgeImage(
        digest=sha256(content).hexdigest(), content_type=content_type, content=content
    )


def _check_drawing(image: BadgeImage) -> None:
    """Draw it once in the largest size; what was kept has been drawn before."""
    if len(image.content) > LARGEST_BYTES:
        raise _too_large()
    if not BadgeImage.objects.filter(pk=image.digest).exists():
        try:
            png_of_foreign(bytes(image.content).decode(), LARGEST, seconds=SECONDS_TO_BE_TAKEN)
        except NotDrawn as error:
            raise too_complicated() from error


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
            if getattr(image, "is_animated", False):
                raise NotAnImage(_("This image moves. Save one picture of it as PNG."))
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
