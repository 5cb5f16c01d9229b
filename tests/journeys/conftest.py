"""The demo site, for journeys through real tables and real events."""

from __future__ import annotations

from typing import Any

import pytest

from demo import replay
from microcred_plugin.receivers import connect_retirement
from tests.journeys import site


@pytest.fixture
def demo_site(transactional_db: None, settings: Any) -> None:
    """The demo's tables, with its people and courses and its catalogue published; no results."""
    settings.MICROCRED_HOST = "demo.host.DemoHost"
    connect_retirement()  # what the plugin does when Django starts with this host
    replay.load_people_and_courses()
    site.publish_catalogue()
