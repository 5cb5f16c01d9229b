"""Studio and the LMS as two services on one database."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
LOAD_TRUTH = """
import django
django.setup()
from demo import replay
replay.load_people_and_courses()
replay.load_truth()
"""


@pytest.fixture
def service(tmp_path: Path) -> Callable[..., str]:
    """Run a command as `lms` or `cms`, on a database of this test's own; gives what it prints."""

    def run(variant: str, *arguments: str) -> str:
        environment = {
            **os.environ,
            "DEMO_DATABASE": str(tmp_path / "demo.sqlite3"),
            "DJANGO_SETTINGS_MODULE": f"demo.settings.{variant}",
        }
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def test_the_lms_awards_what_studio_has_published(service: Callable[..., str]) -> None:
    catalogue = sorted(str(path) for path in (ROOT / "demo" / "catalogue").glob("*.yaml"))
    service("lms", "demo/manage.py", "migrate", "--verbosity", "0")
    service("lms", "-c", LOAD_TRUTH)

    service("cms", "demo/manage.py", "microcred", "import", "--publish", *catalogue)
    before = service("lms", "demo/manage.py", "report")
    service("lms", "demo/manage.py", "microcred", "sweep")
    after = service("lms", "demo/manage.py", "report")

    assert "Data Science Mastery" not in before
    assert "Data Science Mastery" in after


def test_studio_migrates_nothing_that_the_lms_has_not(service: Callable[..., str]) -> None:
    service("lms", "demo/manage.py", "migrate", "--verbosity", "0")

    assert "No migrations to apply" in service("cms", "demo/manage.py", "migrate")


def test_studio_says_where_to_run_what_it_can_not(service: Callable[..., str]) -> None:
    service("lms", "demo/manage.py", "migrate", "--verbosity", "0")

    with pytest.raises(AssertionError, match="Run it with the LMS's settings"):
        service("cms", "demo/manage.py", "microcred", "reconcile", "--all")
