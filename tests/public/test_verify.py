"""The verifier's page: what it takes, what it answers, and what it gives away: nothing."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.credentials.conftest import Issued, issued, make_issued

__all__ = ["issued", "make_issued"]

VERIFY = "/microcredentials/verify/"
SITE = "https://lms.example.org/microcredentials"
TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+')


@pytest.fixture
def visitor() -> Client:
    return Client()


def answer(response: Any) -> str:
    """The verdict on a page; "" where there is none."""
    found = re.search(r'data-verdict="(\w+)"', response.content.decode())
    return found[1] if found else ""


def errors(response: Any) -> dict[str, str]:
    """What is said at each field."""
    page = response.content.decode()
    found = re.findall(r'<p class="field-error bad" id="(\w+)-error"[^>]*>(.*?)</p>', page)
    return {name: unescape(text) for name, text in found}


def bring(client: Client, **form: Any) -> Any:
    return client.post(VERIFY, form)


def a_file(content: bytes, name: str = "badge.json") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# --- the form ------------------------------------------------------------------------------------


def test_form_is_there_for_anybody(visitor: Client, db: None) -> None:
    response = visitor.get(VERIFY)
    assert response.status_code == 200
    assert "Is this badge genuine?" in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_opening_a_link_fills_the_form_and_checks_nothing(visitor: Client, issued: Issued) -> None:
    issued.share()
    link = f"{SITE}/awards/{issued.award.uuid}"
    response = visitor.get(VERIFY, {"url": link})
    assert f'value="{link}"' in response.content.decode()
    assert answer(response) == ""


# --- what it takes -------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", ".json", ".jwt", ".png", "?x=1", "#part"])
def test_link_of_a_shared_award_is_valid(visitor: Client, issued: Issued, suffix: str) -> None:
    issued.share()
    response = bring(visitor, link=f"{SITE}/awards/{issued.award.uuid}{suffix}")
    assert answer(response) == "valid"


def test_text_and_files_are_valid(visitor: Client, issued: Issued) -> None:
    document = json.dumps(issued.document)
    for form in (
        {"text": document},
        {"text": f"\n  {issued.token}  \n"},
        {"file": a_file(document.encode())},
        {"file": a_file(issued.token.encode(), "badge.jwt")},
        {"file": a_file(issued.png, "badge.png")},
    ):
        assert answer(bring(visitor, **form)) == "valid"
