"""The page of an issuer, and its profile for programs."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Issuer, KeyKind
from tests.factories import course, publish
from tests.learner.conftest import A
from tests.public.conftest import read

URL = "/microcredentials/issuers/nordu/"


@pytest.fixture
def issuer(db: None, host: object) -> Issuer:
    made = credentials.ensure_issuer("NordU", now=timezone.now())
    credentials.change_profile(
        made, name="Nordic <University>", url="https://nordu.example.org", country="NO",
        email="badges@nordu.example.org", description="Teaches.",
    )  # fmt: skip
    return made


def test_page_says_who_it_is(visitor: Client, issuer: Issuer) -> None:
    publish("literacy", course(A))
    publish("hidden", course(A), organization="Harbor")
    page = read(visitor, "issuers/nordu/")
    for said in (
        "Nordic &lt;University&gt;", "https://nordu.example.org", "badges@nordu.example.org",
        "Teaches.", "NO", "Literacy", "did:web:lms.example.org:microcredentials:issuers:nordu",
        "/microcredentials/issuers/nordu/did.json",
    ):  # fmt: skip
        assert said in page
    assert "Hidden" not in page
    assert "<University>" not in page


def test_page_says_what_became_of_keys(visitor: Client, issuer: Issuer) -> None:
    now = timezone.now()
    first = credentials.signing_key(issuer, KeyKind.ED25519)
    credentials.rotate(issuer, KeyKind.ED25519, now=now)
    stolen = credentials.signing_key(issuer, KeyKind.ED25519)
    credentials.compromise(stolen, now=now)
    page = read(visitor, "issuers/nordu/")
    assert first.name in page
    assert "What it signed stays valid." in page
    assert "Not to be relied on since" in page
    assert page.count("Signs credentials") == 2


def test_issuer_that_offers_and_signs_nothing_says_so(visitor: Client, issuer: Issuer) -> None:
    issuer.keys.all().delete()
    page = read(visitor, "issuers/nordu/")
    assert "It offers nothing at present." in page
    assert "It has no key yet" in page


@pytest.mark.parametrize("accept", ["application/json", "application/ld+json"])
def test_program_gets_the_profile(visitor: Client, issuer: Issuer, accept: str) -> None:
    response = visitor.get(URL, HTTP_ACCEPT=accept)
    profile = response.json()
    assert profile["type"] == ["Profile"]
    assert profile["id"] == "did:web:lms.example.org:microcredentials:issuers:nordu"
    assert profile["name"] == "Nordic <University>"
    assert profile["@context"][0] == "https://www.w3.org/ns/credentials/v2"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in response["Vary"]


def test_issuer_that_is_not_there(visitor: Client, db: None) -> None:
    assert visitor.get(URL).status_code == 404
    response = visitor.get(URL, HTTP_ACCEPT="application/json")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


def test_queries_do_not_grow(visitor: Client, issuer: Issuer) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            read(visitor, "issuers/nordu/")
        return len(queries)

    publish("literacy", course(A))
    # The issuer, its keys; how much it offers, and that.
    assert count() == 4
    for number in range(10):
        publish(f"more-{number}", course(A))
    assert count() == 4
