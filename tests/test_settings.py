"""What the plugin puts into the platform's settings, whatever the operator has there."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from microcred_plugin.settings import lms, lms_production
from microcred_plugin.settings.filters import add_filters

RUN = "org.openedx.learning.home.courserun.api.rendered.started.v1"
STEP = "microcred_plugin.dashboards.filters.AddToCourseRun"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, {"fail_silently": True, "pipeline": [STEP]}),
        ({}, {"fail_silently": True, "pipeline": [STEP]}),
        ("theirs.Step", {"fail_silently": True, "pipeline": ["theirs.Step", STEP]}),
        (["theirs.Step"], {"fail_silently": True, "pipeline": ["theirs.Step", STEP]}),
        (
            {"fail_silently": False, "pipeline": ["theirs.Step"], "log_level": "info"},
            {"fail_silently": False, "pipeline": ["theirs.Step", STEP], "log_level": "info"},
        ),
    ],
)
def test_steps_join_those_of_the_operator(before: Any, after: dict[str, Any]) -> None:
    other = {"pipeline": ["theirs.Other"]}
    config = {"other.filter": other} if before is None else {"other.filter": other, RUN: before}
    settings = SimpleNamespace(OPEN_EDX_FILTERS_CONFIG=config)
    for _time in range(2):
        add_filters(settings)
        assert settings.OPEN_EDX_FILTERS_CONFIG[RUN] == after
        assert settings.OPEN_EDX_FILTERS_CONFIG["other.filter"] == other


def test_steps_and_sweep_come_back_after_the_operators_file() -> None:
    settings = SimpleNamespace(MAKO_TEMPLATE_DIRS_BASE=[])
    lms.plugin_settings(settings)
    lms.plugin_settings(settings)
    assert len(settings.MAKO_TEMPLATE_DIRS_BASE) == 1
    settings.OPEN_EDX_FILTERS_CONFIG = {"other.filter": ["theirs.Other"]}
    settings.CELERYBEAT_SCHEDULE = {"theirs": {}}
    lms_production.plugin_settings(settings)
    assert settings.OPEN_EDX_FILTERS_CONFIG[RUN]["pipeline"] == [STEP]
    assert settings.OPEN_EDX_FILTERS_CONFIG["other.filter"] == ["theirs.Other"]
    assert set(settings.CELERYBEAT_SCHEDULE) == {"theirs", "microcred-sweep"}


def test_forms_of_the_verifier_stay_out_of_the_tracking_log() -> None:
    settings = SimpleNamespace(TRACKING_IGNORE_URL_PATTERNS=["^/event"])
    lms.plugin_settings(settings)
    assert settings.TRACKING_IGNORE_URL_PATTERNS == ["^/event", "^/microcredentials/verify/"]
    settings.TRACKING_IGNORE_URL_PATTERNS = ["^/theirs"]
    for _time in range(2):
        lms_production.plugin_settings(settings)
    assert settings.TRACKING_IGNORE_URL_PATTERNS == ["^/theirs", "^/microcredentials/verify/"]


def test_site_without_mako_needs_none() -> None:
    lms.plugin_settings(SimpleNamespace())
