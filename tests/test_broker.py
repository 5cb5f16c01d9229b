"""How tasks reach the broker: over a connection that is kept, and that may be gone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from kombu.messaging import Producer
from kombu.transport.memory import Channel

from microcred_plugin import broker, tasks


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Producer]]:
    """The producers that are made, of a broker in memory."""
    found: list[Producer] = []

    def make(connection: Any) -> Producer:
        found.append(Producer(connection))
        return found[-1]

    monkeypatch.setitem(current_app.conf, "task_always_eager", False)
    monkeypatch.setattr(broker, "Producer", make)
    Channel.queues.clear()
    yield found
    broker.forget()
    Channel.queues.clear()


def sent() -> int:
    return sum(queue.qsize() for queue in Channel.queues.values())


def test_connection_is_kept_for_the_next_task(made: list[Producer]) -> None:
    for _time in range(5):
        assert tasks.send(tasks.sweep)
    assert len(made) == 1
    assert sent() == 5


def test_connection_that_is_gone_is_made_anew(
    made: list[Producer], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tasks.send(tasks.sweep)

    def gone(*_args: object, **_kwargs: object) -> None:
        raise ConnectionResetError

    monkeypatch.setattr(made[0], "publish", gone)
    assert tasks.send(tasks.sweep)
    assert len(made) == 2
    assert sent() == 2


def test_connection_that_was_idle_for_long_is_not_relied_on(
    made: list[Producer], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tasks.send(tasks.sweep)
    later = broker.monotonic() + broker.IDLE_SECONDS
    monkeypatch.setattr(broker, "monotonic", lambda: later)
    assert tasks.send(tasks.sweep)
    assert len(made) == 2


def test_child_of_a_worker_does_not_speak_over_its_parents_connection(
    made: list[Producer], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert tasks.send(tasks.sweep)
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert tasks.send(tasks.sweep)
    assert len(made) == 2


def test_no_more_connections_are_kept_than_are_of_use(made: list[Producer]) -> None:
    taken = []
    for _time in range(broker.MOST_KEPT + 5):
        broker.publish(tasks.sweep, ())
        taken.append(broker._take())
    assert len(made) == broker.MOST_KEPT + 5
    for producer in taken:
        assert producer is not None
        broker._kept.append((broker.monotonic(), producer))
    assert len(broker._kept) == broker.MOST_KEPT


def test_broker_that_is_away_is_not_waited_for_by_every_event(
    made: list[Producer], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def refuse() -> None:
        asked.append(1)
        raise ConnectionRefusedError

    with monkeypatch.context() as away:
        away.setattr(broker, "connect", refuse)
        for _time in range(5):
            assert not tasks.send(tasks.sweep)
    assert len(asked) == 1
    assert not tasks.send(tasks.sweep)
    later = broker.monotonic() + broker.AWAY_SECONDS
    monkeypatch.setattr(broker, "monotonic", lambda: later)
    assert tasks.send(tasks.sweep)


def test_connection_that_hangs_is_waited_for_once(
    made: list[Producer], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert tasks.send(tasks.sweep)
    clock = [broker.monotonic()]
    monkeypatch.setattr(broker, "monotonic", lambda: clock[0])

    def hang(*_args: object, **_kwargs: object) -> None:
        clock[0] += settings.MICROCRED_BROKER_TIMEOUT
        raise TimeoutError

    monkeypatch.setattr(made[0], "publish", hang)
    assert not tasks.send(tasks.sweep)
    assert len(made) == 1
