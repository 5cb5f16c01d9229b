"""What the database itself refuses, whoever writes: raw rows, past every check of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    Publication,
    PublicationChunk,
    RequirementIndex,
    StackClosure,
)
from tests.definitions import make

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PUBLISHED = {"state": "published", "draft_slot": None, "published_at": NOW}


def version(microcredential: Microcredential, **values: Any) -> MicrocredentialVersion:
    """A row as it stands here, written at once."""
    values = {"number": 1, "title": "Title", **values}
    return MicrocredentialVersion.objects.create(microcredential=microcredential, **values)


def refused(model: Any, **values: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.create(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"state": "draft", "draft_slot": None},
        {"state": "draft", "draft_slot": 2},
        {"state": "draft", "published_at": NOW},
        {"state": "draft", "closes_at": NOW},
        {"state": "closed", "draft_slot": None, "published_at": NOW},
        {**PUBLISHED, "state": "bogus"},
        {"state": "published", "draft_slot": None},
        {"state": "published", "published_at": NOW},
        {"state": "closed", "draft_slot": None},
        {"state": "closed", "draft_slot": 1, "published_at": NOW},
        {"state": "withdrawn", "draft_slot": 1, "published_at": NOW},
        {"state": "withdrawn", "draft_slot": None},
        {**PUBLISHED, "closes_at": NOW - timedelta(seconds=1)},
    ],
)
def test_version_in_an_impossible_state_is_refused(values: dict[str, Any]) -> None:
    microcredential = make()
    with pytest.raises(IntegrityError), transaction.atomic():
        version(microcredential, **values)


def test_every_state_that_there_is_is_possible() -> None:
    microcredential = make()
    version(microcredential, number=1, **PUBLISHED | {"state": "withdrawn"})
    version(microcredential, number=2, **PUBLISHED | {"state": "closed", "closes_at": NOW})
    version(microcredential, number=3, **PUBLISHED)
    version(microcredential, number=4)
    assert microcredential.versions.count() == 4


def test_second_draft_is_refused() -> None:
    microcredential = make()
    version(microcredential)
    with pytest.raises(IntegrityError), transaction.atomic():
        version(microcredential, number=2)
    version(make("another"))


def test_number_is_given_once() -> None:
    microcredential = make()
    version(microcredential, **PUBLISHED)
    with pytest.raises(IntegrityError), transaction.atomic():
        version(microcredential, **PUBLISHED)


def test_slug_and_uuid_are_given_once() -> None:
    made = make("taken")
    refused(Microcredential, slug="taken", organization="NordU", title="T")
    refused(Microcredential, slug="new", organization="NordU", title="T", uuid=made.uuid)


def test_version_is_published_once() -> None:
    first = version(make(), **PUBLISHED)
    Publication.objects.create(version=first, at=NOW)
    refused(Publication, version=first, at=NOW)


def test_index_names_a_thing_once_for_each_version() -> None:
    first = version(make(), **PUBLISHED)
    entry = {
        "kind": "course", "object_key": "NordU+DL101", "version": first,
        "microcredential": first.microcredential,
    }  # fmt: skip
    RequirementIndex.objects.create(**entry)
    refused(RequirementIndex, **entry)


def test_closure_has_a_pair_once() -> None:
    made = make()
    refused(StackClosure, ancestor=made, descendant=made)


def test_chunks_of_a_publication_do_not_begin_at_the_same_learner() -> None:
    publication = Publication.objects.create(version=version(make(), **PUBLISHED), at=NOW)
    chunk = {
        "publication": publication, "after_learner": 0, "last_learner": 9, "learners": 9,
        "sent_at": NOW,
    }  # fmt: skip
    PublicationChunk.objects.create(**chunk)
    refused(PublicationChunk, **chunk)
