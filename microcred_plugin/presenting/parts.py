"""What several pages show in the same way: badges, requirement trees, and where they link to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import ceil
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import ngettext
from opaque_keys.edx.keys import CourseKey

from microcred_plugin import wording
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import Award, State
from microcred_plugin.definitions.api import Face, MicrocredentialVersion, face_of
from microcred_plugin.evaluation.evaluate import Outcome
from microcred_plugin.evaluation.readings import Truth
from microcred_plugin.evaluation.requirements import Group, Node
from microcred_plugin.progress import Progress, leaf_url, microcredential_url, requirement_url


@dataclass(frozen=True, slots=True)
class Badge:
    """A microcredential as it is named on a page; `url` is that of its page, or of an award."""

    uuid: str
    title: str
    organization: str
    level: str
    language: str
    url: str
    image_url: str


def workload(version: MicrocredentialVersion) -> str:
    """How many hours it takes, in words; empty where nobody says."""
    hours = version.workload_hours
    if not hours:
        return ""
    return ngettext("{hours} hour", "{hours} hours", ceil(hours)).format(hours=_amount(hours))


def credit(version: MicrocredentialVersion) -> str:
    """What credit it is worth, such as "3 ECTS"; empty where nobody says."""
    value = version.credit_value
    return f"{_amount(value)} {version.credit_kind}".strip() if value else ""


def _amount(value: Decimal) -> str:
    """A number as the reader's language writes it, without needless zeros."""
    return str(number_format(value.normalize()))


def badge(face: Face, *, url: str | None = None) -> Badge:
    """The badge of a version; it links to its page, or to `url`."""
    return Badge(
        uuid=face.uuid,
        title=face.title,
        organization=face.organization,
        level=face.level,
        language=face.language,
        url=url or microcredential_url(face.uuid),
        image_url=reverse("microcred:badge_svg", args=[face.uuid, face.number]),
    )


@dataclass(frozen=True, slots=True)
class Earned:
    """An award as it is listed. `met_on` is None where nobody knows."""

    uuid: str
    badge: Badge
    state: State
    met_on: datetime | None
    valid_from: datetime
    expires_at: datetime | None
    version: int
    is_hidden: bool

    @property
    def on(self) -> datetime:
        """When it was met, or the day from which it holds."""
        return self.met_on or self.valid_from

    @property
    def label(self) -> str:
        return str(self.state.label)


def earned(award: Award, *, now: datetime) -> Earned:
    """An award, with what it is of."""
    return Earned(
        uuid=str(award.uuid),
        badge=badge(
            face_of(award.version, award.microcredential),
            url=reverse("microcred:award", args=[str(award.uuid)]),
        ),
        state=awards.shown_state(award, now=now),
        met_on=award.met_on,
        valid_from=award.valid_from,
        expires_at=award.expires_at,
        version=award.version.number,
        is_hidden=award.is_hidden,
    )


def ahead(progress: Progress | None, award: Earned | None) -> Progress | None:
    """
    Where the reader stands, as long as anything is to be done: not while they hold it, or wait.

    An award that is kept stands whatever the facts say now.
    """
    is_held = award is not None and award.state in (State.ACTIVE, State.HELD)
    return None if is_held else progress


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Something that is not held yet, and how far the learner has come in what it asks for."""

    badge: Badge
    progress: Progress
    requirements: Requirement | None


def under_way(progress: Progress) -> UnderWay:
    """Where the learner stands in something that has a face."""
    assert progress.definition.face is not None
    terms, outcome = progress.verdict.terms, progress.verdict.outcome
    asked = None
    if terms is not None and terms.requirements is not None:
        asked = requirement(terms.requirements, outcome, progress.names, enrolled=progress.enrolled)
    return UnderWay(badge(progress.definition.face), progress, asked)


@dataclass(frozen=True, slots=True)
class Requirement:
    """
    A node of a requirement tree: what it asks, and for a learner where they stand in it.

    `mark` is "met", "not_met" or "unknown", and empty where nobody is logged in.
    """

    title: str
    text: str
    options: tuple[str, ...]
    is_group: bool
    mark: str
    standing: str
    url: str | None
    of: tuple[Requirement, ...]


def requirement(
    node: Node,
    outcome: Outcome | None,
    names: Mapping[str, str],
    *,
    enrolled: frozenset[str] = frozenset(),
    is_linked: bool = True,
) -> Requirement:
    """
    The tree below a node, with the outcome of the same tree if there is one.

    Studio has none of the pages that the links lead to, and asks for none.
    """
    children: Iterable[Node] = getattr(node, "of", ())
    outcomes: Iterable[Outcome | None] = (
        outcome.children if outcome else [None] * len(getattr(node, "of", ()))
    )
    asked = wording.asked(node, names)
    return Requirement(
        title=asked.title,
        text=asked.text,
        options=asked.options,
        is_group=isinstance(node, Group),
        mark=outcome.truth.value if outcome else "",
        standing=wording.sentence(outcome.reason, names) if outcome else "",
        url=_url(node, outcome, enrolled) if is_linked else None,
        of=tuple(
            requirement(child, of_child, names, enrolled=enrolled, is_linked=is_linked)
            for child, of_child in zip(children, outcomes, strict=True)
        ),
    )


def _url(node: Node, outcome: Outcome | None, enrolled: frozenset[str]) -> str | None:
    if isinstance(node, Group):
        return None
    return leaf_url(outcome, enrolled=enrolled) if outcome else requirement_url(node)


def _run_names(data: Mapping[str, Any]) -> Iterator[str]:
    """Which run it was, where a receipt's fact is about one."""
    run = data.get("fact", {}).get("run")
    if run is not None:
        yield str(CourseKey.from_string(run).run)


def from_receipt(data: Mapping[str, Any], names: Mapping[str, str]) -> Requirement:
    """A receipt's outcome tree: what was met, and when, as it was read then."""
    children = data.get("of", ())
    return Requirement(
        title=data.get("title", ""),
        text=wording.sentence(wording.restored(data["reason"]), names),
        options=tuple(_run_names(data)),
        is_group=bool(children),
        mark=Truth(data["truth"]).value,
        standing="",
        url=None,
        of=tuple(from_receipt(child, names) for child in children),
    )
