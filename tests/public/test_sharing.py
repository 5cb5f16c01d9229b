"""Learners decide what is shared, how, and under which name."""

from __future__ import annotations

import base64
import gzip
import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.awards.models import Award
from microcred_plugin.credentials import api as credentials
from microcred_plugin.credentials.models import Credential, Holder, Issuer, Sharing
from microcred_plugin.credentials.open_badges import identity_hash
from microcred_plugin.definitions.models import Microcredential
from tests.factories import LONG_AGO, course, publish
from tests.learner.conftest import A, Someone, settle
from tests.public.conftest import AWARDS, name, read, share, share_id


def own_page(ada: Someone, award: Award) -> str:
    return unescape(read(ada.client, f"awards/{award.uuid}"))


def test_nothing_is_shared_unless_somebody_does(ada: Someone, award: Award) -> None:
    page = own_page(ada, award)
    assert "Only you see it" in page
    assert 'what you met for it and when, and the name <strong dir="auto">Ada</strong>' in page
    assert "?as=public" in page
    assert not Sharing.objects.exists()


def test_shared_with_grades_on_the_profile(ada: Someone, award: Award) -> None:
    response = share(ada, award, results="1", profile="1")
    assert response["Location"] == f"{AWARDS}/{award.uuid}#sharing"
    found = credentials.choice_of(award.uuid)
    assert (found.state, found.has_results, found.is_on_profile) == ("shared", True, True)
    assert Credential.objects.get().has_results


def test_choices_can_be_changed(ada: Someone, visitor: Client, award: Award) -> None:
    share(ada, award, results="1")
    before = visitor.get(f"{AWARDS}/{award.uuid}.json").json()
    share(ada, award, profile="1")
    after = visitor.get(f"{AWARDS}/{award.uuid}.json").json()
    assert "result" in before["credentialSubject"]
    assert "result" not in after["credentialSubject"]
    assert before["validFrom"] < after["validFrom"]
    assert credentials.choice_of(award.uuid).is_on_profile


def test_saving_signs_anew_for_another_address(ada: Someone, visitor: Client, award: Award) -> None:
    share(ada, award, results="1")
    before = visitor.get(f"{AWARDS}/{award.uuid}.json").json()
    share(ada, award, results="1")
    assert visitor.get(f"{AWARDS}/{award.uuid}.json").json() == before
    ada.host.add_learner(ada.id, "ada", email="ada@elsewhere.example")
    share(ada, award, results="1")
    after = visitor.get(f"{AWARDS}/{award.uuid}.json").json()
    [identity] = after["credentialSubject"]["identifier"]
    assert identity["identityHash"] == identity_hash("ada@elsewhere.example", identity["salt"])
    assert after["credentialStatus"] == before["credentialStatus"]


def test_sharing_can_be_stopped(ada: Someone, visitor: Client, award: Award) -> None:
    share(ada, award, results="1", profile="1")
    share(ada, award, do="stop")
    assert "Only you see it" in own_page(ada, award)
    for suffix in ("", ".json", ".jwt", ".png", "/qr.svg"):
        assert visitor.get(f"{AWARDS}/{award.uuid}{suffix}").status_code == 404
        assert ada.client.get(f"{AWARDS}/{award.uuid}{suffix}").status_code == 200
    found = credentials.choice_of(award.uuid)
    assert (found.has_results, found.is_on_profile) == (True, False)


def is_revoked(client: Client, document: dict[str, object]) -> bool:
    """What an issuer's list says of a credential."""
    status = document["credentialStatus"]
    path = urlsplit(status["statusListCredential"]).path
    encoded = client.get(path).json()["credentialSubject"]["encodedList"]
    bits = gzip.decompress(base64.urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4)))
    place = int(status["statusListIndex"])
    return bool(bits[place // 8] >> (7 - place % 8) & 1)


def test_declined_award_is_nobodys_to_see_and_can_be_taken_back(
    ada: Someone, visitor: Client, award: Award, settings: object
) -> None:
    settings.MICROCRED_STATUS_SECONDS = 0
    share(ada, award)
    document = visitor.get(f"{AWARDS}/{award.uuid}.json").json()
    assert not is_revoked(visitor, document)

    share(ada, award, do="decline")
    page = own_page(ada, award)
    assert "You have declined this award." in page
    assert "Hide it from my page" not in page
    assert "Hidden from this page" in ada.page("")
    assert is_revoked(visitor, document)
    for client in (visitor, ada.client):
        assert client.get(f"{AWARDS}/{award.uuid}.json").status_code == 404
    assert visitor.get(f"{AWARDS}/{award.uuid}").status_code == 404

    share(ada, award, do="undecline")
    assert "Only you see it" in own_page(ada, award)
    assert "Hidden from this page" not in ada.page("")
    # What readers were told is revoked stays so; there is a new one.
    assert is_revoked(visitor, document)
    share(ada, award)
    again = visitor.get(f"{AWARDS}/{award.uuid}.json").json()
    assert again["id"] == document["id"]
    assert again["validFrom"] > document["validFrom"]
    assert not is_revoked(visitor, again)


def test_declining_signs_nothing(ada: Someone, award: Award) -> None:
    share(ada, award, do="decline")
    own_page(ada, award)
    ada.client.get(f"{AWARDS}/{award.uuid}.json")
    assert not Credential.objects.exists()


def test_what_nobody_asked_for_changes_nothing(ada: Someone, award: Award) -> None:
    assert ada.client.post(f"{AWARDS}/{award.uuid}/share", {"do": "sell"}).status_code == 400
    assert ada.client.post(f"{AWARDS}/{award.uuid}/share").status_code == 400
    assert ada.client.get(f"{AWARDS}/{award.uuid}/share").status_code == 405
    assert not Sharing.objects.exists()


def test_sharing_asks_for_a_token(ada: Someone, award: Award) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada.client.cookies
    path = f"{AWARDS}/{award.uuid}/share"
    assert strict.post(path, {"do": "share"}).status_code == 403
    assert strict.post("/microcredentials/sharing/", {"name_choice": "none"}).status_code == 403
    assert not Sharing.objects.exists()
    assert not Holder.objects.exists()


def test_what_waits_for_approval_is_not_there_to_share(ada: Someone) -> None:
    made = publish("checked", course(A), needs_approval=True)
    ada.passes(A)
    settle()
    award = ada.award(made)
    for query in ("", "?as=public"):
        assert 'id="sharing"' not in read(ada.client, f"awards/{award.uuid}{query}")
    response = ada.client.post(f"{AWARDS}/{award.uuid}/share", {"do": "share"})
    assert response.status_code == 404
    assert not Sharing.objects.exists()


# --- LinkedIn ------------------------------------------------------------------------------------


def linkedin(ada: Someone, award: Award) -> dict[str, str] | None:
    found = re.search(r'href="(https://www\.linkedin\.com/[^"]*)"', own_page(ada, award))
    if found is None:
        return None
    parts = urlsplit(found[1])
    assert (parts.netloc, parts.path) == ("www.linkedin.com", "/profile/add")
    return {key: value for key, (value,) in parse_qs(parts.query, strict_parsing=True).items()}


def test_linkedin_is_given_what_it_asks_for(ada: Someone, shared: Award) -> None:
    expected = {
        "startTask": "CERTIFICATION_NAME",
        "name": "Literacy",
        "organizationName": "NordU",
        "issueYear": str(shared.valid_from.year),
        "issueMonth": str(shared.valid_from.month),
        "certUrl": f"https://lms.example.org/microcredentials/awards/{shared.uuid}",
        "certId": str(shared.uuid),
    }
    assert linkedin(ada, shared) == expected
    Issuer.objects.update(linkedin_id="1337")
    del expected["organizationName"]
    assert linkedin(ada, shared) == {**expected, "organizationId": "1337"}


def test_linkedin_is_told_when_it_ends(ada: Someone) -> None:
    made = publish("first-aid", course(A), title="First aid & more", validity_months=240)
    ada.passes(A)
    settle()
    share(ada, ada.award(made))
    found = linkedin(ada, ada.award(made))
    assert (found["name"], found["expirationYear"], found["expirationMonth"]) == (
        "First aid & more", "2046", "3",
    )  # fmt: skip


def test_linkedin_is_not_offered_what_others_cannot_see_or_is_over(
    ada: Someone, award: Award
) -> None:
    assert linkedin(ada, award) is None
    share(ada, award)
    Award.objects.update(expires_at=LONG_AGO)
    assert linkedin(ada, award) is None


# --- names and the profile -----------------------------------------------------------------------


def test_settings_are_linked_from_the_home_page(ada: Someone) -> None:
    assert 'href="/microcredentials/sharing/"' in ada.page("")


def test_settings_show_what_each_choice_comes_to(ada: Someone) -> None:
    page = ada.page("sharing/")
    assert 'value="full_name" checked data-shows="Ada"' in page
    assert 'value="username" data-shows="ada"' in page
    assert not Holder.objects.exists()


def test_settings_are_kept(ada: Someone) -> None:
    response = name(
        ada, name_choice="other", own_name="  Countess of Lovelace ", is_profile_public="1",
        may_be_indexed="1",
    )  # fmt: skip
    assert response["Location"] == "/microcredentials/sharing/?saved=1"
    holder = Holder.objects.get()
    assert (holder.name_choice, holder.own_name) == ("other", "Countess of Lovelace")
    assert (holder.is_profile_public, holder.may_be_indexed) == (True, True)
    page = ada.page("sharing/", saved="1")
    assert "Saved." in page
    assert f"/microcredentials/people/{holder.share_id}/" in page
    assert 'value="Countess of Lovelace"' in page
    name(ada, may_be_indexed="1")
    holder.refresh_from_db()
    assert (holder.is_profile_public, holder.may_be_indexed) == (False, False)


@pytest.mark.parametrize(
    "own_name",
    ["", "   ", "x" * 256, "Ada\x07", "Ada\nLovelace", "Ada\u202eecalevoL", "Ada\u2028Lovelace"],
)
def test_name_that_cannot_be_shown_is_not_kept(ada: Someone, own_name: str) -> None:
    response = name(ada, name_choice="other", own_name=own_name)
    assert response.status_code == 422
    page = response.content.decode()
    assert "Nothing was saved." in page
    assert 'aria-describedby="own-name-error"' in page
    assert not Holder.objects.exists()


def test_name_may_have_what_scripts_need(ada: Someone) -> None:
    own = "می‌خواهم 👩‍🔬"  # with a zero-width non-joiner and a joiner
    assert name(ada, name_choice="other", own_name=own).status_code == 302
    assert Holder.objects.get().own_name == own


def test_choice_that_is_none_is_not_kept(ada: Someone) -> None:
    assert name(ada, name_choice="pseudonym").status_code == 422
    assert not Holder.objects.exists()


def test_settings_are_their_owners(visitor: Client) -> None:
    for method in (visitor.get, visitor.post):
        response = method("/microcredentials/sharing/")
        assert response["Location"] == "/login/?next=/microcredentials/sharing/"


def test_what_is_shared_is_listed_and_can_be_stopped_there(ada: Someone, award: Award) -> None:
    share(ada, award, profile="1")
    page = ada.page("sharing/")
    assert "on your profile" in page
    response = share(ada, award, do="stop", **{"from": "sharing"})
    assert response["Location"] == "/microcredentials/sharing/"
    assert "You share nothing at present." in ada.page("sharing/")


def test_queries_of_the_settings_do_not_grow(ada: Someone, award: Award) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            ada.page("sharing/")
        return len(queries)

    share(ada, award)
    # The session and the user, the holder twice, how many are shared, and these.
    assert count() == 6
    for number in range(10):
        made: Microcredential = publish(f"more-{number}", course(A))
        settle()
        share(ada, ada.award(made))
    assert count() == 6


def test_address_of_the_profile_says_nothing_about_its_owner(ada: Someone) -> None:
    name(ada, is_profile_public="1")
    assert share_id(ada).version == 4
