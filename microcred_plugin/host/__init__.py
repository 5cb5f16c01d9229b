"""The platform, behind a port: `get_host()` gives the adapter that the site has configured."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from microcred_plugin.host.interface import Host

__all__ = ["get_host"]


def get_host() -> Host:
    """
    The adapter that `MICROCRED_HOST` names; one instance per process.

    Raises `ImproperlyConfigured`, saying what to set, if it can't be had.
    """
    return _load(settings.MICROCRED_HOST)


@lru_cache(maxsize=4)
def _load(path: str) -> Host:
    if not path:
        raise ImproperlyConfigured(
            "MICROCRED_HOST is empty: set it to the dotted path of the host adapter of this site."
        )
    try:
        host: Host = import_string(path)()
    except (ImportError, TypeError) as error:
        raise ImproperlyConfigured(
            f"MICROCRED_HOST names {path!r}, which can't be loaded: {error}. "
            "It must be the dotted path of a class that takes no arguments."
        ) from error
    return host


def _forget(*, setting: str, **_kwargs: object) -> None:
    if setting == "MICROCRED_HOST":
        _load.cache_clear()


setting_changed.connect(_forget, dispatch_uid="microcred_plugin.host")
