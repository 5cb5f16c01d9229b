"""Two people at once: what one has saved and the other has typed, brought together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from microcred_plugin.definitions.api import FIELDS


@dataclass(frozen=True, slots=True)
class Merged:
    """
    A snapshot with both people's changes.

    `taken` are the fields that only the other one has changed: theirs stand in the snapshot.
    `contested` are those that both have: mine stand in it, and theirs are shown beside.
    """

    snapshot: Mapping[str, Any]
    taken: tuple[str, ...]
    contested: tuple[str, ...]


def merge(
    *, base: Mapping[str, Any] | None, mine: Mapping[str, Any], theirs: Mapping[str, Any]
) -> Merged:
    """
    Bring together what two people made of the same snapshot.

    Without a base nobody knows who changed what, so everything that differs is contested.
    """
    merged = dict(mine)
    taken, contested = [], []
    for name in FIELDS:
        if mine.get(name) == theirs.get(name):
            continue
        if base is not None and mine.get(name) == base.get(name):
            taken.append(name)
            merged.pop(name, None)
            if name in theirs:
                merged[name] = theirs[name]
        elif base is None or theirs.get(name) != base.get(name):
            contested.append(name)
    return Merged(merged, tuple(taken), tuple(contested))
