"""The demo shows what it has sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path, host: FakeHost) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mails")


def send(subject: str) -> None:
    mail = EmailMultiAlternatives(subject, f"text of {subject}, مرحبا", "a@b.c", ["ada@x.org"])
    mail.attach_alternative(f"<h1>{subject}</h1>", "text/html")
    mail.send()


def test_none_yet(client: Client) -> None:
    assert "None yet." in client.get("/mails/").content.decode()
    assert client.get("/mails/1/").status_code == 404


def test_mails_are_listed_and_can_be_read(client: Client) -> None:
    send("You earned A")
    send("You earned Größe")
    page = client.get("/mails/").content.decode()
    assert page.count("ada@x.org") == 2
    shown = {client.get(f"/mails/{number}/").content.decode() for number in (1, 2)}
    assert {one.strip() for one in shown} == {
        "<h1>You earned A</h1>", "<h1>You earned Größe</h1>",
    }  # fmt: skip
    texts = [client.get(f"/mails/{number}/?text").content.decode() for number in (1, 2)]
    assert all("مرحبا" in text for text in texts)
