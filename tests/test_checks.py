"""What `manage.py check` tells an operator to put right."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError


class Incomplete:
    """A host that can name learners, and nothing else."""

    course_runs = "not something to call"

    def learners(self, learner_ids: Any) -> dict[int, Any]:
        return {}


class Demanding:
    """A host that can't be made without an argument."""

    def __init__(self, site: str) -> None:
        self.site = site


def said() -> dict[str, str]:
    """What the plugin's checks say, by their ids."""
    return {str(found.id): found.msg for found in run_checks(tags=["microcred_plugin"])}


def test_site_that_is_set_up_has_nothing_to_put_right() -> None:
    assert said() == {}


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("", "MICROCRED_HOST is empty"),
        ("nowhere.Host", "names 'nowhere.Host', which can't be loaded: No module named 'nowhere'"),
        ("tests.fakes.Nobody", 'which can\'t be loaded: Module "tests.fakes" does not define'),
        ("Host", "which can't be loaded"),
        ("tests.test_checks.Demanding", "class that takes no arguments"),
    ],
)
def test_host_that_cannot_be_loaded_is_an_error(settings: Any, host: str, reason: str) -> None:
    settings.MICROCRED_HOST = host
    ((code, sentence),) = said().items()
    assert code == "microcred_plugin.E001"
    assert reason in sentence


def test_host_that_is_something_else_altogether_is_an_error(settings: Any) -> None:
    settings.MICROCRED_HOST = "builtins.dict"
    assert set(said()) == {"microcred_plugin.E002"}


def test_host_that_lacks_methods_is_an_error_that_names_them(settings: Any) -> None:
    settings.MICROCRED_HOST = "tests.test_checks.Incomplete"
    (found,) = run_checks(tags=["microcred_plugin"])
    assert found.id == "microcred_plugin.E002"
    assert "course_results" in found.msg
    assert "course_runs" in found.msg
    assert " learners," not in found.msg
    assert found.hint is not None
    assert "microcred_plugin.host.interface.Host" in found.hint


@pytest.mark.parametrize("switch", ["off", "observe", "on"])
def test_every_switch_that_there_is_is_accepted(settings: Any, switch: str) -> None:
    settings.MICROCRED_SWITCH = switch
    assert said() == {}


@pytest.mark.parametrize("switch", ["", "On", "yes", True, None])
def test_switch_that_there_is_none_of_is_an_error(settings: Any, switch: Any) -> None:
    settings.MICROCRED_SWITCH = switch
    assert said() == {
        "microcred_plugin.E003": f"MICROCRED_SWITCH is {switch!r}; it has to be one of off, "
        "observe, on."
    }


@pytest.mark.parametrize("color", ["navy", "#fff", "1b4d89", "#1b4d8g", "#1b4d89 ", 7, None])
def test_colour_that_is_none_is_an_error_that_names_the_organisation(
    settings: Any, color: Any
) -> None:
    settings.MICROCRED_ORGANIZATION_COLORS = {"Harbor": "#0b5f58", "NordU": color}
    assert said() == {
        "microcred_plugin.E005": f"MICROCRED_ORGANIZATION_COLORS has {color!r} for 'NordU'; a "
        "colour is written as #rrggbb."
    }


@pytest.mark.parametrize("colors", [None, "#0b5f58", ["#0b5f58"]])
def test_colours_that_are_no_dictionary_are_an_error(settings: Any, colors: Any) -> None:
    settings.MICROCRED_ORGANIZATION_COLORS = colors
    assert "microcred_plugin.E004" in said()


@pytest.mark.parametrize("limits", [None, ["sweep"], {"swep": 1}, {"sweep": "1"}, {"due": -1}])
def test_limits_of_health_that_are_none_are_an_error(settings: Any, limits: Any) -> None:
    settings.MICROCRED_HEALTH_LIMITS = limits
    assert "by sweep, worker, changes, due," in said()["microcred_plugin.E006"]


def test_limits_of_health_may_be_some_of_them(settings: Any) -> None:
    settings.MICROCRED_HEALTH_LIMITS = {"sweep": 60, "unknown": 0}
    assert said() == {}


@pytest.mark.parametrize("email", ["", "On", True, None])
def test_email_that_is_neither_off_nor_on_is_an_error(settings: Any, email: Any) -> None:
    settings.MICROCRED_EMAIL = email
    assert said() == {
        "microcred_plugin.E008": f'MICROCRED_EMAIL is {email!r}; it has to be "off" or "on".'
    }


@pytest.mark.parametrize("rate", ["1/second", "120/minute", "9/hour", "10000/day", None])
def test_rate_that_can_be_counted_by_is_accepted(settings: Any, rate: Any) -> None:
    settings.MICROCRED_API_USER_RATE = rate
    settings.MICROCRED_API_VISITOR_RATE = rate
    assert said() == {}


@pytest.mark.parametrize(
    "rate",
    ["", "120", "many/minute", "0/minute", "1/week", "1/minute\n", "-1/day", 120, ("1", "s")],
)
@pytest.mark.parametrize(
    "name", ["MICROCRED_API_USER_RATE", "MICROCRED_API_VISITOR_RATE", "MICROCRED_VERIFIER_RATE"]
)
def test_rate_that_is_none_is_an_error_that_names_the_setting(
    settings: Any, name: str, rate: Any
) -> None:
    setattr(settings, name, rate)
    assert said() == {
        "microcred_plugin.E007": f"{name} is {rate!r}; it has to be a number per second, minute, "
        'hour or day, such as "120/minute", or None.'
    }


def test_site_without_an_encryption_key_is_warned_and_told_the_way_out(settings: Any) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    [found] = run_checks(tags=["microcred_plugin"])
    assert (found.id, found.is_serious()) == ("microcred_plugin.W001", False)
    assert "Run `microcred keys new`" in found.msg


@pytest.mark.parametrize("wrong", ["abc", ["abc"], [None], {"a": "b"}, [b"x" * 44]])
def test_encryption_key_that_is_none_is_an_error(settings: Any, wrong: Any) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = wrong
    assert set(said()) == {"microcred_plugin.E010"}


def test_signer_with_keys_of_its_own_needs_no_encryption_key(settings: Any) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    settings.MICROCRED_SIGNER = "microcred_plugin.credentials.signers.ConfiguredSigner"
    assert said() == {}


@pytest.mark.parametrize("signer", ["", "nowhere.Signer", "builtins.dict"])
def test_signer_that_is_none_is_an_error(settings: Any, signer: str) -> None:
    settings.MICROCRED_SIGNER = signer
    assert set(said()) == {"microcred_plugin.E009"}


@pytest.mark.parametrize("sign", ["", "Award", "always", None, True])
def test_time_of_signing_that_is_none_is_an_error(settings: Any, sign: Any) -> None:
    settings.MICROCRED_SIGN = sign
    assert said() == {
        "microcred_plugin.E011": f"MICROCRED_SIGN is {sign!r}; it has to be one of request, award."
    }


@pytest.mark.parametrize("seconds", [-1, 86_401, "60", None, 1.5, True])
def test_seconds_of_a_status_list_that_are_none_are_an_error(settings: Any, seconds: Any) -> None:
    settings.MICROCRED_STATUS_SECONDS = seconds
    assert set(said()) == {"microcred_plugin.E012"}


def test_verifier_hosts_are_names_with_a_port_or_without(settings: Any) -> None:
    settings.MICROCRED_VERIFIER_HOSTS = ["badges.example.org", "localhost:8000", "10.0.0.1"]
    assert said() == {}


@pytest.mark.parametrize("hosts", [None, "badges.example.org", {"a": 1}])
def test_verifier_hosts_that_are_no_list_are_an_error(settings: Any, hosts: Any) -> None:
    settings.MICROCRED_VERIFIER_HOSTS = hosts
    assert set(said()) == {"microcred_plugin.E013"}


@pytest.mark.parametrize(
    "host",
    ["https://a.org", "*.a.org", "a.org/", "A.org", "", "a..org", "-a.org", "a.org:0", 7, "a\n"],
)
def test_verifier_host_that_is_none_is_an_error(settings: Any, host: Any) -> None:
    settings.MICROCRED_VERIFIER_HOSTS = ["badges.example.org", host]
    assert set(said()) == {"microcred_plugin.E014"}
    assert repr(host) in next(iter(said().values()))


def test_errors_stop_the_command_that_checks(settings: Any) -> None:
    settings.MICROCRED_SWITCH = "maybe"
    with pytest.raises(SystemCheckError, match=r"microcred_plugin\.E003"):
        call_command("check", stdout=StringIO())
