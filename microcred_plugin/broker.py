"""
How a task reaches the broker: at once or not at all, since the platform's request waits for it.

A producer is kept for the next task, with its connection and what it has declared; Celery's own
pool opens a channel and declares the queue anew each time, which takes several times as long.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic
from typing import Any

from celery import Task, current_app
from django.conf import settings
from kombu.connection import Connection
from kombu.messaging import Producer

# A broker, or what stands before it, may close a connection over which nothing goes. One that has
# been idle for so many seconds is not relied on.
IDLE_SECONDS = 30
MOST_KEPT = 10
# After the broker did not answer, nobody waits for it for so many seconds; the sweep makes up for
# what was not sent.
AWAY_SECONDS = 10

# Producers that nobody uses at the moment, each with when it was last used.
_kept: deque[tuple[float, Producer]] = deque(maxlen=MOST_KEPT)
_owner = os.getpid()
_away_until = 0.0


class BrokerAway(Exception):
    """The broker has not answered, and is not asked again just now."""


def publish(task: Task, args: Iterable[Any], **options: Any) -> None:
    """
    Send a task, waiting at most about `MICROCRED_BROKER_TIMEOUT` for the broker.

    Raises `BrokerAway` without asking for a few seconds after it did not answer, and otherwise
    whatever the broker's library raises.
    """
    global _away_until
    start = monotonic()
    if start < _away_until:
        raise BrokerAway("The broker did not answer a moment ago.")
    kept = _take()
    if kept is not None:
        # Perhaps its connection is gone since; then a new one says whether the broker is there.
        with suppress(Exception):
            _publish(kept, task, args, options)
            return
    try:
        if monotonic() - start > settings.MICROCRED_BROKER_TIMEOUT / 2:
            raise BrokerAway("The broker does not answer.")
        fresh = Producer(connect())  # type: ignore[no-untyped-call]
        _publish(fresh, task, args, options)
    except Exception:
        _away_until = monotonic() + AWAY_SECONDS
        raise


def connect() -> Connection:
    """A connection that gives up soon."""
    seconds = settings.MICROCRED_BROKER_TIMEOUT
    connection: Connection = current_app.connection_for_write(
        connect_timeout=seconds,
        # Nobody would answer the broker's heartbeats between two tasks.
        heartbeat=0,
        transport_options={
            **current_app.conf.broker_transport_options,
            # Redis knows the first two, AMQP the next two.
            "socket_timeout": seconds,
            "socket_connect_timeout": seconds,
            "read_timeout": seconds,
            "write_timeout": seconds,
            "max_retries": 0,
        },
    )
    return connection


def forget() -> None:
    """Close what is kept, and ask the broker again."""
    global _away_until
    _away_until = 0.0
    while _kept:
        _close(_kept.pop()[1])


def _publish(producer: Producer, task: Task, args: Iterable[Any], options: Any) -> None:
    try:
        task.apply_async(args, producer=producer, retry=False, **options)
    except BaseException:
        _close(producer)
        raise
    _kept.append((monotonic(), producer))


def _take() -> Producer | None:
    """A producer that was used a moment ago, and is nobody else's now."""
    global _owner
    if _owner != os.getpid():
        # A worker's child has its parent's sockets; it may not speak over them.
        _kept.clear()
        _owner = os.getpid()
    while _kept:
        try:
            last_used, producer = _kept.pop()
        except IndexError:  # another thread was faster
            return None
        if monotonic() - last_used < IDLE_SECONDS:
            return producer
        _close(producer)
    return None


def _close(producer: Producer) -> None:
    # Without a farewell: for the answer to that somebody would have to wait.
    with suppress(Exception):
        producer.__connection__.collapse()  # type: ignore[attr-defined]
