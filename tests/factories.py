"""Rows for tests, made through the same doors as everybody's."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from PIL import Image

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.models import Issuer
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    RequirementIndex,
    StackClosure,
)

# Before anything that a test says happened, so that dates of awards are those of the facts.
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

_NAMESPACE = UUID("7d0cbbf6-9d4d-4e8c-a3a3-3f4f6a8a3b51")


def course(*runs: str, **options: Any) -> dict[str, Any]:
    """A course requirement over these runs."""
    return {"kind": "course", "runs": list(runs), **options}


def any_run(course: str, **options: Any) -> dict[str, Any]:
    """A course requirement over every run of `Org+Course`."""
    return {"kind": "course", "course": course, **options}


def holds(microcredential: Microcredential, **options: Any) -> dict[str, Any]:
    """A requirement of another microcredential."""
    return {"kind": "microcredential", "microcredential": str(microcredential.uuid), **options}


def all_of(*nodes: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"kind": "all_of", "of": list(nodes), **options}


def any_of(*nodes: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"kind": "any_of", "of": list(nodes), **options}


def at_least(n: int, *nodes: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"kind": "at_least", "n": n, "of": list(nodes), **options}


def publish(
    slug: str,
    requirements: dict[str, Any] | None,
    *,
    now: datetime = LONG_AGO,
    organization: str = "NordU",
    previous_closes_at: datetime | None = None,
    **content: Any,
) -> Microcredential:
    """Publish a version of the microcredential with this slug, made if there is none yet."""
    found = Microcredential.objects.filter(slug=slug).first()
    if found is None:
        found = definitions.create_microcredential(
            slug=slug,
            organization=organization,
            title=slug.replace("-", " ").title(),
            uuid=uuid5(_NAMESPACE, slug),
        )
    draft = definitions.create_draft(
        microcredential=found, content={"requirements": requirements, **content}
    )
    definitions.publish(version=draft, now=now, previous_closes_at=previous_closes_at)
    found.refresh_from_db()
    return found


def publish_many(
    count: int, runs_of: Any, *, start: int = 0, now: datetime = LONG_AGO
) -> list[Microcredential]:
    """
    So many published microcredentials at once, each an all_of over the runs `runs_of(position)`.

    The same rows that publishing one after the other makes; `test_publish_many` proves it.
    """
    made = Microcredential.objects.bulk_create(
        Microcredential(
            slug=f"bulk-{position}",
            organization="NordU",
            title=f"Bulk {position}",
            uuid=uuid5(_NAMESPACE, f"bulk-{position}"),
        )
        for position in range(start, start + count)
    )
    versions = MicrocredentialVersion.objects.bulk_create(
        MicrocredentialVersion(
            microcredential=microcredential,
            number=1,
            state="published",
            draft_slot=None,
            published_at=now,
            title=microcredential.title,
            requirements=all_of(*(course(run) for run in runs_of(start + place))),
        )
        for place, microcredential in enumerate(made)
    )
    RequirementIndex.objects.bulk_create(
        (
            RequirementIndex(
                kind="course",
                object_key=run,
                version=version,
                microcredential=version.microcredential,
            )
            for place, version in enumerate(versions)
            for run in sorted(set(runs_of(start + place)))
        ),
        batch_size=1000,
    )
    StackClosure.objects.bulk_create(
        StackClosure(ancestor=microcredential, descendant=microcredential)
        for microcredential in made
    )
    return made


def issuer(organization: str, *, now: datetime) -> Issuer:
    """An issuer with the key that is made at once; one of RSA takes a while."""
    made = Issuer.objects.create(
        organization=organization,
        slug=organization.lower(),
        base_url="https://lms.example.org/microcredentials",
        name=organization,
    )
    credentials.rotate(made, "ed25519", now=now)
    return made


def png_data_url(width: int = 128, height: int = 128, color: str = "navy") -> str:
    """A PNG image, as a definition has it."""
    content = io.BytesIO()
    Image.new("RGB", (width, height), color).save(content, "PNG")
    return f"data:image/png;base64,{base64.b64encode(content.getvalue()).decode()}"
