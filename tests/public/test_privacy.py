"""What is not shared can't be told from what does not exist, at any address and in any way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from microcred_plugin.awards.models import Award
from microcred_plugin.credentials.models import Credential, Holder
from tests.fakes import FakeHost
from tests.learner.conftest import Someone
from tests.public.conftest import AWARDS, name, share, share_id

TOKEN = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+')

SUFFIXES = (
    "", ".json", ".jwt", ".png", "/qr.svg", "/share", "/page", "?as=public", ".json?download=1",
    ".png?download=1",
)  # fmt: skip
ACCEPTED = (
    None, "text/html", "application/json", "application/ld+json", "application/vc+ld+json",
)  # fmt: skip
FORM = {"do": "share", "hidden": "1", "results": "1"}


def answers(client: Client, uuid: Any) -> Iterator[tuple[str, Any]]:
    """Everything that can be asked about an award, and what is said."""
    for suffix in SUFFIXES:
        for accept in ACCEPTED:
            headers = {} if accept is None else {"HTTP_ACCEPT": accept}
            others = ("options", "put", "delete") if accept is None else ()
            for method in ("get", "head", "post", *others):
                data = {"data": FORM} if method == "post" else {}
                response = getattr(client, method)(f"{AWARDS}/{uuid}{suffix}", **data, **headers)
                body = TOKEN.sub("", response.content.decode()).replace(str(uuid), "UUID")
                said = {
                    key: value.replace(str(uuid), "UUID")
                    for key, value in response.headers.items()
                    # The body with the address and tokens in it.
                    if key not in ("ETag", "Content-Length")
                }
                yield f"{method} {suffix} {accept}", (response.status_code, said, body)


def private(ada: Someone, award: Award) -> None:
    """Never shared."""


def downloaded(ada: Someone, award: Award) -> None:
    assert ada.client.get(f"{AWARDS}/{award.uuid}.json").status_code == 200


def withdrawn(ada: Someone, award: Award) -> None:
    share(ada, award, results="1", profile="1")
    share(ada, award, do="stop")


def declined(ada: Someone, award: Award) -> None:
    share(ada, award)
    share(ada, award, do="decline")


@pytest.mark.parametrize("how", [private, downloaded, withdrawn, declined])
@pytest.mark.parametrize("who", ["visitor", "learner", "superuser"])
def test_nobody_can_tell_it_from_one_that_does_not_exist(
    ada: Someone,
    award: Award,
    someone: Callable[..., Someone],
    visitor: Client,
    how: Callable[[Someone, Award], None],
    who: str,
) -> None:
    how(ada, award)
    client = visitor if who == "visitor" else someone("bob", is_superuser=who == "superuser").client
    before = set(Credential.objects.values_list("pk"))
    there, missing = dict(answers(client, award.uuid)), dict(answers(client, uuid4()))
    assert there == missing
    assert {status for status, _headers, _body in there.values()} <= {302, 404, 405}
    assert set(Credential.objects.values_list("pk")) == before


def test_page_that_is_not_there_offers_to_log_in(visitor: Client, award: Award) -> None:
    response = visitor.get(f"{AWARDS}/{award.uuid}")
    assert response.status_code == 404
    page = response.content.decode()
    assert f'href="/login/?next={AWARDS}/{award.uuid}"' in page
    assert "Nothing is shared here" in page
    assert 'content="noindex"' in page


def test_somebody_else_shares_nothing(
    ada: Someone, someone: Callable[..., Someone], shared: Award
) -> None:
    for values in ({}, {"is_staff": True}):
        bob = someone(f"bob{len(values)}", **values)
        for do in ("stop", "decline", "undecline", "share"):
            path = f"{AWARDS}/{shared.uuid}/share"
            assert bob.client.post(path, {"do": do}).status_code == 404
    assert ada.client.get(f"{AWARDS}/{shared.uuid}").status_code == 200
    shared.refresh_from_db()
    assert not shared.is_hidden


@pytest.mark.parametrize("has_left", ["retired", "deleted"])
def test_what_somebody_shared_who_has_left_is_gone(
    ada: Someone, visitor: Client, shared: Award, host: FakeHost, has_left: str
) -> None:
    name(ada, is_profile_public="1")
    profile = f"/microcredentials/people/{share_id(ada)}/"
    assert visitor.get(profile).status_code == 200
    if has_left == "retired":
        host.retire(ada.id)
    else:
        del host.people[ada.id]
    there, missing = dict(answers(visitor, shared.uuid)), dict(answers(visitor, uuid4()))
    assert there == missing
    assert visitor.get(profile).status_code == 404


def test_profile_that_is_off_is_as_one_that_does_not_exist(
    ada: Someone, visitor: Client, shared: Award
) -> None:
    name(ada)
    for client in (visitor, ada.client):
        for method in ("get", "head", "post"):
            said = [
                (
                    response.status_code,
                    TOKEN.sub("", response.content.decode()).replace(str(one), ""),
                )
                for one in (share_id(ada), uuid4())
                for response in [getattr(client, method)(f"/microcredentials/people/{one}/")]
            ]
            assert said[0] == said[1]
            assert said[0][0] in (404, 405)


def test_identifiers_say_nothing_about_anybody(ada: Someone, shared: Award) -> None:
    holder = Holder.objects.get()
    assert holder.subject != holder.share_id
    page = ada.client.get(f"{AWARDS}/{shared.uuid}?as=public").content.decode()
    for secret in (str(holder.subject), str(holder.share_id), "ada@example.org"):
        assert secret not in page
