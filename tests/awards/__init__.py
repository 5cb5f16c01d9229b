"""The tests of the awards, and what every test asks about them."""

from __future__ import annotations

import json
from typing import Any

from microcred_plugin.awards.models import Award, AwardEvent, Receipt


def standing(learner_id: int = 1) -> dict[str, str]:
    """The awards of a learner that have not ended: state by slug."""
    return dict(
        Award.objects.filter(learner=learner_id, slot=1).values_list(
            "microcredential__slug", "state"
        )
    )


def history(slug: str, learner_id: int = 1) -> list[str]:
    """What happened to a learner's awards of one microcredential, the oldest first."""
    return list(
        AwardEvent.objects.filter(award__learner=learner_id, award__microcredential__slug=slug)
        .order_by("id")
        .values_list("kind", flat=True)
    )


def snapshot() -> list[dict[str, Any]]:
    """
    Every award with its history and receipts, in an order of its own: what two ways to the same
    end have in common. Award uuids, causes and the instants of noticing are left out.
    """
    names = {
        str(award.uuid): f"{award.learner_id} {award.microcredential.slug} {award.state}"
        for award in Award.objects.select_related("microcredential")
    }
    receipts: dict[Any, list[str]] = {}
    for receipt in Receipt.objects.select_related("event").order_by("event__id"):
        text = json.dumps(receipt.content, sort_keys=True)
        for uuid, name in names.items():
            text = text.replace(uuid, name)
        receipts.setdefault(receipt.event.award_id, []).append(f"{receipt.event.kind} {text}")
    return sorted(
        (
            {
                "learner": award.learner_id,
                "microcredential": award.microcredential.slug,
                "version": award.version.number,
                "state": award.state,
                "met_on": award.met_on,
                "valid_from": award.valid_from,
                "expires_at": award.expires_at,
                "is_manual": award.is_manual,
                "suspended": (award.suspended_by_policy, award.suspended_by_person),
                "history": [event.kind for event in award.history.all()],
                "receipts": receipts.get(award.uuid, []),
            }
            for award in Award.objects.select_related("microcredential", "version")
        ),
        key=repr,
    )
