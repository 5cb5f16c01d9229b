"""Signed documents and what verifiers need, as programs get them."""

from __future__ import annotations

import base64
import io
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.fernet import Fernet
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from microcred_plugin import earning
from microcred_plugin.awards.models import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.models import Credential, IssuerKey, StatusEntry, StatusList
from microcred_plugin.definitions import api as definitions
from tests.factories import course, png_data_url, publish
from tests.fakes import FakeHost

RUN = "course-v1:NordU+A+2026"
ISSUER = "/microcredentials/issuers/nordu"

TYPES = {"json": "application/vc+ld+json", "jwt": "text/plain", "png": "image/png"}


@pytest.fixture
def award(host: FakeHost, db: None, settings: Any) -> Award:
    """An award that its holder, learner 1, shares."""
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    host.add_run(RUN)
    host.add_learner(1)
    host.pass_course(1, RUN)
    skill = publish("skill", course(RUN), validity_months=12)
    earning.follow_hint(1, RUN)
    made = Award.objects.get(microcredential=skill)
    choose(made, credentials.Shared.SHARED)
    return made


def choose(award: Award, state: credentials.Shared, **choice: Any) -> None:
    assert credentials.choose(award.uuid, learner_id=1, now=timezone.now(), state=state, **choice)


def get(path: str, **headers: str) -> Any:
    return Client().get(path, **headers)


def of_award(award: Award, suffix: str) -> str:
    return f"/microcredentials/awards/{award.uuid}.{suffix}"


@pytest.mark.parametrize("suffix", TYPES)
def test_document_has_its_type_and_is_for_every_origin(award: Award, suffix: str) -> None:
    response = get(of_award(award, suffix))
    assert response.status_code == 200
    assert response["Content-Type"].partition(";")[0] == TYPES[suffix]
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in response["X-Robots-Tag"]


@pytest.mark.parametrize("suffix", TYPES)
def test_who_keeps_a_document_asks_again_and_gets_it_only_if_it_changed(
    award: Award, suffix: str
) -> None:
    first = get(of_award(award, suffix))
    assert "no-cache" in first["Cache-Control"]
    again = get(of_award(award, suffix), HTTP_IF_NONE_MATCH=first["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    choose(award, credentials.Shared.PRIVATE)
    assert get(of_award(award, suffix), HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 404


def test_document_is_signed_once_and_served_as_it_was_stored(award: Award) -> None:
    with CaptureQueriesContext(connection) as first:
        content = get(of_award(award, "json")).content
    with CaptureQueriesContext(connection) as second:
        assert get(of_award(award, "json")).content == content
    assert Credential.objects.count() == 1
    # The award, its history, the choice, the choice once more for signing, and what was signed.
    assert len(second) == 5
    assert len(first) > 5


def test_picture_holds_what_is_served_as_json(award: Award) -> None:
    document = get(of_award(award, "json")).content.decode()
    image = Image.open(io.BytesIO(get(of_award(award, "png")).content))
    image.load()
    assert image.text["openbadgecredential"] == document


def test_download_has_a_name(award: Award) -> None:
    response = get(of_award(award, "jwt") + "?download=1")
    assert response["Content-Disposition"] == 'attachment; filename="skill.jwt"'


@pytest.mark.parametrize("suffix", TYPES)
@pytest.mark.parametrize("state", ["private", "declined"])
def test_what_is_not_shared_is_as_what_is_not_there(award: Award, suffix: str, state: str) -> None:
    get(of_award(award, suffix))
    choose(award, credentials.Shared(state))
    hidden = get(of_award(award, suffix))
    missing = get(f"/microcredentials/awards/{uuid4()}.{suffix}")
    assert hidden.status_code == missing.status_code == 404
    assert (hidden.content, dict(hidden.headers)) == (missing.content, dict(missing.headers))


def test_without_keys_nothing_is_signed_and_nothing_is_lost(award: Award, settings: Any) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    response = get(of_award(award, "json"))
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert Credential.objects.count() == StatusEntry.objects.count() == 0


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_documents_are_only_read(award: Award, method: str) -> None:
    assert getattr(Client(), method)(of_award(award, "json")).status_code == 405


# --- issuers -------------------------------------------------------------------------------------


def test_did_document_names_the_keys_that_sign(award: Award) -> None:
    signed = json.loads(get(of_award(award, "json")).content)
    response = get(f"{ISSUER}/did.json")
    assert response["Content-Type"] == "application/did+ld+json"
    assert response["Cache-Control"] == "public, max-age=300"
    document = response.json()
    assert document["id"] == signed["issuer"]["id"]
    assert document["id"] == "did:web:lms.example.org:microcredentials:issuers:nordu"
    assert signed["proof"][0]["verificationMethod"] in document["assertionMethod"]
    assert all(method["controller"] == document["id"] for method in document["verificationMethod"])
    assert "private" not in response.content.decode()


def test_key_of_a_token_is_where_the_token_says(award: Award) -> None:
    header = credentials.read_presented(get(of_award(award, "jwt")).content)
    assert header.token
    [key] = IssuerKey.objects.filter(kind="rsa")
    response = get(f"{ISSUER}/keys/{key.name}")
    assert response["Content-Type"] == "application/jwk+json"
    assert response.json()["kid"] == key.name
    assert get(f"{ISSUER}/keys/{IssuerKey.objects.get(kind='ed25519').name}").status_code == 404


def test_stolen_key_is_named_no_more(award: Award) -> None:
    get(of_award(award, "jwt"))
    stolen = {key.kind: key for key in IssuerKey.objects.all()}
    for key in stolen.values():
        credentials.compromise(key, now=timezone.now())
    text = get(f"{ISSUER}/did.json").content.decode()
    assert not any(key.name in text for key in stolen.values())
    assert get(f"{ISSUER}/keys/{stolen['rsa'].name}").status_code == 404


def test_status_list_is_signed_and_kept_for_as_long_as_it_may_be(award: Award) -> None:
    get(of_award(award, "json"))
    response = get(f"{ISSUER}/status/1")
    assert response["Content-Type"] == "application/vc+ld+json"
    assert response["Cache-Control"] == "public, max-age=60"
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.json()["id"] == f"https://lms.example.org{ISSUER}/status/1"
    with CaptureQueriesContext(connection) as queries:
        assert get(f"{ISSUER}/status/1").content == response.content
    assert len(queries) == 1


def test_status_list_is_looked_at_again_after_its_time(award: Award) -> None:
    get(of_award(award, "json"))
    before = get(f"{ISSUER}/status/1").json()["credentialSubject"]["encodedList"]
    Award.objects.update(state="revoked", slot=None)
    same = get(f"{ISSUER}/status/1").json()["credentialSubject"]["encodedList"]
    assert same == before
    StatusList.objects.update(looked_at=timezone.now() - timedelta(seconds=61))
    with CaptureQueriesContext(connection) as queries:
        after = get(f"{ISSUER}/status/1").json()["credentialSubject"]["encodedList"]
    assert after != before
    # The list, whose turn it is, the list for nobody else, what is revoked, that it stays so, the
    # key, and the list as it is now.
    assert len([one for one in queries if "SAVEPOINT" not in one["sql"]]) == 7


def test_logo_is_served_and_nothing_else_by_its_address(award: Award) -> None:
    get(of_award(award, "json"))
    assert get(f"{ISSUER}/logo").status_code == 404
    issuer = credentials.find_issuer("NordU")
    assert issuer is not None
    content = base64.b64decode(png_data_url(256, 256).partition(",")[2])
    file = SimpleUploadedFile("logo.png", content)
    credentials.change_profile(issuer, logo=definitions.read_upload(file))
    response = get(f"{ISSUER}/logo")
    assert (response["Content-Type"], response.content) == ("image/png", content)
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    "path", ["nobody/did.json", "nobody/logo", "nobody/status/1", "nordu/status/7", "nordu/keys/x"]
)
def test_what_an_issuer_does_not_have_is_not_there(award: Award, path: str) -> None:
    get(of_award(award, "json"))
    response = get(f"/microcredentials/issuers/{path}")
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert "no such" in response.json()["detail"]
