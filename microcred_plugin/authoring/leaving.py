"""What is forgotten about a user who leaves."""

from __future__ import annotations

from microcred_plugin.authoring.models import OfferStep, OrganizationRole, Preview


def forget(user_id: int) -> None:
    """
    Take every role from a user, and forget that it was they who did what they did.

    What was agreed on stands. A preview that they asked for goes; of others, their id does.
    """
    OrganizationRole.objects.filter(user=user_id).delete()
    OrganizationRole.objects.filter(given_by=user_id).update(given_by=None)
    OfferStep.objects.filter(by=user_id).update(by=None, reason="")
    Preview.objects.filter(by=user_id).delete()
    for preview in Preview.objects.exclude(result={}).iterator():
        result = {name: _without(value, user_id) for name, value in preview.result.items()}
        if result != preview.result:
            preview.result = result
            preview.save(update_fields=["result"])


def _without(value: object, user_id: int) -> object:
    """A part of a result without this learner, where it is a list of ids."""
    return [one for one in value if one != user_id] if isinstance(value, list) else value
