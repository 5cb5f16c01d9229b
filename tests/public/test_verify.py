"""The verifier's page: what it takes, what it answers, and what it gives away: nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html import unescape
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from microcred_plugin.awards.models import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials import fetching
from microcred_plugin.credentials.api import Shared
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


@pytest.mark.parametrize(
    "link",
    [
        "lms.example.org/microcredentials/awards/{uuid}",
        "HTTPS://LMS.example.org:443/microcredentials/awards/{uuid}/",
        "http://testserver/microcredentials/awards/{uuid}",
    ],
)
def test_link_may_be_written_as_people_copy_it(visitor: Client, issued: Issued, link: str) -> None:
    issued.share()
    assert answer(bring(visitor, link=link.format(uuid=issued.award.uuid))) == "valid"


@pytest.mark.parametrize(
    ("form", "field", "sentence"),
    [
        ({}, "link", "Bring something to check"),
        ({"text": "  \n "}, "link", "Bring something to check"),
        ({"link": "https://x.example.org/", "text": "{}"}, "text", "one thing at a time"),
        ({"link": "not a link"}, "link", "This is no link"),
        ({"link": "javascript:alert(1)"}, "link", "This is no link"),
        ({"link": "https://[::1"}, "link", "This is no link"),
        ({"link": "https://x.example.org:99999/"}, "link", "This is no link"),
        ({"link": "https://x.example.org/" + 3000 * "x"}, "link", "This is no link"),
        ({"link": "https://x.example.org/awards/1"}, "link", "bring that file here"),
        ({"link": f"{SITE}/catalog/"}, "link", "none of an award"),
        ({"link": f"{SITE}/nowhere"}, "link", "none of an award"),
        ({"text": "hello"}, "text", "This is no credential"),
        ({"text": "{"}, "text", "can't be read"),
        ({"text": '{"a": 1, "a": 2}'}, "text", "can't be read"),
        ({"text": "[]"}, "text", "This is no credential"),
        ({"text": "<!doctype html>"}, "text", "This is a web page"),
        ({"text": " " + 1_100_000 * "x"}, "text", "too large"),
        ({"text": "{}", "email": "nobody"}, "email", "This is no e-mail address"),
        ({"text": "{}", "email": "a@" + 300 * "x" + ".org"}, "email", "This is no e-mail address"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_the_field_and_nothing_is_lost(
    visitor: Client, db: None, form: dict[str, str], field: str, sentence: str
) -> None:
    response = bring(visitor, **form)
    assert response.status_code in (400, 413)
    found = errors(response)
    assert list(found) == [field]
    assert sentence in found[field]
    page = unescape(response.content.decode())
    assert all(value.strip() in page for value in form.values())
    assert answer(response) == ""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "There is nothing in it"),
        (b"\xff\xd8\xff\xe0" + b"x" * 100, "another kind than PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "another kind than PNG"),
        (b"%PDF-1.7", "PDF or an archive"),
        (b"PK\x03\x04", "PDF or an archive"),
        (b"<html></html>", "This is a web page"),
        (b"\x89PNG\r\n\x1a\n", "cut short"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 4 * 1024 * 1024, "too large"),
        (b"\x00" * 100, "This is no credential"),
    ],
)
def test_file_that_is_something_else_is_said_to_be(
    visitor: Client, db: None, content: bytes, sentence: str
) -> None:
    response = bring(visitor, file=a_file(content))
    assert sentence in errors(response)["file"]


def test_picture_without_a_credential_and_a_damaged_one(visitor: Client, issued: Issued) -> None:

    plain = BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "PNG")
    said = errors(bring(visitor, file=a_file(plain.getvalue(), "x.png")))["file"]
    assert "There is no credential in this image" in said
    damaged = bytearray(issued.png)
    damaged[200] ^= 1
    said = errors(bring(visitor, file=a_file(bytes(damaged), "x.png")))["file"]
    assert "wrong checksum" in said


def test_several_files_are_too_many(visitor: Client, db: None) -> None:
    response = bring(visitor, file=[a_file(b"{}"), a_file(b"{}")])
    assert "one thing at a time" in errors(response)["file"]


def test_what_is_too_large_is_not_taken_apart(visitor: Client, db: None) -> None:
    response = bring(visitor, file=a_file(b"x" * 7 * 1024 * 1024), text="")
    assert response.status_code == 413
    assert "too large" in errors(response)["file"]
    assert response.wsgi_request.POST == {}


def test_text_above_what_the_site_takes_is_too_large(
    visitor: Client, db: None, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = bring(visitor, text="x" * 2000)
    assert response.status_code == 413
    assert "too large" in errors(response)["text"]


def test_form_that_did_not_arrive_as_a_whole_is_asked_for_again(visitor: Client, db: None) -> None:
    for content_type in ("multipart/form-data", "multipart/form-data; boundary=x"):
        response = visitor.post(VERIFY, b"--y\r\nnonsense", content_type=content_type)
        assert response.status_code == 400


def test_nothing_that_is_brought_is_written_anywhere(
    visitor: Client, issued: Issued, tmp_path: Any, settings: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "not there")
    padding = b" " * 900_000
    content = json.dumps(issued.document).encode() + padding
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1
    assert answer(bring(visitor, file=a_file(content))) == "valid"


# --- what it answers -----------------------------------------------------------------------------


def test_changed_copy_is_not_valid_and_what_it_says_is_no_fact(
    visitor: Client, issued: Issued
) -> None:
    response = bring(visitor, text=json.dumps({**issued.document, "name": "A doctorate"}))
    assert answer(response) == "invalid"
    page = unescape(response.content.decode())
    assert "<title>Not valid" in page
    assert "Anybody can write this into a file." in page
    assert "A doctorate" in page


def test_address_is_compared_and_stays_out_of_the_address(visitor: Client, issued: Issued) -> None:
    document = json.dumps(issued.document)
    response = bring(visitor, text=document, email="Grace@example.org")
    assert answer(response) == "valid"
    assert "It is about Grace@example.org." in unescape(response.content.decode())
    assert answer(bring(visitor, text=document, email="ada@example.org")) == "other_person"
    assert "Anybody can bring a copy" in unescape(bring(visitor, text=document).content.decode())


def test_replaced_one_is_told_to_be(visitor: Client, issued: Issued) -> None:
    before = json.dumps(issued.document)
    credentials.resign(issued.award, credentials.Why.CORRECTED, now=issued.now)
    response = bring(visitor, text=before)
    assert answer(response) == "revoked"
    assert "Its issuer has replaced it by a newer one." in response.content.decode()


HOSTILE = "</dd></textarea><script>alert(1)</script>\"'><img src=x onerror=alert(1)>{{7*7}}"


def test_nothing_that_is_brought_becomes_markup(visitor: Client, issued: Issued) -> None:
    document = {
        **issued.document, "name": HOSTILE, "validFrom": HOSTILE, "validUntil": HOSTILE,
        "issuer": {"id": HOSTILE, "name": HOSTILE}, HOSTILE: 1, "type": issued.document["type"],
    }  # fmt: skip
    document["credentialSubject"] = {
        **document["credentialSubject"],
        "achievement": {"id": HOSTILE, "name": HOSTILE},
        "identifier": {"identityType": HOSTILE, "identityHash": HOSTILE},
    }
    variants = [
        document,
        {**document, "validFrom": "2026-01-01T00:00:00Z", "validUntil": None},
        {**document, "issuer": f"did:web:{HOSTILE}", "validFrom": "2026-01-01T00:00:00Z",
         "validUntil": None,
         "proof": {**document["proof"][0], "verificationMethod": f"did:web:{HOSTILE}#x"}},
        {**issued.document, HOSTILE: HOSTILE},
        {**issued.document, "@context": [*issued.document["@context"], HOSTILE]},
    ]  # fmt: skip
    forms: list[dict[str, Any]] = [{"text": json.dumps(one)} for one in variants]
    forms += [{"file": a_file(json.dumps(one).encode())} for one in variants]
    forms += [{"link": HOSTILE}, {"link": f"https://x.example.org/{HOSTILE}"}, {"email": HOSTILE}]
    for form in forms:
        page = bring(visitor, **form).content.decode()
        for wrong in ("<script>alert", "<img", "</dd></textarea>"):
            assert wrong not in page, wrong
    page = visitor.get(VERIFY, {"url": HOSTILE}).content.decode()
    assert "<script>alert" not in page


# --- what it gives away --------------------------------------------------------------------------


def _same(response: Any, uuid: Any) -> str:
    return TOKEN.sub("", response.content.decode()).replace(str(uuid), "UUID")


def test_award_that_is_not_shared_is_not_there(
    visitor: Client, make_issued: Callable[..., Issued]
) -> None:
    private, nothing = make_issued(), uuid4()
    for suffix in ("", ".json", ".jwt", ".png"):
        pages = []
        for uuid in (private.award.uuid, nothing):
            response = bring(visitor, link=f"{SITE}/awards/{uuid}{suffix}")
            assert response.status_code == 400
            assert errors(response)["link"].startswith("Nothing is shared at this address.")
            pages.append(_same(response, uuid))
        assert pages[0] == pages[1]


def test_holder_may_look_at_their_own(visitor: Client, issued: Issued) -> None:
    visitor.force_login(issued.award.learner)
    response = bring(visitor, link=f"{SITE}/awards/{issued.award.uuid}")
    assert answer(response) == "valid"


def test_declined_award_has_no_credential(visitor: Client, issued: Issued) -> None:
    issued.share(Shared.DECLINED)
    response = bring(visitor, link=f"{SITE}/awards/{issued.award.uuid}")
    assert list(errors(response)) == ["link"]


def test_revoked_award_says_so_at_its_link(visitor: Client, issued: Issued) -> None:
    issued.share()
    assert issued.document
    Award.objects.update(state="revoked", slot=None)
    assert answer(bring(visitor, link=f"{SITE}/awards/{issued.award.uuid}")) == "revoked"


def test_site_without_keys_says_that_it_can_not_sign(
    visitor: Client, issued: Issued, settings: Any
) -> None:
    issued.share()
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    response = bring(visitor, link=f"{SITE}/awards/{issued.award.uuid}")
    assert response.status_code == 503
    assert "can't sign" in errors(response)["link"]


def test_link_of_another_site_is_opened_if_the_operator_named_it(
    visitor: Client, issued: Issued, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    asked, served = [], json.dumps(issued.document).encode()

    def get(url: str) -> tuple[int, bytes]:
        asked.append(url)
        return 200, served

    monkeypatch.setattr(fetching, "_get", get)
    link = f"https://badges.example.org/microcredentials/awards/{issued.award.uuid}"
    assert "does not fetch" in errors(bring(visitor, link=link))["link"]
    assert asked == []
    settings.MICROCRED_VERIFIER_HOSTS = ["badges.example.org"]
    response = bring(visitor, link=link)
    assert (answer(response), errors(response)) == ("valid", {})
    assert asked == [f"{link}.json"]


# --- how often -----------------------------------------------------------------------------------


def test_who_asks_too_often_is_told_when_to_come_back_and_loses_nothing(
    visitor: Client, issued: Issued, settings: Any
) -> None:
    settings.MICROCRED_VERIFIER_RATE = "2/minute"
    for _time in range(2):
        assert bring(visitor, text="{}").status_code == 200
    response = bring(visitor, text="what I wrote", link="https://mine.example.org/")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    page = response.content.decode()
    assert "That was too often." in page
    assert "what I wrote" in page
    assert "https://mine.example.org/" in page
    # The form itself is always there; others, and who is logged in, are counted by themselves.
    assert visitor.get(VERIFY).status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.7").post(VERIFY, {"text": "{}"}).status_code == 200
    visitor.force_login(issued.award.learner)
    assert bring(visitor, text="{}").status_code == 200


def test_site_may_do_without_a_rate(visitor: Client, db: None, settings: Any) -> None:
    settings.MICROCRED_VERIFIER_RATE = None
    assert {bring(visitor, text="{}").status_code for _time in range(25)} == {200}


# --- forgery of requests -------------------------------------------------------------------------


def test_form_needs_its_token(issued: Issued) -> None:
    client = Client(enforce_csrf_checks=True)
    form = {"text": json.dumps(issued.document)}
    assert bring(client, **form).status_code == 403
    token = TOKEN.search(client.get(VERIFY).content.decode())
    assert token is not None
    response = bring(client, **form, csrfmiddlewaretoken=token[0])
    assert answer(response) == "valid"


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(visitor: Client, db: None, method: str) -> None:
    assert getattr(visitor, method)(VERIFY).status_code == 405


# --- what it costs -------------------------------------------------------------------------------


def queries(client: Client, **form: Any) -> int:
    bring(client, **form)
    with CaptureQueriesContext(connection) as found:
        bring(client, **form)
    return len(found)


def test_queries(visitor: Client, issued: Issued) -> None:
    issued.share()
    with CaptureQueriesContext(connection) as found:
        visitor.get(VERIFY)
    form = len(found)
    link = queries(visitor, link=f"{SITE}/awards/{issued.award.uuid}")
    document = queries(visitor, text=json.dumps(issued.document))
    token = queries(visitor, text=issued.token)
    changed = queries(visitor, text=json.dumps({**issued.document, "name": "x"}))
    nothing = queries(visitor, link=f"{SITE}/awards/{uuid4()}")
    nonsense = queries(visitor, text="nonsense")
    assert (form, link, document, token, changed, nothing, nonsense) == (0, 17, 12, 12, 2, 1, 0)
