"""An organisation's profile and keys, in Studio: by its admins, for all of its people to see."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.api import Issuer, IssuerKey
from tests.factories import png_data_url
from tests.studio.conftest import NOW, Person

HERE = "/microcredentials/organizations/NordU/issuer/"
PROFILE = {
    "name": "Nord University",
    "url": "https://nord.example",
    "description": "We teach.",
    "email": "badges@nord.example",
    "country": "no",
    "linkedin_id": "1337",
}


@pytest.fixture
def admin(person: Callable[..., Person]) -> Person:
    return person("boss", NordU="admin")


@pytest.fixture
def issuer() -> Issuer:
    return credentials.ensure_issuer("NordU", now=NOW)


def kept() -> Issuer:
    found = credentials.issuer_with_keys("NordU")
    assert found is not None
    return found


def signing(kind: str = "ed25519") -> IssuerKey:
    return next(key for key in kept().keys.all() if key.slot == 1 and key.kind == kind)


def test_admin_makes_the_issuer_with_its_profile(admin: Person) -> None:
    assert "has signed nothing yet" in admin.client.get(HERE).content.decode()
    response = admin.client.post(HERE, PROFILE)
    assert (response.status_code, response["Location"]) == (302, HERE)
    found = kept()
    assert {name: getattr(found, name) for name in PROFILE} == {**PROFILE, "country": "NO"}
    assert {key.kind for key in found.keys.all()} == {"ed25519", "rsa"}
    page = admin.client.get(HERE).content.decode()
    assert "NordU can sign badges now." in page
    assert credentials.did_of(found) in page
    assert f"{found.base_url}/issuers/nordu/" in page


def test_what_looking_makes_is_nothing(admin: Person) -> None:
    admin.client.get(HERE)
    assert credentials.issuers() == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("name", "", "This field cannot be blank."),
        ("url", "javascript:alert(1)", "Write an address that begins with https://."),
        ("url", "ftp://nord.example", "Write an address that begins with https://."),
        ("email", "badges", "Enter a valid email address."),
        ("country", "XX", "“XX” is not one of the two letters of ISO 3166-1"),
        ("country", "Norway", "“NORWAY” is not one of the two letters"),
        ("linkedin_id", "nord", "digits only"),
        ("linkedin_id", "١٢", "digits only"),
    ],
)
@pytest.mark.parametrize("is_there", [False, True])
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    admin: Person, field: str, typed: str, said: str, is_there: bool
) -> None:
    if is_there:
        credentials.ensure_issuer("NordU", now=NOW)
    response = admin.client.post(HERE, {**PROFILE, field: typed})
    assert response.status_code == 422
    page = response.content.decode()
    assert said in page
    assert f'value="{PROFILE["linkedin_id"] if field != "linkedin_id" else typed}"' in page
    assert "We teach." in page
    assert [one.name for one in credentials.issuers()] == (["NordU"] if is_there else [])


def test_several_wrong_ones_are_said_at_once(admin: Person) -> None:
    page = admin.client.post(HERE, {"name": "", "country": "??"}).content.decode()
    assert "This field cannot be blank." in page
    assert "is not one of the two letters" in page


def test_slug_and_addresses_cannot_be_changed(admin: Person, issuer: Issuer) -> None:
    admin.client.post(
        HERE, {**PROFILE, "slug": "x", "base_url": "https://evil.example", "organization": "Harbor"}
    )
    found = kept()
    assert (found.slug, found.base_url, found.organization) == (
        issuer.slug, issuer.base_url, "NordU",
    )  # fmt: skip


# --- the logo ------------------------------------------------------------------------------------


def badge_png() -> bytes:
    return base64.b64decode(png_data_url().partition(",")[2])


def upload(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_logo_is_kept_shown_and_taken_away(admin: Person, issuer: Issuer) -> None:
    image = badge_png()
    admin.client.post(HERE, {**PROFILE, "logo": upload(image)})
    logo = kept().logo
    assert logo is not None
    assert bytes(logo.content) == image
    assert 'src="data:image/png;base64,' in admin.client.get(HERE).content.decode()
    admin.client.post(HERE, PROFILE)
    assert kept().logo == logo
    admin.client.post(HERE, {**PROFILE, "without_logo": "on"})
    assert kept().logo is None


def test_logo_that_was_chosen_outlives_another_mistake(admin: Person) -> None:
    response = admin.client.post(HERE, {**PROFILE, "country": "??", "logo": upload(badge_png())})
    new_logo = response.context["form"].new_logo
    assert f'name="new_logo" value="{new_logo}"' in response.content.decode()
    admin.client.post(HERE, {**PROFILE, "new_logo": new_logo})
    assert kept().logo is not None


@pytest.mark.parametrize(
    "sent",
    [
        {"logo": upload(b"GIF89a")},
        {"logo": upload(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)", "x.svg")},
        {"new_logo": "data:text/html;base64,PHNjcmlwdD4="},
        {"new_logo": "https://evil.example/x.png"},
    ],
)
def test_logo_that_is_no_image_is_refused(
    admin: Person, issuer: Issuer, sent: dict[str, Any]
) -> None:
    response = admin.client.post(HERE, {**PROFILE, **sent})
    assert response.status_code == 422
    assert 'id="wrong_logo"' in response.content.decode()
    assert kept().logo is None
    assert kept().name == "NordU"


# --- keys ----------------------------------------------------------------------------------------


def test_new_key_signs_and_the_old_one_stays_valid(admin: Person, issuer: Issuer) -> None:
    old, rsa = signing(), signing("rsa")
    assert admin.client.post(HERE, {"rotate": "ed25519"}).status_code == 302
    assert signing() != old
    assert signing("rsa") == rsa
    named = [one["id"] for one in credentials.did_document_of(kept())["verificationMethod"]]
    assert any(one.endswith(old.name) for one in named)
    page = admin.client.get(HERE).content.decode()
    assert "What it signed stays valid." in page
    assert page.count("In use") == 2


@pytest.mark.parametrize("kind", ["", "dsa"])
def test_key_of_another_kind_there_is_none(admin: Person, issuer: Issuer, kind: str) -> None:
    assert admin.client.post(HERE, {"rotate": kind}).status_code == 404


def test_stolen_key_is_confirmed_first_and_leaves_the_did_document(
    admin: Person, issuer: Issuer
) -> None:
    key = signing()
    page = admin.client.get(f"{HERE}stolen/{key.name}/")
    assert "No badge has to be signed again." in page.content.decode()
    assert signing() == key
    response = admin.client.post(f"{HERE}stolen/{key.name}/", follow=True)
    assert "Taken out of use on" in response.content.decode()
    assert key.name not in str(credentials.did_document_of(kept()))
    assert signing() != key
    # A second time there is no such page.
    assert admin.client.post(f"{HERE}stolen/{key.name}/").status_code == 404


def test_key_of_another_organisation_is_not_there(admin: Person, issuer: Issuer) -> None:
    foreign = credentials.ensure_issuer("Harbor", now=NOW)
    [name] = foreign.keys.filter(kind="rsa").values_list("name", flat=True)
    for ask in (admin.client.get, admin.client.post):
        assert ask(f"{HERE}stolen/{name}/").status_code == 404
        path = f"/microcredentials/organizations/Harbor/issuer/stolen/{name}/"
        assert ask(path).status_code == 404
    assert not IssuerKey.objects.exclude(compromised_at=None).exists()


# --- a site that can't sign ----------------------------------------------------------------------


def test_without_an_encryption_key_the_page_says_so_and_keeps_what_was_typed(
    admin: Person, settings: Any
) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    response = admin.client.post(HERE, {**PROFILE, "logo": upload(badge_png())})
    assert response.status_code == 422
    page = response.content.decode()
    assert "MICROCRED_KEY_ENCRYPTION_KEYS is empty" in page
    assert "microcred keys new" in page
    for typed in ("Nord University", "https://nord.example", "We teach.", "1337"):
        assert typed in page
    assert response.context["form"].new_logo
    assert not Issuer.objects.exists()


def test_without_an_encryption_key_the_profile_can_be_changed_and_a_key_be_stolen(
    admin: Person, issuer: Issuer, settings: Any
) -> None:
    settings.MICROCRED_KEY_ENCRYPTION_KEYS = []
    assert admin.client.post(HERE, PROFILE).status_code == 302
    assert kept().name == "Nord University"
    response = admin.client.post(HERE, {"rotate": "rsa"})
    assert response.status_code == 422
    assert "MICROCRED_KEY_ENCRYPTION_KEYS is empty" in response.content.decode()
    key = signing()
    response = admin.client.post(f"{HERE}stolen/{key.name}/", follow=True)
    assert "No new key signs yet: MICROCRED_KEY_ENCRYPTION_KEYS is empty" in (
        response.content.decode()
    )
    key.refresh_from_db()
    assert key.compromised_at is not None
    assert bytes(key.private) == b""


# --- who, and what it costs ----------------------------------------------------------------------


@pytest.mark.parametrize("role", ["viewer", "reviewer", "author"])
def test_members_look_and_change_nothing(
    person: Callable[..., Person], issuer: Issuer, role: str
) -> None:
    member = person("member", NordU=role)
    page = member.client.get(HERE).content.decode()
    assert credentials.did_of(issuer) in page
    assert "<form" not in page.split("<main")[1]
    assert HERE in member.client.get("/microcredentials/organizations/").content.decode()
    assert member.client.post(HERE, PROFILE).status_code == 404
    assert kept().name == "NordU"


@pytest.mark.parametrize("name", ["x" * 256, "a%09b"])
def test_no_issuer_is_made_under_a_name_that_is_none(
    person: Callable[..., Person], name: str
) -> None:
    operator = person("operator", is_staff=True)
    response = operator.client.post(f"/microcredentials/organizations/{name}/issuer/", PROFILE)
    assert response.status_code == 404
    assert not Issuer.objects.exists()


@pytest.mark.parametrize("rotations", [0, 3])
def test_pages_cost_the_same_however_many_keys(
    admin: Person, issuer: Issuer, rotations: int
) -> None:
    for _time in range(rotations):
        credentials.rotate(issuer, "ed25519", now=NOW)
    with CaptureQueriesContext(connection) as queries:
        assert admin.client.get(HERE).status_code == 200
    assert len(queries) == 5  # session, user, their roles; the issuer with its logo, its keys
    with CaptureQueriesContext(connection) as queries:
        assert admin.client.get(f"{HERE}stolen/{signing().name}/").status_code == 200
    assert len(queries) == 6 + 2  # and how many it signed; two of them are the test's
