"""`get_host` and what it says when the setting is wrong."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from microcred_plugin.host import get_host
from tests.fakes import FakeHost


def test_the_setting_names_the_adapter() -> None:
    assert isinstance(get_host(), FakeHost)


def test_there_is_one_adapter_in_a_process() -> None:
    assert get_host() is get_host()


def test_changed_setting_gives_another_adapter(settings) -> None:
    before = get_host()
    settings.MICROCRED_HOST = "demo.host.DemoHost"
    assert type(get_host()).__name__ == "DemoHost"
    settings.MICROCRED_HOST = "tests.fakes.FakeHost"
    assert get_host() is not before


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("", "MICROCRED_HOST is empty"),
        ("no.such.module.Host", "no.such.module.Host"),
        ("tests.fakes.NoSuchHost", "tests.fakes.NoSuchHost"),
        ("tests.host.contract._read_all", "takes no arguments"),
    ],
)
def test_setting_that_can_not_be_used_is_named(settings, setting: str, says: str) -> None:
    settings.MICROCRED_HOST = setting
    with pytest.raises(ImproperlyConfigured, match=says):
        get_host()
