"""Where the pages of Studio are, for whoever is not in Studio."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from microcred_plugin.host import get_host

# The addresses by name, whatever service this is.
_PAGES = "microcred_plugin.urls.cms"


def studio_address(name: str, *args: Any) -> str:
    """The public address of a page of Studio, by its name in `urls/cms.py`."""
    return get_host().studio_url(f"/microcredentials{reverse(name, urlconf=_PAGES, args=args)}")
