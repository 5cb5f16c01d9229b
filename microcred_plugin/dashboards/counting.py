"""What course runs count towards, as far as somebody is told of it; read once for each request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from crum import get_current_request, get_current_user
from django.urls import reverse
from django.utils import timezone
from edx_django_utils.cache import RequestCache

from microcred_plugin.dashboards.safely import safely
from microcred_plugin.host import get_host
from microcred_plugin.presenting.course import counted_towards
from microcred_plugin.progress import organizations_of

_CACHE = "microcred_plugin.dashboards"


@dataclass(frozen=True, slots=True)
class Counted:
    """A microcredential that a run counts towards, as the Learner Home API has it."""

    uuid: str
    title: str
    organization: str
    url: str
    imageUrl: str


Counts: TypeAlias = Mapping[str, Sequence[Counted]]


def counted_by(run: str, user: Any) -> Sequence[Counted]:
    """
    What the run counts towards, of what members of the reader's organisations are told.

    One query where it counts towards nothing; once for each request.
    """
    if user is None or not user.is_authenticated:
        return ()
    cached = RequestCache(_CACHE)
    key = f"{user.pk} {run}"
    found = cached.get_cached_response(key)
    if not found.is_found:
        nothing: Counts = {}
        counted = safely(lambda: _read([run], organizations_of([run])), nothing)
        cached.set(key, counted.get(run, ()))
    return cached.get_cached_response(key).value  # type: ignore[no-any-return]


def counted_by_my_runs() -> Counts:
    """
    What every run counts towards in which the reader of this request is enrolled.

    Filters of the Learner Home API are asked for one run at a time and are not told who asks: the
    first of them reads for all. Staff who look at somebody else's page see what is theirs.
    """
    user = get_current_user()
    if get_current_request() is None or user is None or not user.is_authenticated:
        return {}
    cached = RequestCache(_CACHE)
    found = cached.get_cached_response("my runs")
    if not found.is_found:
        nothing: Counts = {}
        cached.set("my runs", safely(lambda: _read_mine(user.pk), nothing))
    return cached.get_cached_response("my runs").value  # type: ignore[no-any-return]


def _read_mine(learner_id: int) -> Counts:
    runs = get_host().enrolled_runs(learner_id)
    return _read(sorted(runs), organizations_of(runs)) if runs else {}


def _read(runs: Sequence[str], organizations: frozenset[str]) -> Counts:
    url = get_host().absolute_url
    found = counted_towards(runs, organizations=organizations, now=timezone.now())
    return {
        run: tuple(
            Counted(
                uuid=definition.uuid,
                title=definition.face.title,
                organization=definition.face.organization,
                url=url(reverse("microcred:microcredential", args=[definition.uuid])),
                imageUrl=url(
                    reverse("microcred:badge_svg", args=[definition.uuid, definition.face.number])
                ),
            )
            for definition in of_it
            if definition.face is not None
        )
        for run, of_it in found.items()
    }
