"""Who may read an award: everybody if it is shared; else its holder, and staff of the site."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Choice, Shared


@dataclass(frozen=True, slots=True)
class Readable:
    """An award that the reader may see, and why."""

    award: Award
    choice: Choice
    is_holder: bool

    @property
    def is_shared(self) -> bool:
        return self.choice.state == Shared.SHARED


def read(request: HttpRequest, uuid: UUID) -> Readable:
    """
    The award at an address. Raises `Http404`, the same for what this reader may not see and for
    what is not there.
    """
    # Who reads is asked in any case: an answer that depends on it says so in its headers.
    reader_id = request.user.pk
    award = awards.find_any_award(uuid)
    if award is not None:
        choice = credentials.choice_of(uuid)
        is_holder = reader_id is not None and reader_id == award.learner_id
        if is_holder or choice.state == Shared.SHARED or _is_staff(request):
            return Readable(award, choice, is_holder)
    raise nothing_here()


def nothing_here() -> Http404:
    """There is nothing at this address for this reader."""
    return Http404(
        _(
            "Nothing is shared at this address. If it is an award of yours, log in to see it; if "
            "somebody gave you the address, they may have stopped sharing it."
        )
    )


def _is_staff(request: HttpRequest) -> bool:
    return request.user.is_active and bool(getattr(request.user, "is_staff", False))
