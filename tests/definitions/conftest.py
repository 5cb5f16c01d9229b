"""What the tests of the definitions can ask for."""

from __future__ import annotations

import pytest

from tests.definitions import AUTUMN, SPRING, STATISTICS
from tests.fakes import FakeHost


@pytest.fixture
def host(host: FakeHost) -> FakeHost:
    """A platform with a few course runs."""
    host.add_run(SPRING, title="Data Literacy, spring")
    host.add_run(AUTUMN, title="Data Literacy, autumn")
    host.add_run(STATISTICS, title="Statistics")
    return host
