"""What the tests of the definitions have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import (
    Microcredential,
    MicrocredentialVersion,
    Publication,
    RequirementIndex,
    StackClosure,
)

SPRING = "course-v1:NordU+DL101+2026_Spring"
AUTUMN = "course-v1:NordU+DL101+2026_Autumn"
STATISTICS = "course-v1:NordU+ST201+2026"

# The uuid of nothing.
UNKNOWN = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"


def make(slug: str = "data-literacy", **values: Any) -> Microcredential:
    """A microcredential without any version."""
    values = {"organization": "NordU", "title": slug.replace("-", " ").title(), **values}
    return definitions.create_microcredential(slug=slug, **values)


def draft(microcredential: Microcredential, requirements: Any, **content: Any) -> Any:
    """A draft of it that asks for this."""
    return definitions.create_draft(
        microcredential=microcredential, content={"requirements": requirements, **content}
    )


def refusal(refused: Callable[..., Any], **arguments: Any) -> dict[str, str]:
    """What is said of each place when this is refused, and that it leaves no trace."""
    before = rows()
    with pytest.raises(definitions.DefinitionRefused) as error:
        refused(**arguments)
    assert rows() == before
    return {fault.path: fault.sentence for fault in error.value.faults}


def rows() -> list[dict[str, Any]]:
    """Every row of the definitions, field by field."""
    return [
        row
        for model in (
            Microcredential,
            MicrocredentialVersion,
            Publication,
            RequirementIndex,
            StackClosure,
        )
        for row in model.objects.order_by("pk").values()
    ]


def index_of(version: MicrocredentialVersion) -> set[tuple[str, str]]:
    """What the index says that a version names."""
    return set(version.index.values_list("kind", "object_key"))


def closure() -> set[tuple[str, str]]:
    """Which microcredential lies above which, by their slugs."""
    return set(StackClosure.objects.values_list("ancestor__slug", "descendant__slug"))
