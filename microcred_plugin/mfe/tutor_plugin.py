"""
The Tutor plugin `microcredentials`: the package into the platform's image, a key into its
settings, cards into the micro-frontends of learners and of authors.

Only Tutor imports this. What it builds on is in Tutor 20 to 22 and in tutor-mfe of the same
releases. Where tutor-mfe is missing or knows nothing of slots, it says so and does the rest.
"""

from __future__ import annotations

import json
from importlib import import_module
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from types import ModuleType

from tutor import fmt, hooks

from microcred_plugin.mfe import sources

PACKAGE = "openedx-microcredentials"

# pip has nothing to do where OPENEDX_EXTRA_PIP_REQUIREMENTS names the same package later on.
INSTALL = """
{%- if MICROCREDENTIALS_REQUIREMENT %}
RUN --mount=type=cache,target=/openedx/.cache/pip,sharing=shared \\
    pip install '{{ MICROCREDENTIALS_REQUIREMENT }}'
{%- endif %}
"""

# Fernet takes 32 bytes in URL-safe base64. Tutor has no filter for that, and its random strings are
# of letters and digits; so the settings themselves encode 32 of those: 190 bits of chance. What an
# operator puts there stands; a list, so that a key can be replaced.
SIGNING = """
import base64 as _microcredentials_base64
MICROCRED_KEY_ENCRYPTION_KEYS = [
    _microcredentials_base64.urlsafe_b64encode(_secret.encode()).decode()
    for _secret in {{ MICROCREDENTIALS_KEY_SECRETS }}
]
"""


def requirement() -> str:
    """
    What pip needs to install this very package in an image; empty if only this machine has it.

    PEP 610: what was not installed from an index has a note of where it came from.
    """
    try:
        installed = distribution(PACKAGE)
    except PackageNotFoundError:
        return ""
    note = installed.read_text("direct_url.json")
    if note is None:
        return f"{PACKAGE}=={installed.version}"
    origin = json.loads(note)
    if origin["url"].startswith("file:"):
        return ""
    if vcs := origin.get("vcs_info"):
        return f"{PACKAGE} @ {vcs['vcs']}+{origin['url']}@{vcs['commit_id']}"
    return f"{PACKAGE} @ {origin['url']}"


def put_into_image() -> None:
    hooks.Filters.CONFIG_DEFAULTS.add_item(("MICROCREDENTIALS_REQUIREMENT", requirement()))
    hooks.Filters.ENV_PATCHES.add_item(("openedx-dockerfile-post-python-requirements", INSTALL))


def put_into_settings() -> None:
    """What issuers' private keys are encrypted with, the same in the LMS and in Studio."""
    hooks.Filters.CONFIG_UNIQUE.add_item(
        ("MICROCREDENTIALS_KEY_SECRETS", ["{{ 32|random_string }}"])
    )
    hooks.Filters.ENV_PATCHES.add_item(("openedx-common-settings", SIGNING))


def put_into_micro_frontends(mfe: ModuleType) -> None:
    """By frontend-plugin-framework: what both are built with, Learner Home up to Verawood."""
    for app, slots in sources.FPF_SLOTS.items():
        for slot, plugin in slots.items():
            mfe.PLUGIN_SLOTS.add_item((app, slot, plugin))
        hooks.Filters.ENV_PATCHES.add_item(
            (
                f"mfe-env-config-runtime-definitions-{app}",
                _as_it_is("\n" + sources.fpf_definitions(app)),
            )
        )


def put_into_frontend_base(mfe: ModuleType) -> None:
    """Learner Home alone: in no release is the authoring micro-frontend in such a site."""
    mfe.FRONTEND_SLOTS.add_item(sources.FRONTEND_BASE_OPERATION)
    hooks.Filters.ENV_PATCHES.add_item(
        ("mfe-site-custom-app-imports", _as_it_is(sources.FRONTEND_BASE_IMPORTS))
    )
    # tutor-mfe renders what is below mfe/build in anybody's template root: here, one module.
    hooks.Filters.ENV_TEMPLATE_ROOTS.add_item(str(files(__package__) / "tutor_templates"))
    hooks.Filters.ENV_TEMPLATE_VARIABLES.add_item(
        ("microcredentials_module", sources.frontend_base_module())
    )


def _as_it_is(text: str) -> str:
    """Patches are rendered by Jinja, to which JSX's braces would mean something else."""
    return "{% raw %}" + text + "{% endraw %}"


def _mfe_hooks() -> ModuleType | None:
    try:
        return import_module("tutormfe.hooks")
    except ImportError:
        return None


def _say_what_is_missing(_config: object) -> None:
    enabled: list[str] = []
    if "mfe" not in hooks.Filters.PLUGINS_LOADED.apply(enabled):
        reason = "the plugin mfe is not enabled (pip install tutor-mfe; tutor plugins enable mfe)"
    elif not hasattr(_mfe_hooks(), "PLUGIN_SLOTS"):
        reason = "this tutor-mfe is too old to have slots"
    else:
        return
    # On stderr: what a Tutor command prints may be read by another program.
    fmt.echo_alert(
        f"microcredentials: neither Learner Home nor Studio's micro-frontend will show any, since "
        f"{reason}."
    )


def register() -> None:
    hooks.Actions.CONFIG_LOADED.add()(_say_what_is_missing)
    put_into_image()
    put_into_settings()
    mfe = _mfe_hooks()
    if mfe is not None and hasattr(mfe, "PLUGIN_SLOTS"):
        put_into_micro_frontends(mfe)
    if mfe is not None and hasattr(mfe, "FRONTEND_SLOTS"):
        put_into_frontend_base(mfe)


# Tutor asks for no more than the import.
register()
