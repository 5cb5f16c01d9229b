"""Who may open which page of Studio, and do what: every page, every kind of person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import URLPattern, reverse

from microcred_plugin.authoring import api as authoring
from microcred_plugin.credentials import api as credentials
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from microcred_plugin.pages import serving
from microcred_plugin.urls import cms
from tests import factories
from tests.factories import all_of, course
from tests.fakes import FakeHost
from tests.studio.conftest import ELSEWHERE, NOW, A, B, Person

# Who there is, with the organisation NordU and its course A in mind.
PEOPLE = (
    "anonymous",
    "learner",
    "course_staff",
    "limited_staff",
    "other_course_staff",
    "viewer",
    "reviewer",
    "author",
    "admin",
    "other_author",
    "operator",
    "superuser",
)
ALL = frozenset(PEOPLE)
LOGGED_IN = ALL - {"anonymous"}
OPERATORS = frozenset({"operator", "superuser"})
ADMINS = OPERATORS | {"admin"}
WRITERS = ADMINS | {"author"}
MEMBERS = WRITERS | {"viewer", "reviewer"}
AUTHORS_ANYWHERE = WRITERS | {"other_author"}
# Of course A; and of the course that is offered to the microcredential.
TEAM = OPERATORS | {"course_staff"}
OFFERING = OPERATORS | {"other_course_staff"}


@dataclass(frozen=True)
class Action:
    """
    A page, and what is asked of it, by whom.

    `refused` are those who may read the page, and are told there that they may not do this.
    """

    name: str
    allowed: frozenset[str]
    method: str = "get"
    about: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)
    query: str = ""
    refused: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"{self.method} {self.name}{self.query}"


ACTIONS = (
    Action("asset", ALL, about=("digest", "file")),
    Action("studio", LOGGED_IN),
    Action("studio_organizations", LOGGED_IN),
    Action("studio_organization", ADMINS, about=("organization",)),
    Action(
        "studio_organization", ADMINS, "post", ("organization",),
        {"person": "learner", "role": "viewer"},
    ),
    Action("studio_issuer", MEMBERS, about=("organization",)),
    Action("studio_issuer", ADMINS, "post", ("organization",), {"name": "Nord University"}),
    Action("studio_issuer", ADMINS, "post", ("organization",), {"rotate": "ed25519"}),
    Action("studio_issuer_stolen", ADMINS, about=("organization", "key_name")),
    Action("studio_issuer_stolen", ADMINS, "post", ("organization", "key_name")),
    Action("studio_new", AUTHORS_ANYWHERE),
    Action(
        "studio_new", WRITERS, "post",
        data={"template": "skill", "title": "New", "organization": "NordU"},
    ),
    Action("studio_microcredential", MEMBERS, about=("uuid",)),
    Action("studio_settings", WRITERS, "post", ("uuid",), {"switch": "off"}),
    Action("studio_begin", WRITERS, "post", ("uuid",)),
    Action("studio_discard", WRITERS, "post", ("uuid",)),
    Action("studio_edit", WRITERS, about=("uuid",)),
    Action("studio_edit", WRITERS, "post", ("uuid",), {"title": "Changed"}),
    Action("builder_search", AUTHORS_ANYWHERE, query="?builder=requirements&for=runs"),
    Action("studio_badge", MEMBERS, about=("uuid",)),
    Action("studio_badge", LOGGED_IN, about=("uuid",), query="?v=1"),
    Action("studio_badge_preview", WRITERS, "post", ("uuid",), {"title": "Changed"}),
    Action("studio_skills", ADMINS),
    Action(
        "studio_skills", ADMINS, "post",
        data={"remove": "Own", "organization": "NordU"},
    ),
    Action("studio_skill_search", WRITERS, query="?organization=NordU&skill-search=weld"),
    Action("studio_yaml", WRITERS, about=("uuid",)),
    Action("studio_yaml", WRITERS, "post", ("uuid",), {"yaml": "x"}),
    Action("studio_export", MEMBERS, about=("uuid",)),
    Action("studio_badge", MEMBERS, about=("uuid",), query="?v=2"),
    Action("studio_publish", WRITERS, about=("uuid",)),
    Action("studio_publish", WRITERS, "post", ("uuid",)),
    Action("studio_publication", MEMBERS, about=("uuid", "publication_uuid")),
    Action("studio_undo", WRITERS, "post", ("uuid", "publication_uuid")),
    Action("studio_preview_start", WRITERS, "post", ("uuid",)),
    Action("studio_preview", MEMBERS, about=("uuid", "preview_uuid")),
    Action("studio_preview_cancel", WRITERS, "post", ("uuid", "preview_uuid")),
    Action("studio_course", TEAM, about=("key",)),
    Action("studio_figures", TEAM, about=("key",)),
    Action("studio_offer_course", TEAM, about=("key",)),
    Action(
        "studio_offer_course", TEAM, "post", ("key",), {"to": "{foreign}", "which": "this"}
    ),
    Action("studio_withdraw_course", TEAM, about=("key", "uuid")),
    Action("studio_withdraw_course", TEAM, "post", ("key", "uuid"), {"reason": "Because."}),
    Action("studio_detachment_start", TEAM, "post", ("key", "uuid")),
    Action("studio_detachment", TEAM, about=("key", "uuid", "detachment_uuid")),
    Action("studio_detachment_cancel", TEAM, "post", ("key", "uuid", "detachment_uuid")),
    Action("studio_offers", LOGGED_IN),
    Action("studio_offer", MEMBERS | OFFERING, about=("offer_uuid",)),
    Action(
        "studio_offer", WRITERS, "post", ("offer_uuid",), {"do": "decline", "reason": "No."},
        refused=frozenset({"viewer", "reviewer", "other_course_staff"}),
    ),
    Action("studio_ask", WRITERS, about=("uuid",)),
    Action("studio_ask", WRITERS, "post", ("uuid",), {"key": B}),
    Action("studio_history", MEMBERS, about=("uuid",)),
    Action("studio_compare", MEMBERS, about=("uuid",), query="?before={one}&after={two}"),
    Action("studio_restore", WRITERS, "post", ("uuid",), {"state": "{one}"}),
)  # fmt: skip


@dataclass
class World:
    """A microcredential of NordU with a publication and a draft, and everybody there is."""

    made: Microcredential
    clients: dict[str, Client]
    values: dict[str, Any]

    def ask(self, action: Action, who: str, *, client: Client | None = None) -> Any:
        path = self.path(action)
        data = {
            name: value.format(**self.values) if isinstance(value, str) else value
            for name, value in action.data.items()
        }
        call = getattr(client or self.clients[who], action.method)
        return call(path) if action.method == "get" else call(path, data)

    def path(self, action: Action, **others: Any) -> str:
        values = {**self.values, **others}
        # By the names that they have in the addresses, several of which share one.
        names = {
            "file": "name",
            "key_name": "name",
            "offer_uuid": "uuid",
            "detachment_uuid": "preview_uuid",
        }
        kwargs = {names.get(name, name): values[name] for name in action.about}
        path = reverse(f"microcred:{action.name}", kwargs=kwargs)
        return path + action.query.format(**values)


@pytest.fixture
def world(host: FakeHost, person: Callable[..., Person]) -> World:
    for run in (A, B, ELSEWHERE):
        host.add_run(run)
    made = factories.publish("secret-skill", course(A), title="Secret skill")
    definitions.create_draft(
        microcredential=made, content={"requirements": all_of(course(A), course(B))}
    )
    people = {
        "learner": person("learner"),
        "course_staff": person("course_staff", of=(A,)),
        "limited_staff": person("limited_staff", of=(A,), course_role="limited_staff"),
        "other_course_staff": person("other_course_staff", of=(ELSEWHERE,)),
        "viewer": person("viewer", NordU="viewer"),
        "reviewer": person("reviewer", NordU="reviewer"),
        "author": person("author", NordU="author"),
        "admin": person("admin", NordU="admin"),
        "other_author": person("other_author", Harbor="author"),
        "operator": person("operator", is_staff=True),
        "superuser": person("superuser"),
    }
    get_user_model().objects.filter(username="superuser").update(is_superuser=True)
    host.staff.add(people["superuser"].id)
    clients = {name: one.client for name, one in people.items()}
    foreign = factories.publish("foreign", course(ELSEWHERE), organization="Harbor")
    offer = authoring.propose(
        microcredential=made,
        requirement=course(ELSEWHERE),
        by=authoring.rights_of(get_user_model().objects.get(username="other_course_staff")),
    )
    issuer = factories.issuer("NordU", now=NOW)
    states = definitions.changes_of(made)
    [publication] = definitions.publications_of(made)
    values = {
        "uuid": made.uuid,
        "organization": "NordU",
        "key_name": issuer.keys.filter(kind="ed25519").get().name,
        "publication_uuid": publication.uuid,
        "digest": serving.digest_of("studio.css"),
        "file": "studio.css",
        "key": A,
        "foreign": foreign.uuid,
        "offer_uuid": offer.uuid,
        "preview_uuid": asked(made, "publication"),
        "detachment_uuid": asked(made, "detachment", run=A),
        "one": states[0].pk,
        "two": states[1].pk,
    }
    return World(made, {"anonymous": Client(), **clients}, values)


def asked(made: Microcredential, kind: str, **about: str) -> UUID:
    """A preview that somebody has asked for."""
    draft = definitions.draft_of(made)
    assert draft is not None
    preview = authoring.ask_preview(
        kind=authoring.Preview.Kind(kind),
        microcredential_id=made.pk,
        content={"of": {"draft": definitions.deciding(draft)}, "previous": "now"},
        by_id=None,
        now=NOW,
        **about,
    )
    return UUID(str(preview.uuid))


def is_yes(response: Any) -> bool:
    """Whether somebody got what they asked for, be it that something is wrong with it."""
    if response.status_code == 302:
        return "/login/" not in response["Location"]
    return response.status_code in (200, 409, 422)


def test_every_address_is_in_the_table() -> None:
    names = {pattern.name for pattern in cms.urlpatterns if isinstance(pattern, URLPattern)}
    assert {action.name for action in ACTIONS} | {"studio_api_course"} == names


@pytest.mark.parametrize("action", ACTIONS, ids=str)
@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_do_what(world: World, action: Action, who: str) -> None:
    response = world.ask(action, who)
    if who in action.allowed:
        assert is_yes(response), response.status_code
    elif who == "anonymous":
        assert response.status_code == 302
        assert "/login/" in response["Location"]
    elif action.name == "studio_new" and action.method == "post" and who == "other_author":
        assert response.status_code == 422  # may write, but not for this organisation
        assert not definitions.is_taken("nordu-new")
    elif who in action.refused:
        assert response.status_code == 422
        offer = authoring.find_offer(world.values["offer_uuid"])
        assert offer is not None
        assert offer.state == "to_owner"
    else:
        assert response.status_code == 404
        assert "Secret skill" not in response.content.decode()


@pytest.mark.parametrize("who", PEOPLE)
def test_card_of_a_course_is_for_its_team(world: World, who: str) -> None:
    response = world.clients[who].get(f"/microcredentials/api/v1/courses/{A}/")
    if who in TEAM:
        assert response.json()["counts_towards"]["count"] == 1
    else:
        assert response.status_code in (401, 403, 404)
        assert "Secret skill" not in response.content.decode()


OF_MEMBERS = [one for one in ACTIONS if "uuid" in one.about and "learner" not in one.allowed]


@pytest.mark.parametrize("action", OF_MEMBERS, ids=str)
def test_page_one_may_not_see_is_that_of_what_does_not_exist(world: World, action: Action) -> None:
    for who in ("learner", "other_author"):
        ask = getattr(world.clients[who], action.method)
        theirs = ask(world.path(action), dict(action.data))
        nothing = ask(world.path(action, uuid=uuid4()), dict(action.data))
        assert theirs.status_code == nothing.status_code == 404
        assert _text(theirs) == _text(nothing)


def _text(response: Any) -> str:
    return str(response.content.decode().split("<main")[1].split("</main>")[0])


@pytest.mark.parametrize("action", [one for one in ACTIONS if one.method == "post"], ids=str)
def test_other_site_cannot_have_somebody_do_it(world: World, action: Action) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(get_user_model().objects.get(username="superuser"))
    before = definitions.export_definitions(definitions.list_microcredentials())
    people = len(authoring.roles_in("NordU"))
    keys = names_of_keys()
    assert world.ask(action, "superuser", client=strict).status_code == 403
    assert definitions.export_definitions(definitions.list_microcredentials()) == before
    assert len(authoring.roles_in("NordU")) == people
    assert names_of_keys() == keys


def names_of_keys() -> list[tuple[str, str, bool]]:
    return [
        (issuer.name, key.name, key.compromised_at is None)
        for issuer in credentials.issuers()
        for key in issuer.keys.all()
    ]


READ = {action.name for action in ACTIONS if action.method == "get"}
ONLY_DONE = [action for action in ACTIONS if action.name not in READ]


@pytest.mark.parametrize("action", ONLY_DONE, ids=str)
def test_looking_does_nothing(world: World, action: Action) -> None:
    before = definitions.export_definitions([world.made])
    assert world.clients["superuser"].get(world.path(action)).status_code == 405
    assert definitions.export_definitions([world.made]) == before


def test_somebody_who_is_inactive_is_nobody(world: World, person: Callable[..., Person]) -> None:
    get_user_model().objects.filter(username="author").update(is_active=False)
    response = world.clients["author"].get(f"/microcredentials/m/{world.made.uuid}/")
    assert response.status_code == 302
    assert "/login/" in response["Location"]


def test_organisation_of_another_case_is_another(world: World) -> None:
    shout = factories.publish("shout", course(A), organization="NORDU")
    path = f"/microcredentials/m/{shout.uuid}/"
    assert world.clients["author"].get(path).status_code == 404
