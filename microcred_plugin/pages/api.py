"""
The door of the pages: what every one of them is wrapped in, and what stands around it.

A surface has its own views and templates; each view is a `page`, and answers with `show`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from microcred_plugin.host import get_host
from microcred_plugin.pages import serving
from microcred_plugin.planning import HostFailed

__all__ = ["View", "asset_url", "page", "page_context", "picture", "show"]

View = Callable[..., HttpResponseBase]

# A page asks nobody but this site for anything, and nobody frames it.
_POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

# An image that is opened by itself may not do anything; its own style sheet draws it.
_IMAGE_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"


def page(view: View) -> View:
    """A page that is about its reader: kept by no cache but for going back, asking nobody else."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **kwargs)
        except Http404 as error:
            response = _missing(request, str(error))
        except HostFailed:
            response = _failed(request)
        response.setdefault("Content-Security-Policy", _POLICY)
        response.setdefault("Referrer-Policy", "same-origin")
        patch_cache_control(response, private=True, no_cache=True)
        return response

    return shown


def show(
    request: HttpRequest, template: str, here: str = "", *, status: int = 200, **context: Any
) -> HttpResponse:
    """A template of ours, by its path below `templates/microcred_plugin`, in the common frame."""
    return render(
        request,
        f"microcred_plugin/{template}",
        {**page_context(here), **context},
        status=status,
    )


def page_context(here: str = "") -> dict[str, Any]:
    """What the base template shows around a page; `here` is the entry of the menu, if it is one."""
    return {
        "here": here,
        "platform": get_host().site(),
        "css_url": asset_url("microcred.css"),
        "js_url": asset_url("microcred.js"),
    }


def picture(content: str | bytes, content_type: str) -> HttpResponse:
    """An image, which is nothing but that to whoever opens it by itself."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Security-Policy"] = _IMAGE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


def asset_url(name: str) -> str:
    """Where one of the style sheets and scripts is; the address changes with its content."""
    return reverse("microcred:asset", args=[serving.digest_of(name), name])


def _missing(request: HttpRequest, sentence: str) -> HttpResponse:
    return show(request, "message.html", status=404, title=_("Not found"), sentence=sentence)


def _failed(request: HttpRequest) -> HttpResponse:
    return show(
        request, "message.html", status=503,
        title=_("This can't be shown just now"),
        sentence=_("The course records could not be read. Nothing is lost; try again later."),
    )  # fmt: skip
