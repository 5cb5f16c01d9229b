"""What people write is shown as they wrote it, and never becomes a part of a page."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from microcred_plugin.authoring import api as authoring
from microcred_plugin.credentials import api as credentials
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from tests import factories
from tests.factories import all_of, course
from tests.fakes import FakeHost
from tests.studio.conftest import ELSEWHERE, NOW, A, Person

EVIL = "\"'><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 }}"


class Elements(HTMLParser):
    """Collects what a page consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def harmless(page: str) -> bool:
    """Whether every script and image of a page is one of ours, and no attribute runs anything."""
    elements = Elements()
    elements.feed(page)
    return not [
        (tag, attributes)
        for tag, attributes in elements.found
        if any(name.startswith("on") for name in attributes)
        or (tag == "script" and not (attributes.get("src") or "").startswith("/microcredentials/"))
        or (tag in ("img", "iframe") and attributes.get("src") == "x")
    ]


@pytest.fixture
def evil(host: FakeHost, person: Callable[..., Person]) -> Microcredential:
    """A microcredential every text of which is an attack; so are its courses, people and offers."""
    host.add_run(A, title=EVIL)
    host.add_run(ELSEWHERE, title=EVIL, organization="Harbor")
    made = factories.publish("evil", course(A, title=EVIL[:80]), title=EVIL, description=EVIL)
    writer = person("writer", NordU="admin")
    host.add_learner(writer.id, "writer", name=EVIL)
    content = {
        "title": EVIL,
        "description": EVIL,
        "skills": [{"name": EVIL, "framework": EVIL, "code": EVIL}],
        "credit_kind": EVIL[:60],
        "level": EVIL[:60],
        "assessment_type": EVIL,
        "prerequisites": EVIL,
        "requirements": all_of(course(A, title=EVIL), title=EVIL),
        "eligibility": {"kind": "grant", "key": EVIL[:60], "title": EVIL},
    }
    definitions.create_draft(microcredential=made, content=content, by_id=writer.id)
    teacher = person("teacher", of=(ELSEWHERE,))
    host.add_learner(teacher.id, "teacher", name=EVIL)
    authoring.propose(
        microcredential=made,
        requirement=course(ELSEWHERE, title=EVIL),
        by=authoring.Rights(teacher.id),
        note=EVIL,
        now=NOW,
    )
    issuer = factories.issuer("NordU", now=NOW)
    credentials.change_profile(issuer, name=EVIL, description=EVIL)
    return made


def test_pages_of_authors_show_it_as_text(
    author: Person, person: Callable[..., Person], evil: Microcredential
) -> None:
    admin = person("admin", NordU="admin", of=(A,))
    states = [change.pk for change in definitions.changes_of(evil) if change.number]
    [publication] = definitions.publications_of(evil)
    here = f"/microcredentials/m/{evil.uuid}/"
    for path in (
        "/microcredentials/",
        "/microcredentials/?q=alert",
        "/microcredentials/new/",
        "/microcredentials/organizations/NordU/",
        "/microcredentials/organizations/NordU/issuer/",
        "/microcredentials/offers/",
        "/microcredentials/skills/",
        f"/microcredentials/course/{A}/",
        f"/microcredentials/course/{A}/offer/?q=alert",
        here,
        f"{here}edit/",
        f"{here}yaml/",
        f"{here}publish/",
        f"{here}history/",
        f"{here}history/compare/?before={states[-1]}&after={states[0]}",
        f"{here}publications/{publication.uuid}/",
        f"/microcredentials/offers/ask/{evil.uuid}/",
    ):
        response = admin.client.get(path)
        assert response.status_code == 200, path
        page = response.content.decode()
        assert harmless(page), path
        assert "<script>alert" not in page, path


def test_what_was_typed_wrong_comes_back_as_text(author: Person, evil: Microcredential) -> None:
    here = f"/microcredentials/m/{evil.uuid}/"
    for path, typed in (
        ("/microcredentials/new/", {"template": EVIL, "title": EVIL, "organization": EVIL}),
        ("/microcredentials/new/", {"template": "file", "yaml": EVIL}),
        (f"{here}edit/", {"title": EVIL, "workload_hours": EVIL, "token": EVIL, "policy": EVIL}),
        (f"{here}edit/", {"requirements": EVIL, "op": f"requirements:{EVIL}"}),
        (f"{here}edit/", {"skill-0-name": EVIL, "skill-0-url": EVIL, "token": EVIL}),
        (f"{here}yaml/", {"yaml": EVIL, "token": EVIL}),
        (f"{here}publish/", {"previous": EVIL, "day": EVIL}),
        (f"{here}settings/", {"switch": EVIL}),
    ):
        response = author.client.post(path, typed, follow=True)
        page = response.content.decode()
        assert harmless(page), path
        assert "<script>alert" not in page, path


def test_badge_with_markup_in_its_title_is_a_drawing(author: Person, evil: Microcredential) -> None:
    response = author.client.get(f"/microcredentials/m/{evil.uuid}/badge.svg")
    assert "<script" not in response.content.decode()
    assert "sandbox" in response["Content-Security-Policy"]


def test_attack_would_be_seen() -> None:
    assert not harmless(f'<p title="{EVIL}">')
    assert harmless('<script src="/microcredentials/assets/x/studio.js"></script>')
