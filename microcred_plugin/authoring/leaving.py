"""What is forgotten about a user who leaves."""

from __future__ import annotations

from typing import Any

from microcred_plugin.authoring.models import (
    UNFINISHED,
    OfferStep,
    OrganizationRole,
    Preview,
)


def forget(user_id: int) -> None:
    """
    Take every role from a user, and forget that it was they who did what they did.

    What was agreed on stands. A preview that they asked for goes; of others, their id does.
    """
    OrganizationRole.objects.filter(user=user_id).delete()
    OrganizationRole.objects.filter(given_by=user_id).update(given_by=None)
    OfferStep.objects.filter(by=user_id).update(by=None, reason="")
    Preview.objects.filter(by=user_id).delete()
    # Whoever is at one has read something of this user, perhaps, and must not write it now.
    Preview.objects.filter(state__in=UNFINISHED).update(progressed_at=None)
    for preview in Preview.objects.exclude(result={}).iterator():
        result = _without(preview.result, user_id)
        if result != preview.result:
            Preview.objects.filter(pk=preview.pk).update(result=result)


def _without(value: Any, user_id: int) -> Any:
    """A part of a result without this learner, wherever it has a list of ids."""
    if isinstance(value, dict):
        return {name: _without(part, user_id) for name, part in value.items()}
    return [one for one in value if one != user_id] if isinstance(value, list) else value
