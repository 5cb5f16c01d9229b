"""How a page of Studio is shown: in the common frame, with the styles and scripts of its own."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from microcred_plugin.pages.api import asset_url, show


def show_studio(
    request: HttpRequest, template: str, here: str = "studio", *, status: int = 200, **context: Any
) -> HttpResponse:
    """A template below `templates/microcred_plugin/studio`."""
    assets = {
        "studio_css_url": asset_url("studio.css"),
        "studio_js_url": asset_url("studio.js"),
        "htmx_url": asset_url("htmx.min.js"),
    }
    return show(request, f"studio/{template}", here, status=status, **assets, **context)


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks, so that only the part that it puts into the page is wanted."""
    return request.headers.get("HX-Request") == "true"
