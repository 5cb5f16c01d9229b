"""The receipt: an outcome with the facts it read, as JSON that is kept with the award."""

from __future__ import annotations

from typing import Any

from microcred_plugin.evaluation.evaluate import Outcome


def to_json(outcome: Outcome) -> dict[str, Any]:
    """
    The outcome tree, frozen. The same facts give the same JSON, whenever they are looked at.
    """
    data: dict[str, Any] = {
        "path": outcome.path,
        "kind": outcome.node.kind if outcome.node else None,
        "truth": outcome.truth.value,
        "met_on": outcome.met_on.isoformat() if outcome.met_on else None,
        "reason": outcome.reason.to_json(),
    }
    if outcome.node is not None and outcome.node.title:
        data["title"] = outcome.node.title
    if outcome.reading is not None:
        data["fact"] = dict(outcome.reading.fact)
    if outcome.children:
        data["of"] = [to_json(child) for child in outcome.children]
    return data
