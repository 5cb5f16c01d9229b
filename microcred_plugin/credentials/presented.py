"""What somebody brings to be verified, read: JSON, a token, or a picture with either in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from microcred_plugin.credentials.baking import unbake
from microcred_plugin.credentials.errors import InvalidProof, NotBaked, NotJson
from microcred_plugin.credentials.multibase import from_base64url
from microcred_plugin.credentials.signing import header_of
from microcred_plugin.credentials.strict_json import read_json

LARGEST_BYTES = 1024 * 1024
_LARGEST_PICTURE = 4 * LARGEST_BYTES
_DEEPEST = 24

_PNG = b"\x89PNG\r\n\x1a\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"  # which some editors put before a text


@dataclass(frozen=True, slots=True)
class Presented:
    """What somebody brought: a credential as JSON, and the token that it came in, if it did."""

    document: Mapping[str, Any]
    token: str = ""


class NotReadable(Exception):
    """What was brought is no credential; the sentence says why, and what would be one."""


def read_presented(content: bytes) -> Presented:
    """
    The credential in a file or in pasted text: JSON, a JWT, or a PNG that holds either.

    Raises `NotReadable`.
    """
    if content.startswith(_PNG):
        content = _out_of_picture(content)
    elif kind := _other_kind(content):
        raise NotReadable(kind)
    if len(content) > LARGEST_BYTES:
        raise NotReadable(
            _("This is too large: a credential has at most {megabytes} MB.").format(megabytes=1)
        )
    text = content.removeprefix(_BYTE_ORDER_MARK).strip()
    if not text:
        raise NotReadable(_("There is nothing in it."))
    if text[:1] != b"{":
        return _out_of_token(text)
    return Presented(_read_object(text))


def _other_kind(content: bytes) -> str:
    """A sentence on what people bring instead, by how it begins; empty if it is none of these."""
    begin = content[:512].lstrip().lower()
    if begin.startswith((b"\xff\xd8", b"gif8", b"riff", b"<svg", b"<?xml")):
        return _(
            "This is an image of another kind than PNG, which holds no credential that can be "
            "read here. Take the PNG as it was downloaded, or the JSON or JWT beside it."
        )
    if begin.startswith((b"<!doctype", b"<html")):
        return _(
            "This is a web page. Bring its link instead, or the file that can be downloaded there."
        )
    if begin.startswith((b"%pdf", b"pk\x03\x04", b"\x1f\x8b")):
        return _(
            "This is a PDF or an archive. Bring the badge's PNG, or its JSON or JWT; they can be "
            "downloaded where the badge is."
        )
    return ""


def _out_of_picture(content: bytes) -> bytes:
    if len(content) > _LARGEST_PICTURE:
        raise NotReadable(
            _("This is too large: an image has at most {megabytes} MB.").format(megabytes=4)
        )
    try:
        text = unbake(content)
    except NotBaked as error:
        raise NotReadable(
            _("The credential in this image can't be read: {reason}").format(reason=error)
        ) from error
    if text is None:
        raise NotReadable(
            _(
                "There is no credential in this image. Programs that shrink or convert images lose "
                "it; take the file as it was downloaded."
            )
        )
    return text.encode()


def _out_of_token(text: bytes) -> Presented:
    """What a JWT says. Its signature is checked later."""
    try:
        token = text.decode("ascii")
        _header, payload, _signature = token.split(".")
        header_of(token, most_characters=LARGEST_BYTES)
        document = _read_object(from_base64url(payload))
    except InvalidProof as error:
        raise NotReadable(
            _("This is no token that can be read: {reason}").format(reason=error)
        ) from error
    except (UnicodeDecodeError, ValueError) as error:
        raise NotReadable(
            _(
                "This is no credential. Bring the JSON or the JWT that was downloaded, a badge "
                "image, or the address of an award."
            )
        ) from error
    return Presented(document, token)


def _read_object(text: bytes) -> Mapping[str, Any]:
    try:
        document = read_json(text, most_bytes=LARGEST_BYTES, most_depth=_DEEPEST)
    except NotJson as error:
        raise NotReadable(_("This can't be read: {reason}").format(reason=error)) from error
    if not isinstance(document, dict):
        raise NotReadable(_("This is no credential: it is not a JSON object."))
    return document
