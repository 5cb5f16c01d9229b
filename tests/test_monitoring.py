"""What monitoring is told, that it harms nobody, and that logs and it name nobody."""

from __future__ import annotations

import ast
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from microcred_plugin import monitoring, tasks
from microcred_plugin.definitions.models import Publication
from tests.factories import course, holds, publish
from tests.fakes import FakeHost

PACKAGE = Path(monitoring.__file__).parent
RUN = "course-v1:NordU+A+2026"


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What a backend of the operator's hears."""
    heard: dict[str, Any] = {}
    monkeypatch.setattr(monitoring, "set_custom_attribute", heard.__setitem__)
    return heard


# --- what it is told -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_hint_tells_whom_it_was_about_and_what_it_led_to(
    host: FakeHost, noted: dict[str, Any]
) -> None:
    host.pass_course(7, RUN)
    publish("top", holds(publish("skill", course(RUN))))
    tasks.follow_hint.run(7, RUN)
    assert noted == {
        "microcred.task": "follow_hint",
        "microcred.learner_id": 7,
        "microcred.cause": "event",
        "microcred.learners": 1,
        "microcred.microcredentials": 1,  # without what stacks on it
        "microcred.changes": 2,
        "microcred.told": 2,
    }


@pytest.mark.django_db
def test_publication_tells_which_it_is_and_how_many_learners(
    host: FakeHost, noted: dict[str, Any]
) -> None:
    for learner in range(5):
        host.pass_course(learner + 1, RUN)
    publish("skill", course(RUN))
    uuid = str(Publication.objects.get().uuid)
    tasks.run_publication.run(uuid)
    assert noted["microcred.publication"] == uuid
    assert noted["microcred.cause"] == "publication"
    assert (noted["microcred.learners"], noted["microcred.changes"]) == (5, 5)


@pytest.mark.django_db
def test_sweep_that_fails_tells_where(host: FakeHost, noted: dict[str, Any]) -> None:
    host.fail_with(ConnectionError("away"))
    tasks.sweep.run()
    assert noted["microcred.sweep_failed"] == "follow_changes"


def test_every_attribute_is_described() -> None:
    source = (PACKAGE / "monitoring.py").read_text(encoding="utf-8")
    named = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value.startswith("microcred.")
    }
    described = {
        line.split(":")[1].strip()
        for line in source.splitlines()
        if line.startswith("# .. custom_attribute_name:")
    }
    assert named == described


# --- that it harms nobody ------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["set_custom_attribute", "increment", "function_trace"])
def test_backend_that_fails_stops_nothing(
    host: FakeHost,
    monkeypatch: pytest.MonkeyPatch,
    announced: list[tuple[str, str]],
    name: str,
) -> None:
    class Broken:
        def __enter__(self) -> None:
            raise RuntimeError("broken")

    def fail(*_args: Any) -> Any:
        if name == "function_trace":
            return Broken()
        raise RuntimeError("broken")

    monkeypatch.setattr(monitoring, name, fail)
    host.pass_course(7, RUN)
    publish("skill", course(RUN))
    tasks.follow_hint.run(7, RUN)
    monitoring.count(monitoring.SEND_FAILED)
    assert len(announced) == 1


def test_what_fails_in_a_segment_comes_through() -> None:
    with pytest.raises(KeyError), monitoring.traced("microcred.evaluate"):
        raise KeyError


# --- that logs name nobody -----------------------------------------------------------------------

_LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
# What may be put into a line of a log: ids, uuids, and what parts of the plugin are called.
_HARMLESS = {
    "args",  # of a task: ids, a course key, a uuid
    "event.uuid",
    "kind.__name__",
    "learner.id",
    "learner_id",
    "mail.event_id",
    "organization",  # its short name
    "outcome.award",
    "person.id",
    "reason",  # of a signer that is not set up: which setting, and what to do about it
    "receiver.__name__",
    "step.__name__",
    "step.pk",
    "step_id",
    "task.name",
    "type(error).__name__",
    "uuid",
    "when",
}


def _log_calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in _LEVELS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in ("log", "logger", "logging")
            ):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno}", node


def test_every_line_of_a_log_has_only_ids_in_it() -> None:
    calls = dict(_log_calls())
    assert len(calls) > 5
    for place, call in calls.items():
        message, *arguments = call.args
        assert isinstance(message, ast.Constant), f"{place} is put together before it is logged"
        assert str(message.value).startswith("microcredentials: "), place
        assert {ast.unparse(argument) for argument in arguments} <= _HARMLESS, place
        assert {keyword.arg for keyword in call.keywords} <= {"exc_info"}, place


@pytest.mark.django_db
def test_journey_leaves_no_name_in_any_log(
    host: FakeHost, caplog: pytest.LogCaptureFixture, noted: dict[str, Any], settings: Any
) -> None:
    """Everything that is logged, at every level and by everybody, while much of it fails."""
    caplog.set_level(logging.DEBUG)
    host.add_learner(7, "lovelace1815", email="augusta@byron.example", name="Augusta Ada King")
    host.pass_course(7, RUN)
    publish("skill", course(RUN), policy="suspend")
    tasks.follow_hint.run(7, RUN)
    host.fail_course(7, RUN)
    tasks.sweep.run()
    host.cannot_say(7, RUN)
    tasks.follow_hint.run(7, RUN)
    host.fail_with(ConnectionError("away"))
    tasks.sweep.run()
    host.fail_with(None)
    host.retire(7)
    logged = caplog.text + str(noted)
    assert "microcredentials: a sweep failed in" in logged
    for name in ("lovelace1815", "augusta", "byron", "King"):
        assert name not in logged
