"""System checks: what an operator has to put right before the plugin can work."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import NotConfigured
from microcred_plugin.health import LIMITS
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Host

SWITCHES = ("off", "observe", "on")
_RATE = re.compile(r"[1-9][0-9]*/(second|minute|hour|day)")
_RATES = ("MICROCRED_API_USER_RATE", "MICROCRED_API_VISITOR_RATE", "MICROCRED_VERIFIER_RATE")
SIGN = ("request", "award")
# A name of DNS, or an address of IPv4, with a port or without.
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[1-9][0-9]{{0,4}})?")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@register("microcred_plugin")
def check_host(**_kwargs: Any) -> list[CheckMessage]:
    """The class that MICROCRED_HOST names can be loaded, and has what a host needs."""
    try:
        host = get_host()
    except ImproperlyConfigured as error:
        return [Error(str(error), id="microcred_plugin.E001")]
    missing = [
        name
        for name in vars(Host)
        if not name.startswith("_") and not callable(getattr(host, name, None))
    ]
    if missing:
        return [
            Error(
                f"MICROCRED_HOST names {settings.MICROCRED_HOST!r}, which lacks the methods "
                f"{', '.join(sorted(missing))}.",
                hint="microcred_plugin.host.interface.Host says what they have to do.",
                id="microcred_plugin.E002",
            )
        ]
    return []


@register("microcred_plugin")
def check_switch(**_kwargs: Any) -> list[CheckMessage]:
    """MICROCRED_SWITCH is one of those that there are."""
    if settings.MICROCRED_SWITCH in SWITCHES:
        return []
    return [
        Error(
            f"MICROCRED_SWITCH is {settings.MICROCRED_SWITCH!r}; it has to be one of "
            f"{', '.join(SWITCHES)}.",
            id="microcred_plugin.E003",
        )
    ]


@register("microcred_plugin")
def check_email(**_kwargs: Any) -> list[CheckMessage]:
    """MICROCRED_EMAIL is one of those that there are."""
    if settings.MICROCRED_EMAIL in ("off", "on"):
        return []
    return [
        Error(
            f'MICROCRED_EMAIL is {settings.MICROCRED_EMAIL!r}; it has to be "off" or "on".',
            id="microcred_plugin.E008",
        )
    ]


@register("microcred_plugin")
def check_colors(**_kwargs: Any) -> list[CheckMessage]:
    """Every colour in MICROCRED_ORGANIZATION_COLORS is written as #rrggbb."""
    colors = settings.MICROCRED_ORGANIZATION_COLORS
    if not isinstance(colors, Mapping):
        return [
            Error(
                f"MICROCRED_ORGANIZATION_COLORS is {colors!r}; it has to be a dictionary of "
                'colours by organisation, such as {"Org": "#1b4d89"}.',
                id="microcred_plugin.E004",
            )
        ]
    return [
        Error(
            f"MICROCRED_ORGANIZATION_COLORS has {color!r} for {organization!r}; a colour is "
            "written as #rrggbb.",
            id="microcred_plugin.E005",
        )
        for organization, color in colors.items()
        if not (isinstance(color, str) and _COLOR.fullmatch(color))
    ]


@register("microcred_plugin")
def check_health_limits(**_kwargs: Any) -> list[CheckMessage]:
    """MICROCRED_HEALTH_LIMITS names checks that there are, with numbers."""
    limits = settings.MICROCRED_HEALTH_LIMITS
    if isinstance(limits, Mapping) and all(
        name in LIMITS and isinstance(limit, int) and limit >= 0 for name, limit in limits.items()
    ):
        return []
    return [
        Error(
            f"MICROCRED_HEALTH_LIMITS is {limits!r}; it has to be a dictionary of whole numbers "
            f"by {', '.join(LIMITS)}.",
            id="microcred_plugin.E006",
        )
    ]


@register("microcred_plugin")
def check_rates(**_kwargs: Any) -> list[CheckMessage]:
    """How often the API and the verifier may be asked is something that can be counted by."""
    rates = {name: getattr(settings, name) for name in _RATES}
    return [
        Error(
            f"{name} is {rate!r}; it has to be a number per second, minute, hour or day, such as "
            '"120/minute", or None.',
            id="microcred_plugin.E007",
        )
        for name, rate in rates.items()
        if rate is not None and not (isinstance(rate, str) and _RATE.fullmatch(rate))
    ]


@register("microcred_plugin")
def check_signer(**_kwargs: Any) -> list[CheckMessage]:
    """There is a signer, and what it keeps private keys with."""
    try:
        credentials.check_signer()
    except NotConfigured as error:
        return [Error(str(error), id="microcred_plugin.E009")]
    if settings.MICROCRED_SIGNER != credentials.DATABASE_SIGNER:
        return []
    try:
        credentials.encryption()
    except NotConfigured as error:
        if not settings.MICROCRED_KEY_ENCRYPTION_KEYS:
            return [Warning(str(error), id="microcred_plugin.W001")]
        return [Error(str(error), id="microcred_plugin.E010")]
    return []


@register("microcred_plugin")
def check_sign(**_kwargs: Any) -> list[CheckMessage]:
    """MICROCRED_SIGN is one of those that there are."""
    if settings.MICROCRED_SIGN in SIGN:
        return []
    return [
        Error(
            f"MICROCRED_SIGN is {settings.MICROCRED_SIGN!r}; it has to be one of "
            f"{', '.join(SIGN)}.",
            id="microcred_plugin.E011",
        )
    ]


@register("microcred_plugin")
def check_status_seconds(**_kwargs: Any) -> list[CheckMessage]:
    """MICROCRED_STATUS_SECONDS is a time after which a revocation is known, and no day later."""
    seconds = settings.MICROCRED_STATUS_SECONDS
    if type(seconds) is int and 0 <= seconds <= 86_400:
        return []
    return [
        Error(
            f"MICROCRED_STATUS_SECONDS is {seconds!r}; it has to be a whole number from 0 to "
            "86400.",
            id="microcred_plugin.E012",
        )
    ]


@register("microcred_plugin")
def check_verifier_hosts(**_kwargs: Any) -> list[CheckMessage]:
    """MICROCRED_VERIFIER_HOSTS are names of hosts, each written in full."""
    hosts = settings.MICROCRED_VERIFIER_HOSTS
    if not isinstance(hosts, list | tuple | set | frozenset):
        return [
            Error(
                f"MICROCRED_VERIFIER_HOSTS is {hosts!r}; it has to be a list of hosts, such as "
                '["badges.example.org"].',
                id="microcred_plugin.E013",
            )
        ]
    return [
        Error(
            f"MICROCRED_VERIFIER_HOSTS has {host!r}; a host is written in small letters, without "
            'https:// and without *, such as "badges.example.org".',
            id="microcred_plugin.E014",
        )
        for host in hosts
        if not (isinstance(host, str) and _HOST.fullmatch(host))
    ]
