"""
What somebody brings to the verifier: a link, pasted text, or a file; and an e-mail address.

Nothing of it is kept, in a file neither: what is uploaded stays in memory, and what would be too
much is not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import (
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.core.validators import validate_email
from django.http import Http404, HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import (
    NotConfigured,
    NotReached,
    NotReadable,
    NotSigned,
    Presented,
    SigningFailed,
    SiteWeb,
)
from microcred_plugin.host import get_host
from microcred_plugin.public.reading import read

# An image has at most 4 MB, text at most 1; the rest is for the form around it.
MOST_BYTES = 6 * 1024 * 1024
# What is too large is still taken in up to here and thrown away: servers that are not read to the
# end break off the connection, and nobody would see the answer.
_MOST_THROWN_AWAY = 64 * 1024 * 1024
_LONGEST_LINK, _LONGEST_EMAIL = 2000, 254

_AWARD_ELSEWHERE = re.compile(r".*/awards/[0-9a-fA-F-]{36}")
_WITH_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class NotBrought(Exception):
    """What is wrong with what was brought: the field that it is about, and a sentence."""

    def __init__(self, field: str, sentence: str, *, status: int = 400) -> None:
        super().__init__(sentence)
        self.field, self.sentence, self.status = field, sentence, status


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form, and what is wrong with each field."""

    link: str = ""
    text: str = ""
    email: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)


def receive(request: HttpRequest) -> None:
    """
    Read what was posted, before anything else does, into memory. Raises `NotBrought`.

    Whoever has read it already, a middleware of the site's, did that under the site's own limits.
    """
    if hasattr(request, "_post"):
        return
    if _length(request) > MOST_BYTES:
        _throw_away(request)
        raise _too_large("file")
    request.upload_handlers = [_InMemory(request)]
    try:
        request.POST  # noqa: B018 - reading it is what parses it
    except RequestDataTooBig as error:
        raise _too_large("text") from error
    except (
        MultiPartParserError, TooManyFieldsSent, TooManyFilesSent, UnreadablePostError,
    ) as error:  # fmt: skip
        raise NotBrought(
            "file", _("What was sent did not arrive as a whole. Send it once more.")
        ) from error


class _InMemory(MemoryFileUploadHandler):
    """Keeps a file of any size; all together are bounded already."""

    def handle_raw_input(self, *_args: Any, **_kwargs: Any) -> None:
        self.activated = True


def typed_in(request: HttpRequest, **errors: str) -> Typed:
    """What stands in the form again, so that nobody has to write it twice."""
    return Typed(
        link=request.POST.get("link", "").strip(),
        text=request.POST.get("text", ""),
        email=request.POST.get("email", "").strip(),
        errors=errors,
    )


def brought_in(request: HttpRequest, *, now: datetime) -> tuple[Presented, str]:
    """What is to be verified, and the e-mail address that it may be about. Raises `NotBrought`."""
    typed = typed_in(request)
    files = request.FILES.getlist("file")
    given = [
        name
        for name, value in (("link", typed.link), ("text", typed.text.strip()), ("file", files))
        if value
    ]
    if not given:
        raise NotBrought("link", _("Bring something to check: a link, its text, or a file."))
    if len(given) > 1 or len(files) > 1:
        raise NotBrought(
            given[-1],
            _("Bring one thing at a time, so that it is clear what the answer is about."),
        )
    email = _email_in(typed)
    if typed.link:
        return _at(request, typed.link, now=now), email
    content = _content_of(files[0]) if files else typed.text.encode(errors="replace")
    return _presented(content, given[0]), email


def _email_in(typed: Typed) -> str:
    if not typed.email:
        return ""
    try:
        if len(typed.email) > _LONGEST_EMAIL:
            raise ValidationError("")
        validate_email(typed.email)
    except ValidationError as error:
        raise NotBrought(
            "email", _("This is no e-mail address. Correct it, or leave the field empty.")
        ) from error
    return typed.email


def _content_of(file: UploadedFile[bytes]) -> bytes:
    if (file.size or 0) > MOST_BYTES:
        raise _too_large("file")
    return bytes(file.read(MOST_BYTES + 1))


def _presented(content: bytes, name: str) -> Presented:
    try:
        return credentials.read_presented(content)
    except NotReadable as error:
        raise NotBrought(name, str(error)) from error


# --- links ---------------------------------------------------------------------------------------


def _at(request: HttpRequest, link: str, *, now: datetime) -> Presented:
    """What is at an address: of this site, or of one that may be asked."""
    parts = _split(link)
    if _place(parts) in _own_places(request):
        return _own(request, parts.path, now=now)
    if "." not in (parts.hostname or ""):
        raise _no_link()
    # The page of an award is for people; beside it is what is signed.
    if _AWARD_ELSEWHERE.fullmatch(parts.path) and not parts.query:
        parts = parts._replace(path=f"{parts.path}.json")
    try:
        content = SiteWeb(now=now).get(parts._replace(fragment="").geturl())
    except NotReached as error:
        raise NotBrought(
            "link",
            _(
                "{reason} Open the link yourself, download the badge there as an image, JSON or "
                "JWT, and bring that file here."
            ).format(reason=error),
        ) from error
    return _presented(content, "link")


def _split(link: str) -> SplitResult:
    try:
        parts = urlsplit(link if _WITH_SCHEME.match(link) else f"https://{link}")
        # A port that is none is found by asking for it.
        is_link = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError as error:
        raise _no_link() from error
    if not is_link or len(link) > _LONGEST_LINK or re.search(r"\s", link):
        raise _no_link()
    return parts


def _no_link() -> NotBrought:
    return NotBrought("link", _("This is no link. Copy it as a whole, beginning with https://."))


def _place(parts: SplitResult) -> tuple[str, int | None]:
    """Host and port, as far as they make a difference."""
    return (parts.hostname or "").lower(), None if parts.port in (80, 443) else parts.port


def _own_places(request: HttpRequest) -> set[tuple[str, int | None]]:
    addresses = (get_host().absolute_url("/"), request.build_absolute_uri("/"))
    return {_place(urlsplit(one)) for one in addresses}


def _own(request: HttpRequest, path: str, *, now: datetime) -> Presented:
    """What is signed about an award of this site, if this reader may see it; nothing is fetched."""
    try:
        found = resolve(path.rstrip("/"))
    except Resolver404:
        found = None
    if found is None or not found.view_name.startswith("microcred:award"):
        raise NotBrought(
            "link",
            _(
                "This is an address of this site, but none of an award. The address of an award "
                "ends with “/awards/” and a long number."
            ),
        )
    try:
        readable = read(request, found.kwargs["uuid"])
        signed = credentials.served(readable.award, now=now)
    except Http404 as error:
        raise NotBrought("link", str(error)) from error
    except NotSigned as error:
        raise NotBrought("link", _("No credential was made of this award.")) from error
    except (NotConfigured, SigningFailed) as error:
        raise NotBrought(
            "link", _("This site can't sign credentials at present."), status=503
        ) from error
    is_token = found.view_name == "microcred:award_jwt"
    return _presented((signed.jwt if is_token else signed.document).encode(), "link")


# --- too much ------------------------------------------------------------------------------------


def _too_large(name: str) -> NotBrought:
    return NotBrought(
        name,
        _(
            "This is too large. A credential has at most 1 MB, a badge image with one in it "
            "at most 4 MB."
        ),
        status=413,
    )


def _length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _throw_away(request: HttpRequest) -> None:
    left = _MOST_THROWN_AWAY
    try:
        while left > 0 and (chunk := request.read(64 * 1024)):
            left -= len(chunk)
    except OSError:  # they hung up, which is all right
        pass
