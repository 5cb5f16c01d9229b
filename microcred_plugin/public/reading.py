"""Who may read an award: everybody if it is shared; else its holder, and staff of the site."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import SIGNED_STATES, Choice, Shared
from microcred_plugin.host import get_host
from microcred_plugin.host.interface import Learner
from microcred_plugin.planning import ask


@dataclass(frozen=True, slots=True)
class Readable:
    """An award that the reader may see, and why."""

    award: Award
    choice: Choice
    learner: Learner
    is_holder: bool

    @property
    def is_shared(self) -> bool:
        return self.choice.state == Shared.SHARED


def read(request: HttpRequest, uuid: UUID) -> Readable:
    """
    The award at an address. Raises `Http404`, the same for what this reader may not see and for
    what is not there; `HostFailed` where nobody can say whose it is.

    What waits for approval, or was not approved, is its holder's alone. What somebody held who has
    left is nobody's.
    """
    # First, and always: a session that was looked into is seen in the headers of the answer.
    reader_id, is_staff = request.user.pk, _is_staff(request)
    award = awards.find_any_award(uuid)
    if award is not None:
        choice = credentials.choice_of(uuid)
        is_holder = reader_id is not None and reader_id == award.learner_id
        is_open = choice.state == Shared.SHARED or is_staff
        if is_holder or (is_open and award.state in SIGNED_STATES):
            learner = ask(get_host().learners, [award.learner_id]).get(award.learner_id)
            if learner is not None and not learner.is_retired:
                return Readable(award, choice, learner, is_holder)
    raise nothing_here()


def nothing_here() -> Http404:
    """There is nothing at this address for this reader."""
    return Http404(
        _(
            "Nothing is shared at this address. If it is an award of yours, log in to see it; if "
            "somebody gave you the address, they may have stopped sharing it."
        )
    )


def award_url(uuid: UUID) -> str:
    """The public address of an award's page."""
    return get_host().absolute_url(reverse("microcred:award", args=[uuid]))


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and bool(getattr(request.user, "is_staff", False))
