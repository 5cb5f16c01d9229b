"""Style sheets and scripts of the pages, the same in every service."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from microcred_plugin.pages import serving

_FOR_EVER = {"public": True, "max_age": 365 * 24 * 3600, "immutable": True}


@require_safe
def asset(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """A style sheet or a script of the pages."""
    found = serving.assets().get(name)
    if found is None or found[0] != digest:
        raise Http404
    _digest, content, content_type = found
    response = HttpResponse(content, content_type=content_type)
    response["X-Content-Type-Options"] = "nosniff"
    patch_cache_control(response, **_FOR_EVER)
    return response
