"""Addresses for a client that lives on another origin."""

from __future__ import annotations

from microcred_plugin.host import get_host


def absolute(url: str) -> str:
    """An address as the world knows it; the host may have given it so already."""
    return url if url.startswith(("http://", "https://")) else get_host().absolute_url(url)
