"""What the demo has sent: the e-mails in a folder, as their readers would see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

# What Django's file backend writes below each e-mail.
_END = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail that was sent."""

    to: str
    subject: str
    text: str
    html: str


@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """All of them, the newest first."""
    return render(request, "demo/mails.html", {"mails": list(_read())})


@require_safe
def mail(request: HttpRequest, number: int) -> HttpResponse:
    """One of them, as a mail program would show it; with `?text` as one that shows text only."""
    found = dict(_read()).get(number)
    if found is None:
        raise Http404(f"There is no e-mail {number}.")
    if "text" in request.GET:
        return HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    return HttpResponse(found.html)


def _read() -> Iterator[tuple[int, Mail]]:
    """Each with its number, which it keeps."""
    folder = Path(settings.EMAIL_FILE_PATH)
    found = [
        part
        for path in sorted(folder.glob("*.log"))
        for part in path.read_bytes().split(_END)
        if part.strip()
    ]
    for number in range(len(found), 0, -1):
        # The backend's line below the headers' end may be the only thing before them.
        message = message_from_bytes(found[number - 1].lstrip(), policy=policy.default)
        assert isinstance(message, EmailMessage)
        yield (
            number,
            Mail(
                to=str(message["to"]),
                subject=str(message["subject"]),
                text=_part(message, "plain"),
                html=_part(message, "html"),
            ),
        )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
