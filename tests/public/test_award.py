"""The page of an award as everybody sees it, if its holder shares it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from microcred_plugin import decisions
from microcred_plugin.awards.models import Award
from microcred_plugin.credentials.models import Credential, Issuer, IssuerKey
from tests.factories import LONG_AGO, course, publish
from tests.learner.conftest import A, Someone, settle
from tests.public.conftest import AWARDS, name, read, share


def page_of(client: Client, award: Award, query: str = "") -> str:
    return unescape(read(client, f"awards/{award.uuid}{query}"))


def test_everybody_reads_what_is_shared(visitor: Client, shared: Award) -> None:
    page = page_of(visitor, shared)
    for said in (
        "Literacy", "Reads data.", "Awarded to <strong dir=\"auto\">Ada</strong>", "NordU",
        "Passed Course A on March 2, 2026.", "Statistics", "30 hours", "Written exam",
        "it does not expire", f"/microcredentials/m/{shared.microcredential.uuid}/",
        "/microcredentials/issuers/nordu/",
    ):  # fmt: skip
        assert said in page
    assert "your grade" not in page


def test_grades_are_there_if_the_holder_wants_that(
    ada: Someone, visitor: Client, shared: Award
) -> None:
    assert "80 %" in page_of(visitor, shared)
    share(ada, shared)
    page = page_of(visitor, shared)
    assert "80 %" not in page
    assert "80" not in json.dumps(visitor.get(f"{AWARDS}/{shared.uuid}.json").json()["evidence"])
    assert "result" not in visitor.get(f"{AWARDS}/{shared.uuid}.json").json()["credentialSubject"]


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        ({"name_choice": "username"}, "ada"),
        ({"name_choice": "other", "own_name": "A. <b>Lovelace</b>"}, "A. <b>Lovelace</b>"),
        ({"name_choice": "none"}, None),
    ],
)
def test_holder_is_named_as_they_chose(
    ada: Someone, visitor: Client, shared: Award, choice: dict[str, str], shown: str | None
) -> None:
    assert name(ada, **choice).status_code == 302
    raw = read(visitor, f"awards/{shared.uuid}")
    found = re.search(r'Awarded to <strong dir="auto">(.*?)</strong>', raw)
    assert (unescape(found[1]) if found else None) == shown
    assert "<b>" not in raw
    assert ("Ada" in raw) is False


def test_staff_sees_the_public_page_of_what_is_not_shared(
    someone: Callable[..., Someone], award: Award
) -> None:
    boss = someone("boss", is_staff=True)
    page = page_of(boss.client, award)
    assert "Its holder does not share this award." in page
    assert "og:title" not in page
    assert 'name="robots" content="noindex"' in page


def test_holder_may_look_at_what_others_would_see(ada: Someone, award: Award) -> None:
    page = page_of(ada.client, award, "?as=public")
    assert "This is what others would see. You do not share it, so nobody does." in page
    assert "Passed Course A on March 2, 2026." in page
    assert "og:title" not in page
    assert not Credential.objects.exists()


# --- the verifier --------------------------------------------------------------------------------


def marks(page: str) -> list[str]:
    checks = re.search(r'<ul class="proofs">.*?</ul>', page, re.DOTALL)
    assert checks is not None
    return re.findall(r'<li class="(\w+)">', checks[0])


def test_everything_is_in_order(visitor: Client, shared: Award) -> None:
    page = page_of(visitor, shared)
    assert marks(page) == ["good"] * 5
    assert "Everything that was checked just now is in order." in page
    assert "did:web:lms.example.org:microcredentials:issuers:nordu#z6Mk" in page
    assert "/microcredentials/issuers/nordu/did.json" in page
    assert "/microcredentials/issuers/nordu/status/1" in page
    assert "https://lms.example.org/" in page


@pytest.mark.parametrize(
    ("signed", "changed"),
    [("Literacy", "Illiteracy"), ("2026-", "2025-"), ('"proof"', '"prof"'), ("{", "")],
)
def test_document_that_was_changed_is_seen(
    visitor: Client, shared: Award, signed: str, changed: str
) -> None:
    found = Credential.objects.get()
    assert signed in found.document
    Credential.objects.update(document=found.document.replace(signed, changed))
    page = page_of(visitor, shared)
    assert marks(page) == ["good", "bad", "good", "good", "good"]
    assert "Do not rely on it" in page


def test_document_of_another_award_is_not_taken_for_this_one(
    ada: Someone, visitor: Client, shared: Award
) -> None:
    other = publish("other", course(A))
    settle()
    share(ada, ada.award(other))
    document = Credential.objects.get(award=ada.award(other).uuid).document
    Credential.objects.filter(award=shared.uuid).update(document=document)
    assert marks(page_of(visitor, shared))[1] == "bad"


def test_key_that_others_may_have_is_not_relied_on(visitor: Client, shared: Award) -> None:
    IssuerKey.objects.update(compromised_at=timezone.now(), retired_at=timezone.now(), slot=None)
    page = page_of(visitor, shared)
    assert marks(page)[1] == "bad"
    assert "may be in the hands of others" in page


def test_page_signs_nothing(
    someone: Callable[..., Someone], award: Award, ada: Someone, settings: object
) -> None:
    boss = someone("boss", is_staff=True)
    for client, query in ((boss.client, ""), (ada.client, ""), (ada.client, "?as=public")):
        page_of(client, award, query)
    assert not Credential.objects.exists()
    assert not Issuer.objects.exists()
    page = page_of(boss.client, award)
    assert marks(page) == ["open", "open", "good", "good", "good"]
    assert "It is signed when it is first downloaded." in page


def test_sharing_signs(shared: Award) -> None:
    assert Credential.objects.get().award_id == shared.uuid


def test_site_that_does_not_sign_says_so_to_the_holder(
    ada: Someone, visitor: Client, award: Award, settings: object
) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    share(ada, award)
    assert "This site does not sign credentials yet." in page_of(ada.client, award)
    page = page_of(visitor, award)
    assert "This site does not sign" not in page
    assert "Passed Course A" in page
    assert "?download=1" not in page


# --- how it stands -------------------------------------------------------------------------------


def test_revoked_one_stays_and_says_why(ada: Someone, visitor: Client, shared: Award) -> None:
    ada.host.fail_course(ada.id, A)
    settle()
    page = page_of(visitor, shared)
    assert re.search(
        r"Revoked on \w+\.? \d+, \d{4}, because what it asks for is no longer met\.", page
    )
    assert marks(page) == ["good", "good", "bad", "good", "good"]
    assert "Do not rely on it" in page
    assert "40 %" not in page


def test_reason_of_a_person_is_not_public(
    ada: Someone, visitor: Client, shared: Award, someone: Callable[..., Someone]
) -> None:
    decisions.revoke(
        learner_id=ada.id, microcredential_id=shared.microcredential_id, by_id=None,
        reason="Helped by a friend", now=timezone.now(),
    )  # fmt: skip
    for client in (visitor, someone("bob").client, someone("boss", is_staff=True).client):
        page = page_of(client, shared)
        assert "by those who award it" in page
        assert "friend" not in page
    assert "Helped by a friend" in page_of(ada.client, shared)
    assert "friend" not in page_of(ada.client, shared, "?as=public")


@pytest.mark.parametrize("by_person", [True, False])
def test_suspended_one_says_so(ada: Someone, visitor: Client, by_person: bool) -> None:
    made = publish("strict", course(A), policy="suspend")
    ada.passes(A)
    settle()
    share(ada, ada.award(made))
    if by_person:
        decisions.suspend(
            learner_id=ada.id, microcredential_id=made.pk, by_id=None,
            reason="Under investigation", now=timezone.now(),
        )  # fmt: skip
    else:
        ada.host.fail_course(ada.id, A)
        settle()
    page = page_of(visitor, ada.award(made))
    assert "Suspended since" in page
    assert ("by those who award it" in page) is by_person
    assert ("because what it asks for is not met at present" in page) is not by_person
    assert "investigation" not in page
    assert marks(page)[2] == "bad"


def test_expired_one_stays_and_says_so(ada: Someone, visitor: Client, shared: Award) -> None:
    Award.objects.update(expires_at=LONG_AGO)
    page = page_of(visitor, shared)
    assert "until Jan. 1, 2026." in page
    assert marks(page) == ["good", "good", "good", "bad", "good"]


def test_award_by_hand_says_no_more_than_that(ada: Someone, visitor: Client) -> None:
    made = publish("honour", course(A))
    decisions.award_by_hand(
        learner_id=ada.id, microcredential_id=made.pk, by_id=None, reason="A friend", now=LONG_AGO
    )
    share(ada, ada.award(made))
    page = page_of(visitor, ada.award(made))
    assert "A person who may do so decided on this award." in page
    assert "A friend" not in page


# --- passing it on -------------------------------------------------------------------------------


def test_page_of_what_is_shared_has_a_face_elsewhere(visitor: Client, shared: Award) -> None:
    page = read(visitor, f"awards/{shared.uuid}")
    url = f"https://lms.example.org/microcredentials/awards/{shared.uuid}"
    assert f'<link rel="canonical" href="{url}">' in page
    assert '<meta property="og:title" content="Ada: Literacy">' in page
    assert f'<meta property="og:url" content="{url}">' in page
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert found is not None
    data = json.loads(found[1])
    assert data["@type"] == "EducationalOccupationalCredential"
    assert (data["url"], data["recognizedBy"]["name"]) == (url, "NordU")
    assert "Ada" not in found[1]


def test_embedded_html_is_shown_and_not_run(ada: Someone, visitor: Client) -> None:
    made = publish("quoted", course(A), title='"><script>alert(1)</script>')
    ada.passes(A)
    settle()
    share(ada, ada.award(made))
    page = read(visitor, f"awards/{ada.award(made).uuid}")
    assert "<script>alert" not in page
    shown = unescape(re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)[1])
    url = f"https://lms.example.org/microcredentials/awards/{ada.award(made).uuid}"
    assert shown == (
        f'<a href="{url}"><img src="{url}.png" '
        'alt="&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;" width="160" height="160"></a>'
    )


def test_qr_code_is_a_picture_and_nothing_else(visitor: Client, shared: Award) -> None:
    response = visitor.get(f"{AWARDS}/{shared.uuid}/qr.svg")
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    text = response.content.decode()
    assert text.startswith("<?xml")
    assert "viewBox" in text
    assert "script" not in text


@pytest.mark.parametrize(
    ("is_public", "may_be_indexed", "is_indexed"),
    [("", "", False), ("1", "", False), ("", "1", False), ("1", "1", True)],
)
def test_search_engines_find_it_only_if_the_holder_wants_that(
    ada: Someone, visitor: Client, shared: Award, is_public: str, may_be_indexed: str,
    is_indexed: bool,
) -> None:  # fmt: skip
    chosen = {"is_profile_public": is_public, "may_be_indexed": may_be_indexed}
    name(ada, **{key: value for key, value in chosen.items() if value})
    page = page_of(visitor, shared)
    assert ('name="robots" content="noindex"' not in page) is is_indexed
    assert 'content="noindex"' in page_of(ada.client, shared, "?as=public")


# --- programs ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "accept",
    [
        "application/json", "application/ld+json", "application/vc+ld+json",
        "application/json, text/plain, */*", "text/html;q=0.4, application/json",
    ],
)  # fmt: skip
def test_program_gets_the_credential(visitor: Client, shared: Award, accept: str) -> None:
    response = visitor.get(f"{AWARDS}/{shared.uuid}", HTTP_ACCEPT=accept)
    assert response["Content-Type"] == "application/vc+ld+json"
    assert {"Accept", "Cookie"} <= set(response["Vary"].split(", "))
    assert response.content == visitor.get(f"{AWARDS}/{shared.uuid}.json").content


@pytest.mark.parametrize(
    "accept",
    [
        "", "*/*", "text/html", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "application/json;q=0.5, text/html", "application/json;q=0, */*", "nonsense;q=x",
    ],
)  # fmt: skip
def test_person_gets_the_page(visitor: Client, shared: Award, accept: str) -> None:
    response = visitor.get(f"{AWARDS}/{shared.uuid}", HTTP_ACCEPT=accept)
    assert response["Content-Type"].startswith("text/html")
    assert {"Accept", "Cookie"} <= set(response["Vary"].split(", "))


# --- what it costs -------------------------------------------------------------------------------


def test_queries_do_not_grow(ada: Someone, visitor: Client, shared: Award) -> None:
    def count(client: Client) -> int:
        with CaptureQueriesContext(connection) as queries:
            read(client, f"awards/{shared.uuid}")
        return len(queries)

    # The award and its history, the choice, the credential, the holder, what is revoked.
    assert count(visitor) == 6
    # And for a holder the session and the user; not what is revoked.
    assert count(ada.client) == 7
    for number in range(10):
        made = publish(f"more-{number}", course(A))
        settle()
        share(ada, ada.award(made))
    assert count(visitor) == 6
    assert count(ada.client) == 7
