"""What is said when a definition is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from microcred_plugin import wording
from microcred_plugin.definitions.models import MicrocredentialVersion
from microcred_plugin.evaluation.requirements import Problem


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """Something wrong with a definition: the place, and a sentence that says what to do."""

    path: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}: {self.sentence}" if self.path else self.sentence


class DefinitionRefused(ValueError):
    """A definition that can't be saved, published or imported; nothing of it was kept."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


class DraftChanged(Exception):
    """Somebody saved a draft after the revision that a change was written for; nothing was kept."""

    def __init__(self, draft: MicrocredentialVersion) -> None:
        self.draft = draft
        super().__init__(f"{draft} is at revision {draft.revision}")


class NotAnImage(Exception):
    """What was given is no badge image; the message says what is wrong, and what would do."""


class NotFound(Exception):
    """Something was named that there is none of; the message names it, and says how to name it."""


def fault_of(problem: Problem) -> Fault:
    """The fault that a problem of a tree is, in words."""
    return Fault(problem.path, wording.sentence(problem.message, {}))
