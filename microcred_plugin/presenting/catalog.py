"""The catalogue: what can be earned, narrowed down by what a reader asks for."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from microcred_plugin.awards import api as awards
from microcred_plugin.awards.api import State
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Facets, MicrocredentialVersion, face_of
from microcred_plugin.planning import HostFailed, read_results
from microcred_plugin.presenting.parts import Badge, badge, credit, workload
from microcred_plugin.progress import enrolled_in, organizations_of

ON_A_PAGE = 24
SKILLS_SHOWN = 3
_LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a reader asks for; empty where they do not care."""

    text: str = ""
    organization: str = ""
    skill: str = ""
    level: str = ""
    is_mine: bool = False

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Wanted:
        """What an address asks for."""
        given = {
            name: _clean(query.get(parameter, ""))
            for name, parameter in (
                ("text", "q"), ("organization", "organization"), ("skill", "skill"),
                ("level", "level"),
            )
        }  # fmt: skip
        return cls(**given, is_mine=query.get("mine") == "1")

    def __bool__(self) -> bool:
        return bool(self.text or self.organization or self.skill or self.level or self.is_mine)

    @property
    def page_query(self) -> str:
        """This as the beginning of an address's query, to be followed by the page."""
        pairs = {
            "q": self.text,
            "organization": self.organization,
            "skill": self.skill,
            "level": self.level,
            "mine": "1" if self.is_mine else "",
        }
        query = urlencode({name: value for name, value in pairs.items() if value})
        return f"{query}&" if query else ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A microcredential in the catalogue; `state` is the reader's own, if they hold it."""

    badge: Badge
    description: str
    skills: tuple[str, ...]
    more_skills: int
    workload: str
    credit: str
    state: State | None


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything on the page. `is_complete` is False where the platform could not be asked."""

    wanted: Wanted
    facets: Facets
    offers: Page[Offer]
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Offers:
    """
    What a reader may be offered, and what of it fits; nothing of it is read yet.

    `is_complete` is False where the platform could not be asked.
    """

    offered: QuerySet[MicrocredentialVersion]
    fitting: QuerySet[MicrocredentialVersion]
    is_complete: bool


def find_offers(learner_id: int | None, wanted: Wanted, *, now: datetime) -> Offers:
    """What there is for this reader; nobody is logged in where `learner_id` is None."""
    is_complete = True
    enrolled: frozenset[str] = frozenset()
    if learner_id is not None:
        try:
            enrolled = enrolled_in(read_results(learner_id))
        except HostFailed:
            is_complete = False
    offered = definitions.offers(now=now, organizations=organizations_of(enrolled))
    fitting = definitions.narrowed(
        offered,
        text=wanted.text,
        organization=wanted.organization,
        skill=wanted.skill,
        level=wanted.level,
        runs=enrolled if wanted.is_mine else None,
    )
    return Offers(offered, fitting, is_complete)


def own_states(
    learner_id: int | None, versions: Collection[MicrocredentialVersion], *, now: datetime
) -> dict[int, State]:
    """The states of what the reader holds of these, by microcredential."""
    if learner_id is None or not versions:
        return {}
    standings = awards.standings([learner_id], [one.microcredential_id for one in versions])
    return {
        microcredential_id: standing.state
        for (_learner, microcredential_id), standing in standings.items()
        if standing.expires_at is None or standing.expires_at > now
    }


def read_catalog(
    learner_id: int | None, wanted: Wanted, *, now: datetime, page: str = "1"
) -> Catalog:
    """The page of the catalogue; nobody is logged in where `learner_id` is None."""
    found = find_offers(learner_id, wanted, now=now)
    offers: Page[Any] = Paginator(found.fitting, ON_A_PAGE).get_page(page)
    versions: list[MicrocredentialVersion] = list(offers)
    states = own_states(learner_id, versions, now=now)
    offers.object_list = [_offer(one, states.get(one.microcredential_id)) for one in versions]
    return Catalog(wanted, definitions.facets(found.offered), offers, found.is_complete)


def offers_of(organization: str, *, now: datetime, page: str = "1") -> Page[Offer]:
    """What an organisation has in the catalogue, as anybody sees it. Two queries."""
    found = find_offers(None, Wanted(organization=organization), now=now)
    offers: Page[Any] = Paginator(found.fitting, ON_A_PAGE).get_page(page)
    offers.object_list = [_offer(one, None) for one in offers]
    return offers


def _offer(version: MicrocredentialVersion, state: State | None) -> Offer:
    skills = tuple(skill["name"] for skill in version.skills)
    return Offer(
        badge=badge(face_of(version, version.microcredential)),
        description=version.description,
        skills=skills[:SKILLS_SHOWN],
        more_skills=max(0, len(skills) - SKILLS_SHOWN),
        workload=workload(version),
        credit=credit(version),
        state=state,
    )


def _clean(text: str) -> str:
    """What can be searched for: no database is asked for what can't be printed."""
    return "".join(one for one in text if one.isprintable())[:_LONGEST_SEARCH].strip()
