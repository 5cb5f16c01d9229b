"""What somebody of the staff looks for: a learner, a microcredential, or both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from microcred_plugin.explaining import find_learner

CHOICES = 20


@dataclass(frozen=True, slots=True)
class Sought:
    """What was typed, and what is wrong with it, by field. Empty where nothing was typed."""

    learner: str = ""
    microcredential: str = ""
    learner_error: str = ""
    microcredential_error: str = ""

    @property
    def has_error(self) -> bool:
        return bool(self.learner_error or self.microcredential_error)


@dataclass(frozen=True, slots=True)
class Found:
    """Who was meant, and what may have been meant; nobody where something is wrong."""

    sought: Sought
    learner_id: int | None = None
    choices: tuple[Microcredential, ...] = ()


def find(typed: Mapping[str, str]) -> Found:
    """Find what was typed. Raises `HostFailed`."""
    learner = typed.get("learner", "").strip()
    text = typed.get("microcredential", "").strip()
    learner_id, learner_error = _find_learner(learner)
    choices = definitions.search_microcredentials(text, limit=CHOICES) if text else []
    error = ""
    if text and not choices:
        error = _("No microcredential has “{text}” in its title or its short name.").format(
            text=text
        )
    return Found(Sought(learner, text, learner_error, error), learner_id, tuple(choices))


def _find_learner(name: str) -> tuple[int | None, str]:
    """Who is meant, or what is wrong."""
    if not name:
        return None, _("Say who it is about.")
    try:
        return find_learner(name), ""
    except definitions.NotFound as error:
        return None, str(error)
