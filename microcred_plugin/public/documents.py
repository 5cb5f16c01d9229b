"""Signed documents, and what is needed to verify them: for programs, of any origin."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import (
    Credential,
    Issuer,
    NotConfigured,
    NotSigned,
    SigningFailed,
)
from microcred_plugin.planning import HostFailed
from microcred_plugin.presenting.pictures import NotDrawn, png_of
from microcred_plugin.public.codes import qr_code
from microcred_plugin.public.reading import Readable, award_url, nothing_here, read

# Verifiable Credentials Data Model v2.0, section 6.3; DID Core, section 6.3.2; RFC 7517; and for a
# JWT what Open Badges 3.0, "Web", asks for.
CREDENTIAL, DID, JWK, JWT = (
    "application/vc+ld+json", "application/did+ld+json", "application/jwk+json", "text/plain",
)  # fmt: skip

# Keys change seldom; when one is stolen, that has to be known soon.
_KEYS_SECONDS = 300

Document = Callable[..., HttpResponse]


def _document(view: Document) -> Callable[..., HttpResponseBase]:
    """A document: what can't be had is said as JSON, and what the reader has is not sent again."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404 as error:
            return _problem(404, str(error))
        except NotSigned:
            return _problem(404, _("No credential was made of this award."))
        except NotConfigured:
            return _problem(503, _("This site can't sign credentials at present."))
        except HostFailed:
            return _problem(503, _("This can't be shown just now. Try again later."))
        except SigningFailed:
            return _problem(503, _("It could not be signed just now. Try again later."))
        except NotDrawn:
            return _problem(503, _("The image could not be drawn just now. Try again later."))
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["ETag"] = f'"{sha256(response.content).hexdigest()[:32]}"'
        return get_conditional_response(request, response["ETag"], response=response) or response

    return require_safe(answered)


# --- awards --------------------------------------------------------------------------------------


@_document
def award_json(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The credential, with a Data Integrity proof."""
    readable, signed = _signed(request, uuid)
    return _of_award(request, readable, signed.document, CREDENTIAL, "json")


@_document
def award_jwt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The credential as a JWT."""
    readable, signed = _signed(request, uuid)
    return _of_award(request, readable, signed.jwt, JWT, "jwt")


@_document
def award_png(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The badge with the credential in it."""
    readable, signed = _signed(request, uuid)
    version = readable.award.version
    image = png_of(readable.award.microcredential.uuid, version.number, 512)
    if image is None:
        raise nothing_here()
    baked = credentials.bake(image, signed.document)
    return _of_award(request, readable, baked, "image/png", "png")


@_document
def award_qr(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The address of the award's page as a QR code."""
    readable = read(request, uuid)
    return _of_award(request, readable, qr_code(award_url(uuid)), "image/svg+xml", "svg")


def _signed(request: HttpRequest, uuid: UUID) -> tuple[Readable, Credential]:
    readable = read(request, uuid)
    return readable, credentials.served(readable.award, now=timezone.now())


def _of_award(
    request: HttpRequest, readable: Readable, content: str | bytes, kind: str, suffix: str
) -> HttpResponse:
    """
    A document about a person: whoever keeps it asks again before showing it, since sharing can be
    withdrawn.
    """
    response = HttpResponse(content, content_type=kind)
    if readable.is_shared:
        response["Access-Control-Allow-Origin"] = "*"
        patch_cache_control(response, public=True, no_cache=True)
    else:
        patch_cache_control(response, private=True, no_cache=True)
    response["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ("Cookie",))
    if "download" in request.GET:
        name = f"{readable.award.microcredential.slug}.{suffix}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


# --- issuers -------------------------------------------------------------------------------------


@_document
def issuer_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The profile of an issuer."""
    profile = credentials.profile_document_of(find_issuer(slug))
    return _public(_json(profile), "application/ld+json", _KEYS_SECONDS)


@_document
def did_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The DID document of an issuer."""
    return _public(_json(credentials.did_document_of(find_issuer(slug))), DID, _KEYS_SECONDS)


@_document
def key(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """A key of an issuer that JWTs name."""
    found = credentials.jwk_at(find_issuer(slug), name)
    if found is None:
        raise Http404(_("This issuer has no such key, or it is not to be relied on any more."))
    return _public(_json(found), JWK, _KEYS_SECONDS)


@_document
def status_list(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A status list of an issuer."""
    found = credentials.served_list(slug, number, now=timezone.now())
    if found is None:
        raise Http404(_("This issuer has no such status list."))
    return _public(found, CREDENTIAL, settings.MICROCRED_STATUS_SECONDS)


@_document
def logo(request: HttpRequest, slug: str) -> HttpResponse:
    """The logo of an issuer."""
    issuer = find_issuer(slug)
    if issuer.logo is None:
        raise Http404(_("This issuer has no logo."))
    return _public(bytes(issuer.logo.content), issuer.logo.content_type, _KEYS_SECONDS)


def find_issuer(slug: str) -> Issuer:
    """The issuer at an address, with its keys. Raises `Http404`."""
    found = credentials.issuer_at(slug)
    if found is None:
        raise Http404(_("There is no such issuer."))
    return found


def _json(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2)


def _public(content: str | bytes, kind: str, seconds: int) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, public=True, max_age=seconds)
    return response


def _problem(status: int, sentence: str) -> HttpResponse:
    """What went wrong, as RFC 9457 has it."""
    problem = {"status": status, "detail": sentence}
    response = HttpResponse(
        json.dumps(problem, ensure_ascii=False),
        content_type="application/problem+json",
        status=status,
    )
    response["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(response, no_store=True)
    return response
