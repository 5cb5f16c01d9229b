"""Where learners stand: what they hold, and what people have decided about them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from microcred_plugin.awards.lifecycle import Said, Standing
from microcred_plugin.awards.models import (
    Award,
    AwardEvent,
    Decision,
    DecisionKind,
    Mail,
    Receipt,
    State,
)
from microcred_plugin.evaluation.record import AwardFact, AwardState

Place: TypeAlias = tuple[int, int]  # learner id, microcredential id


def standings(
    learner_ids: Collection[int], microcredential_ids: Collection[int]
) -> dict[Place, Standing]:
    """The awards that have not ended, by learner and microcredential. One query."""
    awards = Award.objects.filter(
        learner__in=learner_ids, microcredential__in=microcredential_ids, slot=1
    ).values_list(
        "learner_id",
        "microcredential_id",
        "uuid",
        "version__number",
        "state",
        "met_on",
        "valid_from",
        "expires_at",
        "is_manual",
        "suspended_by_policy",
        "suspended_by_person",
        "cause_id",
        "id",
    )
    rows: Iterable[tuple[Any, ...]] = awards
    return {
        (learner_id, microcredential_id): Standing(str(uuid), number, State(state), *rest)
        for learner_id, microcredential_id, uuid, number, state, *rest in rows
    }


def last_ended(learner_id: int, microcredential_ids: Collection[int]) -> dict[int, AwardFact]:
    """The award that ended last, by microcredential. One query."""
    rows = (
        Award.objects.filter(learner=learner_id, microcredential__in=microcredential_ids, slot=None)
        .order_by("id")
        .values_list("microcredential_id", "uuid", "state", "met_on", "expires_at")
    )
    return {
        microcredential_id: AwardFact(str(uuid), AwardState(state), met_on, expires_at)
        for microcredential_id, uuid, state, met_on, expires_at in rows
    }


def decisions(
    learner_ids: Collection[int], microcredential_ids: Collection[int]
) -> dict[Place, dict[DecisionKind, Said]]:
    """What people have decided and not lifted, by learner and microcredential. One query."""
    said: dict[Place, dict[DecisionKind, Said]] = defaultdict(dict)
    for row in Decision.objects.filter(
        learner__in=learner_ids, microcredential__in=microcredential_ids, slot=1
    ).values_list(
        "learner_id",
        "microcredential_id",
        "kind",
        "by_id",
        "reason",
        "at",
        "version__number",
        "met_on",
        "expires_at",
    ):
        said[row[0], row[1]][DecisionKind(row[2])] = Said(*row[3:])
    return said


def awards_of(
    *,
    learner_ids: Collection[int] | None = None,
    microcredential_ids: Collection[int] | None = None,
) -> QuerySet[Award]:
    """
    Awards, ended ones too, the newest first, with what they are awards of.

    What has run out is still `active` here until it is next evaluated; `shown_state` tells.
    """
    awards = Award.objects.select_related("microcredential", "version")
    if learner_ids is not None:
        awards = awards.filter(learner__in=learner_ids)
    if microcredential_ids is not None:
        awards = awards.filter(microcredential__in=microcredential_ids)
    return awards


def find_award(uuid: UUID, *, learner_id: int) -> Award | None:
    """An award of this learner, with its history and receipts; somebody else's is not there."""
    return _with_receipts().filter(learner=learner_id, uuid=uuid).first()


def find_any_award(uuid: UUID) -> Award | None:
    """The same whoever holds it, for those who know whether the reader may see it."""
    return _with_receipts().filter(uuid=uuid).first()


def find_awards(uuids: Collection[UUID]) -> list[Award]:
    """The same for many, whoever holds them. Three queries."""
    return list(_with_receipts().filter(uuid__in=uuids))


def events_after(event_id: int, *, kinds: Collection[str]) -> QuerySet[AwardEvent]:
    """What happened to awards after this event, of these kinds, in the order of their ids."""
    return AwardEvent.objects.filter(pk__gt=event_id, kind__in=kinds).order_by("pk")


def last_event_id() -> int:
    """The id of the newest award event; 0 if there is none."""
    return AwardEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _with_receipts() -> QuerySet[Award]:
    history = Prefetch("history", AwardEvent.objects.select_related("receipt"))
    return awards_of().prefetch_related(history)


def awards_with_history(learner_id: int, microcredential_id: int) -> list[Award]:
    """
    The awards of this learner here, the oldest first, each with its history.

    Each event has what became of the e-mail about it, if one was to be sent. Two queries.
    """
    found = awards_of(learner_ids=[learner_id], microcredential_ids=[microcredential_id])
    history = Prefetch("history", AwardEvent.objects.select_related("mail"))
    return list(found.prefetch_related(history).order_by("id"))


def mail_about(event: AwardEvent) -> Mail | None:
    """The e-mail about an event, if one was to be sent; read with `awards_with_history`."""
    return getattr(event, "mail", None)


def receipt_of(event: AwardEvent) -> dict[str, Any] | None:
    """What an event was decided on: the version's number and the outcome, as JSON."""
    receipt: Receipt | None = getattr(event, "receipt", None)
    return receipt.content if receipt else None


def shown_state(award: Award, *, now: datetime) -> State:
    """The state to show: what is past its expiry is expired, whatever the row says."""
    is_over = award.expires_at is not None and award.expires_at <= now
    return State.EXPIRED if is_over and award.slot == 1 else State(award.state)


def learners_concerned(
    microcredential_ids: Collection[int], *, after: int, limit: int
) -> list[int]:
    """The next ids, above `after`, of those who have an award or a decision in one of these."""
    pages = (
        model.objects.filter(microcredential__in=microcredential_ids, learner__gt=after, slot=1)
        .order_by("learner")
        .values_list("learner_id", flat=True)
        .distinct()[:limit]
        for model in (Award, Decision)
    )
    return sorted({learner_id for page in pages for learner_id in page})[:limit]


def learners_with_award_from(
    publication_uuid: UUID, version_id: int, *, after: int, limit: int
) -> list[int]:
    """The next ids, above `after`, of those who hold what this publication led to."""
    page = (
        Award.objects.filter(
            Q(version=version_id) | Q(cause_id=str(publication_uuid)), learner__gt=after, slot=1
        )
        .order_by("learner")
        .values_list("learner_id", flat=True)
        .distinct()[:limit]
    )
    return list(page)


def superseding(awards: Iterable[Award]) -> dict[UUID, Award]:
    """
    The awards in whose place a higher level is shown, each with that one. Both stay as they are.

    `awards` come from `awards_of`; only active ones take the place of others, of the same learner.
    """
    active = {
        (award.learner_id, award.microcredential_id): award
        for award in awards
        if award.state == State.ACTIVE
    }
    places = (
        ((award.learner_id, award.version.supersedes_id), award)
        for award in active.values()
        if award.version.supersedes_id is not None
    )
    return {active[place].uuid: award for place, award in places if place in active}


def holders(microcredential_id: int) -> dict[int, int]:
    """How many awards of each version, by its id, count now. One query."""
    found = Award.objects.filter(microcredential=microcredential_id, state=State.ACTIVE, slot=1)
    rows = found.order_by().values_list("version").annotate(count=Count("id"))
    return dict(rows)


def led_to(cause: str, cause_id: str) -> dict[int, dict[str, int]]:
    """What somebody's act led to: by microcredential and kind, how many award events. One query."""
    counts: dict[int, dict[str, int]] = {}
    events = AwardEvent.objects.filter(cause=cause, cause_id=cause_id).order_by()
    for microcredential_id, kind, count in events.values_list(
        "award__microcredential", "kind"
    ).annotate(count=Count("id")):
        counts.setdefault(microcredential_id, {})[kind] = count
    return counts
