"""What a holder has met, as others read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from microcred_plugin import wording
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, EventKind
from microcred_plugin.presenting.parts import Requirement

_GAINING = frozenset({EventKind.HELD, EventKind.EARNED, EventKind.RENEWED, EventKind.REINSTATED})


def met_for(award: Award, *, has_results: bool) -> Requirement | None:
    """
    What is met in the receipt of the newest gain; None where there is no receipt.

    Grades are shown with `has_results` alone; what is not met is never shown.
    """
    found = [
        data
        for event in award.history.all()
        if event.kind in _GAINING and (data := awards.receipt_of(event)) is not None
    ]
    if not found or found[-1]["outcome"]["truth"] != "met":
        return None
    return _told(found[-1]["outcome"], award.version.names, has_results)


def _told(data: Mapping[str, Any], names: Mapping[str, str], has_results: bool) -> Requirement:
    message = wording.restored(data["reason"])
    children = data.get("of", ())
    return Requirement(
        title=data.get("title", ""),
        text=wording.told(message, names) if message.key in wording.TOLD else "",
        options=tuple(_results(message.params)) if has_results and not children else (),
        is_group=bool(children),
        mark="met",
        standing="",
        url=None,
        of=tuple(_told(child, names, has_results) for child in children if child["truth"] == "met"),
    )


def _results(params: Mapping[str, Any]) -> Iterator[str]:
    percent = params.get("percent")
    if percent is not None:
        yield _("{percent} %").format(percent=percent)
