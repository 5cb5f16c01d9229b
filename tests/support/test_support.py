"""The pages of support: whom they answer, what they find, and that they change nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from microcred_plugin import decisions
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import Award, AwardEvent, Mail, Observation
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from tests.factories import LONG_AGO, all_of, course, publish
from tests.learner.conftest import A, B, Someone, settle

NOW = LONG_AGO + timedelta(days=200)
SUPPORT = "/microcredentials/support/"


@pytest.fixture
def literacy(ada: Someone) -> Microcredential:
    made = publish("literacy", all_of(course(A), course(B, minimum_grade=70)), policy="suspend")
    ada.passes(A, percent="0.83")
    ada.passes(B, percent="0.71")
    settle()
    return made


def ask(boss: Someone, learner: str, microcredential: str = "") -> HttpResponse:
    return boss.client.post(SUPPORT, {"learner": learner, "microcredential": microcredential})


def explained(boss: Someone, ada: Someone, made: Microcredential) -> str:
    return boss.page(f"support/{ada.id}/{made.uuid}/")


# --- whom it answers -----------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, {"is_superuser": True}])
def test_whoever_is_not_staff_cannot_tell_that_it_is_there(
    ada: Someone,
    literacy: Microcredential,
    someone: Callable[..., Someone],
    values: dict[str, bool],
) -> None:
    bob = someone("bob", **values)
    for path in ("", f"{ada.id}/", f"{ada.id}/{literacy.uuid}/", f"999/{uuid4()}/"):
        for client in (bob.client, ada.client):
            response = client.get(SUPPORT + path)
            assert response.status_code == 404
            assert "There is no such page." in response.content.decode()
    assert bob.client.post(SUPPORT, {"learner": "ada"}).status_code == 404
    assert SUPPORT not in bob.client.get("/microcredentials/").content.decode()


def test_visitor_is_asked_to_log_in(db: None, visitor: Client) -> None:
    response = visitor.get(SUPPORT)
    assert (response.status_code, response["Location"]) == (302, f"/login/?next={SUPPORT}")


def test_staff_finds_it_in_the_menu(boss: Someone) -> None:
    assert f'href="{SUPPORT}"' in boss.page("")
    assert f'href="{SUPPORT}" aria-current="page"' in boss.page("support/")


def test_asking_needs_a_token(boss: Someone) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = boss.client.cookies
    assert strict.post(SUPPORT, {"learner": "ada"}).status_code == 403


# --- finding -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ada", "ada@example.org", "ADA@Example.org", " ada ", "id"])
@pytest.mark.parametrize("text", ["literacy", "LITER", "uuid"])
def test_learner_and_microcredential_are_found(
    boss: Someone, ada: Someone, literacy: Microcredential, name: str, text: str
) -> None:
    name = str(ada.id) if name == "id" else name
    text = str(literacy.uuid) if text == "uuid" else text
    response = ask(boss, name, text)
    assert response["Location"] == f"{SUPPORT}{ada.id}/{literacy.uuid}/"


def test_names_stay_out_of_addresses(
    boss: Someone, ada: Someone, literacy: Microcredential
) -> None:
    for response in (ask(boss, "ada@example.org", "literacy"), ask(boss, "ada")):
        assert "ada" not in response["Location"].replace(str(literacy.uuid), "")
    page = explained(boss, ada, literacy)
    assert "?learner=" not in page


def test_several_that_may_be_meant_are_offered(
    boss: Someone, ada: Someone, literacy: Microcredential
) -> None:
    other = publish("digital-literacy", course(A))
    # A short name as it is means that one.
    assert ask(boss, "ada", "literacy")["Location"].endswith(f"/{literacy.uuid}/")
    page = ask(boss, "ada", "LITERAC").content.decode()
    for made in (literacy, other):
        assert f'href="{SUPPORT}{ada.id}/{made.uuid}/"' in page
    assert 'value="LITERAC"' in page


def test_without_a_microcredential_all_awards_of_the_learner_are_listed(
    boss: Someone, ada: Someone, literacy: Microcredential
) -> None:
    response = ask(boss, "ada")
    assert response["Location"] == f"{SUPPORT}{ada.id}/"
    page = boss.page(f"support/{ada.id}/")
    assert f'href="{SUPPORT}{ada.id}/{literacy.uuid}/"' in page
    assert "Earned" in page


def test_learner_without_an_award_says_so(boss: Someone, ada: Someone) -> None:
    assert "This learner has been awarded nothing yet." in boss.page(f"support/{ada.id}/")


@pytest.mark.parametrize(
    ("learner", "text", "says", "field"),
    [
        ("", "", "Say who it is about.", "learner"),
        ("nobody", "", "There is no user “nobody”", "learner"),
        ("no@body.org", "", "There is no user “no@body.org”", "learner"),
        ("\x00", "", "There is no user “", "learner"),
        ("9" * 40, "", "There is no user “9999", "learner"),
        ("<b>", "", "There is no user “&lt;b&gt;”", "learner"),
        ("ada", "\x00", "No microcredential has “", "microcredential"),
        ("ada", "nothing", "No microcredential has “nothing” in its title", "microcredential"),
        ("nobody", "nothing", "There is no user “nobody”", "learner"),
        ("nobody", "nothing", "No microcredential has “nothing”", "microcredential"),
    ],
)
def test_what_is_not_found_is_said_at_its_field(
    boss: Someone, literacy: Microcredential, learner: str, text: str, says: str, field: str
) -> None:
    response = ask(boss, learner, text)
    page = response.content.decode()
    assert response.status_code == 422
    assert says in page.partition(f'id="{field}-error">')[2].partition("</p>")[0]
    assert f'aria-describedby="{field}-error" aria-invalid="true"' in page


@pytest.mark.parametrize("leave", ["retire", "delete"])
def test_who_has_left_is_not_shown(
    boss: Someone, ada: Someone, literacy: Microcredential, leave: str
) -> None:
    getattr(ada.host, leave)(ada.id)
    for path in (f"{ada.id}/", f"{ada.id}/{literacy.uuid}/"):
        response = boss.client.get(SUPPORT + path)
        page = response.content.decode()
        assert response.status_code == 404
        assert f"User {ada.id} has been retired or deleted, and is not evaluated." in page
        assert "83 %" not in page


@pytest.mark.parametrize("learner_id", [0, 10**18, 10**30])
def test_number_that_is_nobodys_id(
    boss: Someone, literacy: Microcredential, learner_id: int
) -> None:
    for path in (f"{learner_id}/", f"{learner_id}/{literacy.uuid}/"):
        assert boss.client.get(SUPPORT + path).status_code == 404


def test_microcredential_that_cannot_be_explained_says_why(boss: Someone, ada: Someone) -> None:
    draft = definitions.create_microcredential(slug="draft", organization="N", title="Draft")
    response = boss.client.get(f"{SUPPORT}{ada.id}/{draft.uuid}/")
    assert response.status_code == 404
    assert "has no published version" in response.content.decode()
    response = boss.client.get(f"{SUPPORT}{ada.id}/{uuid4()}/")
    assert response.status_code == 404
    assert "There is no microcredential" in response.content.decode()


def test_platform_that_does_not_answer_is_said(
    boss: Someone, ada: Someone, literacy: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: Any) -> Any:
        raise ConnectionError("secret.host:3306 is away")

    monkeypatch.setattr(ada.host, "course_results", fail)
    response = boss.client.get(f"{SUPPORT}{ada.id}/{literacy.uuid}/")
    assert response.status_code == 503
    assert "This can&#x27;t be shown just now" in response.content.decode()
    assert "secret.host" not in response.content.decode()


# --- what it says --------------------------------------------------------------------------------


def test_every_requirement_has_its_outcome_and_the_facts(
    boss: Someone, ada: Someone, literacy: Microcredential
) -> None:
    page = explained(boss, ada, literacy)
    assert "Everything is met" in page
    assert "You passed Course A on March 2, 2026; your grade is 83 %." in page
    assert "<dt>percent_grade</dt><dd>0.83</dd>" in page
    assert f"<dt>run</dt><dd>{B}</dd>" in page


def test_what_is_missing_and_the_next_step_are_said(boss: Someone, ada: Someone) -> None:
    made = publish("analyst", all_of(course(A), course(B, minimum_grade=70)))
    ada.passes(A, B, percent="0.61")
    page = explained(boss, ada, made)
    assert "Not met" in page
    assert "You have passed Course B with 61 %; 70 % are needed." in page
    assert "Raise your grade in Course B: you have 61 %, 70 % are needed." in page
    assert "No award yet." in page


def test_award_has_its_whole_history_with_who_did_what_and_why(
    boss: Someone, ada: Someone, literacy: Microcredential, someone: Callable[..., Someone]
) -> None:
    judge = someone("judge")
    decisions.suspend(
        learner_id=ada.id, microcredential_id=literacy.pk, by_id=judge.id, reason="<i>Copied?</i>",
        now=NOW,
    )  # fmt: skip
    page = explained(boss, ada, literacy)
    assert str(ada.award(literacy).uuid) in page
    assert page.index("A reconciliation") < page.index("<strong>Suspended</strong>")
    assert f"A person · <bdi>judge ({judge.id})</bdi>" in page
    assert "&lt;i&gt;Copied?&lt;/i&gt;" in page
    assert "A person has suspended it. It stays suspended until somebody lifts that." in page
    decided = page.partition("What people have decided")[2]
    assert f"judge ({judge.id})" in decided
    del ada.host.people[judge.id]
    page = explained(boss, ada, literacy)
    assert f"<bdi>{judge.id}</bdi>" in page
    assert "judge (" not in page


def test_every_award_is_shown_the_newest_first(boss: Someone, ada: Someone) -> None:
    made = publish("first-aid", course(A))
    ada.passes(A)
    settle()
    decisions.revoke(learner_id=ada.id, microcredential_id=made.pk, by_id=None, reason="", now=NOW)
    decisions.lift_revocation(learner_id=ada.id, microcredential_id=made.pk, by_id=None, now=NOW)
    old, new = Award.objects.order_by("id")
    page = explained(boss, ada, made)
    assert page.index(str(new.uuid)) < page.index(str(old.uuid))


def test_what_became_of_the_e_mail_is_said(boss: Someone, ada: Someone, settings: Any) -> None:
    settings.MICROCRED_EMAIL = "on"
    made = publish("literacy", course(A))
    ada.passes(A)
    settle()
    assert "E-mail: Waiting" in explained(boss, ada, made)
    Mail.objects.update(outcome="unwanted", send_at=None, done_at=NOW)
    assert "E-mail: Not wanted, by the learner or by a policy" in explained(boss, ada, made)


def test_what_is_due_is_said(boss: Someone, ada: Someone) -> None:
    made = publish("first-aid", course(A), validity_months=12)
    ada.passes(A, on=timezone.now() - timedelta(days=5))
    settle()
    page = explained(boss, ada, made)
    assert "When it is looked at again" in page
    assert "An award expires" in page
    [(_why, at)] = awards.dues_of(ada.id, made.pk)
    assert f"{at:%H:%M} UTC" in page


def test_same_can_be_had_from_the_command_line(
    boss: Someone, ada: Someone, literacy: Microcredential
) -> None:
    page = explained(boss, ada, literacy)
    assert "manage.py lms microcred explain --learner ada --microcredential literacy" in page
    assert "microcred reconcile --learner ada --microcredential literacy --dry-run" in page


def test_looking_changes_nothing(boss: Someone, ada: Someone) -> None:
    made = publish("literacy", course(A))
    ada.passes(A)
    with CaptureQueriesContext(connection) as queries:
        page = explained(boss, ada, made)
    assert "It is earned and not awarded yet." in page
    assert not Award.objects.exists()
    assert not Observation.objects.exists()
    written = [one["sql"] for one in queries if not one["sql"].startswith("SELECT")]
    assert written == []


@pytest.mark.parametrize("path", ["support/", "support/{id}/", "support/{id}/{uuid}/"])
def test_page_is_kept_by_nobody_and_asks_nobody(
    boss: Someone, ada: Someone, literacy: Microcredential, path: str
) -> None:
    path = path.format(id=ada.id, uuid=literacy.uuid)
    response = boss.client.get(f"/microcredentials/{path}")
    assert "private" in response["Cache-Control"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Referrer-Policy"] == "same-origin"


def test_queries_do_not_grow_with_the_history(
    boss: Someone, ada: Someone, literacy: Microcredential
) -> None:
    def count(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            boss.page(path)
        return len(queries)

    one, learner = f"support/{ada.id}/{literacy.uuid}/", f"support/{ada.id}/"
    # The session and the user; then the microcredential, its stack (3), standings (2), decisions
    # (2), the award that ended last, the awards with their history (2), and what is due.
    assert (count(one), count(learner), count("support/")) == (2 + 12, 2 + 1, 2)
    for percent in ("0.40", "0.80") * 3:
        ada.host.grade(ada.id, A, percent)
        settle()
    publish("other", course(A))
    settle()
    assert AwardEvent.objects.count() > 5
    assert (count(one), count(learner), count("support/")) == (2 + 12, 2 + 1, 2)
