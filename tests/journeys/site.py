"""The demo site for journeys: its catalogue, what its learners hold, and a queue to run by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from celery import current_app
from django.core.cache import cache

from demo import replay
from microcred_plugin import earning
from microcred_plugin.awards.models import (
    Award,
    AwardEvent,
    Decision,
    Due,
    Observation,
    Receipt,
)
from microcred_plugin.definitions import api as definitions
from tests.factories import LONG_AGO

CATALOGUE = Path(replay.__file__).parent / "catalogue"


@dataclass(frozen=True)
class Held:
    """An award with its history and receipts, without what is by chance: uuids, the clock."""

    state: str
    version: int
    met_on: str
    valid_from: str
    expires_at: str
    history: tuple[str, ...]
    receipts: tuple[str, ...]


def publish_catalogue() -> None:
    """Publish the demo's microcredentials, at a date before anything happened."""
    for path in sorted(CATALOGUE.glob("*.yaml")):
        for item in definitions.import_definitions(
            path.read_text(encoding="utf-8"), and_publish=True, now=LONG_AGO
        ):
            assert item.publication is not None
            earning.run_publication(str(item.publication.uuid))


def forget_awards() -> None:
    """Empty the tables of awards; what people have decided stays."""
    for model in (Receipt, AwardEvent, Award, Observation, Due):
        model._default_manager.all().delete()
    assert not Decision.objects.exists()
    cache.clear()


def holdings() -> dict[tuple[int, str], list[Held]]:
    """What each learner holds or has held, by learner id and slug, the oldest first."""
    found: dict[tuple[int, str], list[Held]] = {}
    awards = Award.objects.select_related("microcredential", "version").prefetch_related(
        "history__receipt"
    )
    names = {str(award.uuid): f"award of {award.microcredential.slug}" for award in awards}
    for award in sorted(awards, key=lambda award: award.id):
        events = sorted(award.history.all(), key=lambda event: event.id)
        receipts = [event.receipt.content for event in events if hasattr(event, "receipt")]
        held = Held(
            state=award.state,
            version=award.version.number,
            met_on=str(award.met_on),
            valid_from=str(award.valid_from),
            expires_at=str(award.expires_at),
            history=tuple(event.kind for event in events),
            receipts=tuple(_without_uuids(str(receipt), names) for receipt in receipts),
        )
        found.setdefault((award.learner_id, award.microcredential.slug), []).append(held)
    return found


def active(held: dict[tuple[int, str], list[Held]], learner_id: int) -> set[str]:
    """The slugs of what a learner holds as active."""
    return {
        slug
        for (learner, slug), awards in held.items()
        if learner == learner_id and any(award.state == "active" for award in awards)
    }


@contextmanager
def queue() -> Iterator[Callable[[], int]]:
    """
    Tasks wait in a queue in memory, as with a broker, until the function that this gives is called.

    It runs them in the order in which they were sent, and says how many there were.
    """
    app = current_app
    before = (app.conf.task_always_eager, app.conf.broker_url)
    app.conf.task_always_eager, app.conf.broker_url = False, "memory://"

    def run() -> int:
        count = 0
        with app.connection_for_read() as connection:
            waiting = connection.SimpleQueue(app.conf.task_default_queue)
            while waiting.qsize():
                message = waiting.get(block=False)
                args, kwargs, _embedded = message.payload
                app.tasks[message.headers["task"]](*args, **kwargs)
                message.ack()
                count += 1
            waiting.close()
        return count

    try:
        run()
        yield run
    finally:
        app.conf.task_always_eager, app.conf.broker_url = before


def _without_uuids(text: str, names: dict[str, str]) -> str:
    for uuid, name in names.items():
        if uuid in text:
            text = text.replace(uuid, name)
    return text
