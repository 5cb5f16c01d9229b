"""
What serving credentials costs with many awards beside them, in queries and milliseconds.

One learner earns and shares an award through the engine; everybody else's is copied from it, with
its history, its receipt, its place in a status list and what was signed. Every tenth is revoked.
The last line is what signing costs with all that is about it: reading what a batch needs, places
in the list, documents, rows.
"""

from __future__ import annotations

import argparse
import secrets
import time
from collections.abc import Callable, Iterator
from copy import copy
from itertools import count
from typing import Any, TypeVar
from uuid import uuid4

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from benchmarks import backfill
from microcred_plugin import earning
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import Award, AwardEvent, Receipt
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Shared
from microcred_plugin.credentials.models import Credential, StatusEntry, StatusList
from microcred_plugin.credentials.status_list import SIZE

SITE = "/microcredentials"
BATCH = 2000
Row = TypeVar("Row", bound=Model)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks served")
    parser.add_argument("--awards", type=int, nargs="+", default=[1000, 100_000])
    parser.add_argument("--signed", type=int, default=1000)
    options = parser.parse_args(arguments)
    call_command("migrate", verbosity=0)
    call_command("flush", verbosity=0, interactive=False)
    first = _first_award(options.signed)
    print(f"{'':34}" + "".join(f"{f'{awards:,} awards':>24}" for awards in options.awards))
    columns = []
    for number in options.awards:
        _copy(first, number - Award.objects.filter(credentials__slot=1).count())
        columns.append({name: _measure(get) for name, get in _pages(first)})
    for name in columns[0]:
        cells = (f"{queries:>12} q{1000 * seconds:>7.1f} ms" for queries, seconds in (
            column[name] for column in columns
        ))  # fmt: skip
        print(f"{name:34}" + "".join(cells))
    _sign(options.signed)


def _first_award(learners: int) -> Award:
    """Everybody's award, and the first one's signed and shared."""
    publication = backfill.prepare(learners * 2)
    earning.run_publication(str(publication.uuid))
    award = Award.objects.order_by("id")[0]
    now = timezone.now()
    credentials.choose(
        award.uuid, learner_id=award.learner_id, now=now, state=Shared.SHARED, is_on_profile=True
    )
    found = awards.find_any_award(award.uuid)
    assert found is not None
    credentials.served(found, now=now)
    return found


def _copy(first: Award, number: int) -> None:
    """So many more awards like this one, each of somebody else's."""
    event = first.history.get(kind="earned")
    signed = Credential.objects.get(award=first, slot=1)
    for begin in range(0, number, BATCH):
        _copy_batch(first, event, signed, min(BATCH, number - begin))


def _copy_batch(first: Award, event: AwardEvent, signed: Credential, number: int) -> None:
    user = get_user_model()
    users = user.objects.bulk_create(user(username=uuid4().hex[:30]) for _ in range(number))
    made = Award.objects.bulk_create(
        _like(
            first,
            uuid=uuid4(),
            learner_id=one.pk,
            state="revoked" if place % 10 == 0 else "active",
            slot=None if place % 10 == 0 else 1,
        )
        for place, one in enumerate(users)
    )
    events = AwardEvent.objects.bulk_create(
        _like(event, uuid=uuid4(), award_id=award.uuid) for award in made
    )
    Receipt.objects.bulk_create(_like(event.receipt, event_id=one.uuid) for one in events)
    entries = StatusEntry.objects.bulk_create(
        StatusEntry(status_list_id=listed, index=index, award_id=award.uuid)
        for award, (listed, index) in zip(made, _places(number), strict=False)
    )
    Credential.objects.bulk_create(
        # Not the documents: nobody asks for those, and they would fill the memory.
        _like(
            signed,
            award_id=award.uuid,
            event=one.uuid,
            entry_id=entry.pk,
            document="{}",
            jwt="-",
        )
        for award, one, entry in zip(made, events, entries, strict=True)
    )


def _places(number: int) -> Iterator[tuple[int, int]]:
    """Places in the first list that are free."""
    (listed,) = StatusList.objects.values_list("pk", flat=True)[:1]
    taken = set(StatusEntry.objects.filter(status_list=listed).values_list("index", flat=True))
    while number:
        index = secrets.randbelow(SIZE)
        if index not in taken:
            taken.add(index)
            number -= 1
            yield listed, index


def _like(row: Row, **values: Any) -> Row:
    """A new row like another one."""
    new = copy(row)
    new._state = copy(row._state)
    new.pk = None
    for name, value in values.items():
        setattr(new, name, value)
    return new


def _pages(award: Award) -> Iterator[tuple[str, Callable[[], object]]]:
    """What anybody may ask for."""
    share_id = credentials.holder_of(award.learner_id).share_id
    credentials.choose_name(
        award.learner_id,
        name_choice=credentials.NameChoice.USERNAME,
        is_profile_public=True,
        may_be_indexed=False,
    )
    paths = {
        "the page of an award": f"awards/{award.uuid}",
        "its credential": f"awards/{award.uuid}.json",
        "its credential as a JWT": f"awards/{award.uuid}.jwt",
        "its badge with the credential": f"awards/{award.uuid}.png",
        "a public profile": f"people/{share_id}/",
        "the page of an issuer": "issuers/nordu/",
        "its DID document": "issuers/nordu/did.json",
        "a status list, kept": "issuers/nordu/status/1",
    }
    for name, path in paths.items():
        yield name, lambda path=path: _get(path)
    yield "a status list, looked at anew", _get_list_anew


def _get(path: str) -> None:
    assert Client().get(f"{SITE}/{path}").status_code == 200, path


def _get_list_anew() -> None:
    StatusList.objects.update(looked_at=None)
    _get("issuers/nordu/status/1")


def _measure(work: Callable[[], object]) -> tuple[int, float]:
    """Queries, and the least seconds of five times; the first time is not counted."""
    work()
    queries = count()

    def counted(execute: Callable[..., Any], *arguments: Any) -> Any:
        next(queries)
        return execute(*arguments)

    with connection.execute_wrapper(counted):
        work()
    took = []
    for _ in range(5):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return next(queries), min(took)


def _sign(number: int) -> None:
    """What nothing is signed about yet, as the sweep signs it."""
    uuids = Award.objects.filter(credentials=None).values_list("uuid", flat=True)[:number]
    found = [one for uuid in uuids if (one := awards.find_any_award(uuid)) is not None]
    began = time.perf_counter()
    outcomes = credentials.sign_many(found, now=timezone.now())
    seconds = time.perf_counter() - began
    assert all(outcome.error is None for outcome in outcomes)
    print(f"signed {len(outcomes)} in one batch: {1000 * seconds / len(outcomes):.2f} ms each")
    award = found[0]
    began = time.perf_counter()
    for _ in range(50):
        credentials.resign(award, credentials.Why.CORRECTED, now=timezone.now())
    print(f"signed one by one, as at a request: {1000 * (time.perf_counter() - began) / 50:.2f} ms")
