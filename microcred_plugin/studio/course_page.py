"""What a course run counts towards, and what is being agreed on about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.utils import timezone

from microcred_plugin import wording
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import COURSE, Known, Offer, OfferState, Rights, Subject
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import MicrocredentialVersion, Naming
from microcred_plugin.evaluation.requirements import Node
from microcred_plugin.host.interface import CourseRun
from microcred_plugin.studio.cards import Card, cards_of

ON_A_PAGE = 20
# Of what waits, and of what has been declined or withdrawn, so many are shown: the latest.
SHOWN_OF_EACH = 10
# Where there are more, they can be searched.
SEARCHED_FROM = 8


@dataclass(frozen=True, slots=True)
class Counted:
    """
    A microcredential that the run counts towards, or is to.

    `number` is that of the newest published version that names it, if one does. `asked` is what
    that version asks of it, `asked_next` what the draft asks, `agreed` what both sides have agreed
    on; each only where it differs.
    """

    uuid: str
    title: str
    organization: str
    number: int | None
    is_open: bool
    is_newest: bool
    asked: tuple[wording.Asked, ...]
    asked_next: tuple[wording.Asked, ...]
    agreed: tuple[wording.Asked, ...]
    is_agreed: bool
    is_withdrawn: bool
    withdraws: str | None

    @property
    def in_draft_only(self) -> bool:
        return self.number is None and bool(self.asked_next)


@dataclass(frozen=True, slots=True)
class NotInherited:
    """A microcredential that names earlier runs of the course, and neither this one nor all."""

    uuid: str
    title: str
    organization: str
    like: str


@dataclass(frozen=True, slots=True)
class Cards:
    """The latest of some offers, and how many there are."""

    latest: tuple[Card, ...]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.latest)


@dataclass(frozen=True, slots=True)
class CoursePage:
    """Everything on the page."""

    run: CourseRun
    other_runs: tuple[CourseRun, ...]
    counted: Page[Counted]
    total: int
    waiting_here: Cards
    waiting_there: Cards
    ended: Cards
    not_inherited: tuple[NotInherited, ...]


@dataclass(slots=True)
class _Entry:
    """
    What is known of one microcredential while the page is put together.

    `keys` are those that its newest version names.
    """

    id: int
    uuid: str
    title: str
    organization: str
    naming: Naming | None = None
    keys: set[str] = field(default_factory=set)
    agreed: dict[str, Node] = field(default_factory=dict)
    withdrawn: bool = False

    def is_open(self, now: datetime) -> bool:
        found = self.naming
        if found is None or found.is_closed:
            return False
        return found.closes_at is None or found.closes_at > now


def read_course(
    rights: Rights, run: CourseRun, *, text: str = "", page: str = "1", of: UUID | None = None
) -> CoursePage:
    """
    The page; with `of` what it says of this microcredential alone. Raises `HostFailed`.

    The queries do not depend on how much there is on it.
    """
    now = timezone.now()
    mine = subjects_of_run(run)
    known = authoring.look_up(mine, rights)
    offers = authoring.offers_about(mine)
    siblings = {key: one for key, one in known.runs.items() if key != run.run}
    keys = {one.key for one in mine}
    namings = definitions.naming(COURSE, [*keys, *siblings])
    entries = _entries(namings, offers, keys)
    found = [one for one in entries.values() if _fits(one, text) and of in (None, UUID(one.uuid))]
    found.sort(key=lambda one: (not one.is_open(now), one.title.casefold(), one.id))
    counted: Page[Any] = Paginator(found, ON_A_PAGE).get_page(page)
    counted.object_list = _counted(list(counted), rights, known, run, now)
    return CoursePage(
        run=run,
        other_runs=tuple(one for key, one in siblings.items() if key in known.mine),
        counted=counted,
        total=len(entries),
        not_inherited=tuple(_not_inherited(namings, offers, entries, keys)),
        **_cards(offers, rights, known),
    )


def counts(rights: Rights, run: CourseRun) -> tuple[list[Naming], int]:
    """What can be earned that counts the run, by title; and how many offers wait for its yes."""
    now = timezone.now()
    mine = subjects_of_run(run)
    entries = _entries(definitions.naming(COURSE, {one.key for one in mine}), [], set())
    found = [one.naming for one in entries.values() if one.naming and one.is_open(now)]
    known = authoring.look_up(mine, rights)
    waiting = sum(
        offer.state == OfferState.TO_OTHER and authoring.subject_of(offer) in known.writable
        for offer in authoring.offers_about(mine)
    )
    return sorted(found, key=lambda one: (one.title.casefold(), one.uuid)), waiting


def subjects_of_run(run: CourseRun) -> tuple[Subject, ...]:
    """The run, and its course."""
    return Subject(COURSE, run.run).covering


def _entries(
    namings: Iterable[Naming], offers: Iterable[Offer], keys: Collection[str]
) -> dict[int, _Entry]:
    """By microcredential what counts the run, or is agreed to."""
    found: dict[int, _Entry] = {}
    for one in namings:
        if keys and one.key not in keys:
            continue
        entry = found.setdefault(
            one.microcredential_id,
            _Entry(one.microcredential_id, one.uuid, one.title, one.organization),
        )
        if one.is_newest:
            entry.keys.add(one.key)
        if entry.naming is None or one.number > entry.naming.number:
            entry.naming, entry.title = one, one.title
    for offer in offers:
        its = offer.microcredential
        if offer.state == OfferState.ACCEPTED:
            entry = found.setdefault(
                its.pk, _Entry(its.pk, str(its.uuid), its.title, its.organization)
            )
            entry.agreed[offer.object_key] = authoring.requirement_of(offer)
        elif authoring.is_withdrawal(offer) and its.pk in found:
            found[its.pk].withdrawn = True
    return found


def _fits(entry: _Entry, text: str) -> bool:
    there = f"{entry.title} {entry.organization}".casefold()
    return all(word in there for word in text.casefold().split())


def _counted(
    entries: Collection[_Entry], rights: Rights, known: Known, run: CourseRun, now: datetime
) -> list[Counted]:
    # Others' drafts are nobody's business, but for what was agreed on.
    drafts_of = [one.id for one in entries if one.agreed or rights.may_view(one.organization)]
    version_ids = [one.naming.version_id for one in entries if one.naming]
    versions, drafts = definitions.versions_and_drafts(version_ids, drafts_of)
    names = known.names()
    return [
        _of_entry(
            one,
            versions[one.naming.version_id] if one.naming else None,
            drafts.get(one.id),
            known,
            run,
            names,
            now,
        )
        for one in entries
    ]


def _of_entry(
    entry: _Entry,
    version: MicrocredentialVersion | None,
    draft: MicrocredentialVersion | None,
    known: Known,
    run: CourseRun,
    names: Mapping[str, str],
    now: datetime,
) -> Counted:
    asked = _asked(version, run, names)
    asked_next = _asked(draft, run, names)
    agreed = tuple(wording.asked(node, names) for node in entry.agreed.values())
    is_withdrawn = entry.withdrawn and not entry.agreed
    return Counted(
        uuid=entry.uuid,
        title=entry.title,
        organization=entry.organization,
        number=entry.naming.number if entry.naming else None,
        is_open=entry.is_open(now),
        is_newest=entry.naming is not None and entry.naming.is_newest,
        asked=asked,
        asked_next=() if asked_next == asked else asked_next,
        agreed=tuple(one for one in agreed if one not in (*asked, *asked_next)),
        is_agreed=bool(entry.agreed),
        is_withdrawn=is_withdrawn,
        withdraws=None if is_withdrawn else _withdraws(entry, known),
    )


def _withdraws(entry: _Entry, known: Known) -> str | None:
    """The key that the reader may withdraw, of those that are agreed on or newly published."""
    said = (Subject(COURSE, key) for key in {*entry.agreed, *entry.keys})
    mine = [one for one in said if one in known.writable]
    # The run itself before its course, of which more would be withdrawn.
    return next((one.key for one in sorted(mine, key=lambda one: one.is_course)), None)


def _asked(
    version: MicrocredentialVersion | None, run: CourseRun, names: Mapping[str, str]
) -> tuple[wording.Asked, ...]:
    if version is None:
        return ()
    named = set(subjects_of_run(run))
    return tuple(
        wording.asked(node, {**version.names, **names})
        for _path, node in definitions.nodes_of(version)
        if not named.isdisjoint(authoring.subjects_of(node))
    )


def _not_inherited(
    namings: Iterable[Naming],
    offers: Iterable[Offer],
    entries: Collection[int],
    keys: Collection[str],
) -> list[NotInherited]:
    """Newest versions that name other runs of the course only, and nothing is said of this one."""
    said = {one.microcredential_id for one in offers if one.state != OfferState.WITHDRAWN}
    found = {
        one.microcredential_id: NotInherited(one.uuid, one.title, one.organization, one.key)
        for one in sorted(namings, key=lambda one: one.key)
        if one.is_newest
        and not one.is_closed
        and one.key not in keys
        and one.microcredential_id not in {*entries, *said}
    }
    return sorted(found.values(), key=lambda one: (one.title.casefold(), one.uuid))


def _cards(offers: Collection[Offer], rights: Rights, known: Known) -> dict[str, Any]:
    """The offers by what they wait for, of each the latest few, and how many there are."""
    found: dict[str, list[Offer]] = {"waiting_here": [], "waiting_there": [], "ended": []}
    for offer in offers:
        if offer.state == OfferState.ACCEPTED:
            continue
        is_mine = authoring.subject_of(offer) in known.writable
        is_here = offer.state == OfferState.TO_OTHER and is_mine
        is_over = offer.state in authoring.ENDED
        found["ended" if is_over else "waiting_here" if is_here else "waiting_there"].append(offer)
    shown = {name: rows[:SHOWN_OF_EACH] for name, rows in found.items()}
    cards = cards_of([one for rows in shown.values() for one in rows], rights, known=known)
    by_uuid = {card.uuid: card for card in cards}
    return {
        name: Cards(tuple(by_uuid[str(one.uuid)] for one in rows), len(found[name]))
        for name, rows in shown.items()
    }
