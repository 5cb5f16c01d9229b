"""What people are called who did something: as they are named now."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from microcred_plugin.host import get_host
from microcred_plugin.planning import ask


def names_of(user_ids: Collection[int | None]) -> dict[int | None, str]:
    """Their names, by id. Of None, and of whoever has left, a word that says so."""
    known = {user_id for user_id in user_ids if user_id is not None}
    people = ask(get_host().learners, known) if known else {}
    names: dict[int | None, str] = {None: _("somebody")}
    for user_id in known:
        person = people.get(user_id)
        is_there = person is not None and not person.is_retired
        names[user_id] = (person.name or person.username) if is_there and person else names[None]
    return names


def name_of(user_id: int | None) -> str:
    """What one of them is called."""
    return names_of([user_id])[user_id]
