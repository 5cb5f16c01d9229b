"""Looks at the plugin from inside the site; ends with a sentence and exit code 1 if it is amiss."""

import io
import sys
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.management import call_command, get_commands
from django.template.loader import get_template
from django.utils import translation
from edx_django_utils.plugins import connect_plugin_receivers
from openedx_events.tooling import OpenEdxPublicSignal, load_all_signals


def main() -> None:
    """Look at everything that an installation has to bring."""
    django.setup()
    config = apps.get_app_config("microcred_plugin")
    _want(
        Path(config.path).is_relative_to(sys.prefix),
        f"the package was loaded from {config.path}, not from the environment",
    )
    _want(settings.MICROCRED_EVALUATES is _is_lms(), "the settings were not applied")
    schedule = getattr(settings, "CELERYBEAT_SCHEDULE", {})
    _want(("microcred-sweep" in schedule) == _is_lms(), f"beat would run {sorted(schedule)}")
    _want(get_commands().get("microcred") == config.name, "the command microcred is missing")

    connected = _connected()
    announced = config.plugin_app["signals_config"].get(settings.PROJECT_TYPE, {})
    wanted = {receiver["signal_path"] for receiver in announced.get("receivers", ())}
    _want(len(connected) == len(wanted), f"connected to {connected}, announced {sorted(wanted)}")
    _want(bool(connected) == _is_lms(), f"connected to {connected}")

    _look_at_what_pages_need()
    _look_at_what_signing_needs()
    call_command("check", fail_level="WARNING")
    first, second = _migrate(), _migrate()
    done = "No migrations to apply"
    _want(done in second, f"migrating a second time does something:\n{second}")
    _want(_is_lms() or done in first, f"the CMS migrates what the LMS did not:\n{first}")
    call_command("makemigrations", config.label, check=True, dry_run=True)
    print(
        f"{settings.PROJECT_TYPE}: loaded with Django {django.__version__}, "
        f"connected to {len(connected)} events, migrated."
    )


def _look_at_what_signing_needs() -> None:
    """What canonicalises credentials is there, in this process and as the script apart from it."""
    from microcred_plugin.credentials.canonical import (  # noqa: PLC0415 - needs the plugin
        canonical,
        canonical_isolated,
    )

    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": {"name": "NordU"},
    }
    _want(canonical(document) == canonical_isolated(document) != b"", "nothing can be signed")


def _look_at_what_pages_need() -> None:
    """Templates, style sheets, translations and the font of the badges came with the package."""
    from microcred_plugin.artwork import Badge, draw, png  # noqa: PLC0415 - needs the plugin
    from microcred_plugin.pages.serving import assets  # noqa: PLC0415

    get_template("microcred_plugin/learner/home.html")
    _want({"microcred.css", "microcred.js"} <= set(assets()), f"served are {sorted(assets())}")
    badge = Badge(key="1", title="Data Literacy", organization="NordU")
    _want(len(png(draw(badge, is_small=False), 256)) > 5_000, "a badge has no letters on it")
    with translation.override("de"):
        _want(str(translation.gettext("Catalog")) == "Katalog", "there is no German")


def _is_lms() -> bool:
    return bool(settings.PROJECT_TYPE == "lms.djangoapp")


def _connected() -> list[str]:
    """The events of the platform to which the plugin listens."""
    load_all_signals()
    connect_plugin_receivers(settings.PROJECT_TYPE)
    return sorted(
        signal.event_type
        for signal in OpenEdxPublicSignal.all_events()
        for (uid, _sender), *_rest in signal.receivers
        if str(uid).startswith("microcred_plugin.")
    )


def _migrate() -> str:
    said = io.StringIO()
    call_command("migrate", stdout=said)
    return said.getvalue()


def _want(is_true: bool, problem: str) -> None:
    if not is_true:
        sys.exit(f"{settings.PROJECT_TYPE}: {problem}")


if __name__ == "__main__":
    main()
