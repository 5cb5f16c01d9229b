"""What course teams and authors are told by e-mail of what the other side did."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.contrib.auth import get_user_model
from django.core import mail as outbox
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from microcred_plugin import tasks
from microcred_plugin.authoring import api as authoring
from microcred_plugin.authoring.api import Offer, OfferStep, Rights, Role
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.api import Microcredential
from microcred_plugin.messages import api as messages
from tests.factories import any_run, course, holds, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 1, tzinfo=UTC)
OURS = "course-v1:NordU+A+2026"
SPRING, AUTUMN = "course-v1:Harbor+H+Spring", "course-v1:Harbor+H+Autumn"
ADMIN, AUTHOR, VIEWER, TEACHER, COLLEAGUE, BOTH = range(1, 7)
STUDIO = "https://studio.example.org/microcredentials"


@pytest.fixture(autouse=True)
def host(host: FakeHost, settings: Any) -> FakeHost:
    settings.MICROCRED_EMAIL = "on"
    for run in (OURS, SPRING, AUTUMN):
        host.add_run(run, title="Harbour safety")
    for user_id, name in (
        (ADMIN, "admin"), (AUTHOR, "author"), (VIEWER, "viewer"), (TEACHER, "teacher"),
        (COLLEAGUE, "colleague"), (BOTH, "both"),
    ):  # fmt: skip
        get_user_model().objects.create(pk=user_id, username=name)
        host.add_learner(user_id, name)
    for user_id, role in ((ADMIN, "admin"), (AUTHOR, "author"), (VIEWER, "viewer")):
        authoring.give_role(user_id=user_id, organization="NordU", role=role, by_id=None, now=NOW)
    host.give_role(TEACHER, SPRING, "staff")
    host.give_role(TEACHER, AUTUMN, "staff")
    host.give_role(COLLEAGUE, AUTUMN, "instructor")
    for run in (SPRING, AUTUMN):
        host.give_role(BOTH, run, "limited_staff")
    return host


author = Rights(AUTHOR, roles={"NordU": frozenset([Role.AUTHOR])})
teacher = Rights(TEACHER)


@pytest.fixture
def analyst() -> Microcredential:
    return publish("analyst", course(OURS))


def propose(found: Microcredential, node: dict[str, Any], by: Rights, note: str = "") -> Offer:
    return authoring.propose(microcredential=found, requirement=node, by=by, note=note, now=NOW)


def send(now: datetime = NOW, **later: float) -> list[EmailMultiAlternatives]:
    """What is sent then, by whom it is for."""
    outbox.outbox = []
    while messages.tell_offers(now=now + timedelta(**later)):
        pass
    return sorted(outbox.outbox, key=lambda mail: mail.to)


def to(mails: list[EmailMultiAlternatives]) -> list[str]:
    return [mail.to[0].partition("@")[0] for mail in mails]


def html(mail: EmailMultiAlternatives) -> str:
    [alternative] = mail.alternatives
    return str(alternative[0])


# --- to whom, and what ---------------------------------------------------------------------------


def test_offer_is_told_to_those_who_write_the_microcredential(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING, minimum_grade=70), teacher, "Please look.")
    mails = send()
    assert to(mails) == ["admin", "author"]
    mail = mails[1]
    assert mail.subject == "“Harbour safety” is offered to “Analyst”"
    for text in (mail.body, html(mail)):
        assert "Teacher offers “Harbour safety” to your microcredential “Analyst”." in text
        assert f"Pass Harbour safety · grade of 70 % or more · {SPRING}" in text
        assert "Teacher writes:" in text
        assert "Please look." in text
        assert f"{STUDIO}/offers/{offer.uuid}/" in text
    assert "Hello Author," in mail.body
    assert send() == []


def test_request_is_told_to_the_team_of_the_run_alone(analyst: Microcredential) -> None:
    propose(analyst, course(SPRING), author)
    mails = send()
    assert to(mails) == ["teacher"]
    assert mails[0].subject == "“Analyst” asks for “Harbour safety”"
    assert "Author of NordU asks whether “Harbour safety” may count" in mails[0].body


def test_request_for_any_run_is_told_to_the_team_of_every_run(analyst: Microcredential) -> None:
    propose(analyst, any_run("Harbor+H"), author)
    assert to(send()) == ["colleague", "teacher"]


def test_request_for_a_microcredential_is_told_to_its_authors(
    analyst: Microcredential, host: FakeHost
) -> None:
    component = publish("skill", course(SPRING), organization="Harbor")
    authoring.give_role(user_id=BOTH, organization="Harbor", role="admin", by_id=None, now=NOW)
    propose(analyst, holds(component), author)
    mails = send()
    assert to(mails) == ["both"]
    assert "“Skill”" in mails[0].subject


@pytest.mark.parametrize(
    ("does", "subject"),
    [
        ("accept", "Agreed: “Harbour safety” counts towards “Analyst”"),
        ("decline", "Declined: “Harbour safety” for “Analyst”"),
    ],
)
def test_answer_is_told_to_the_side_that_proposed(
    analyst: Microcredential, does: str, subject: str
) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    send()
    if does == "accept":
        authoring.accept(offer=offer, by=author, now=NOW)
    else:
        authoring.decline(offer=offer, by=author, reason="Too short.", now=NOW)
    [mail] = send()
    assert mail.to == ["teacher@example.org"]
    assert mail.subject == subject
    assert ("Too short." in mail.body) is (does == "decline")


def test_withdrawal_is_told_to_the_other_side(analyst: Microcredential) -> None:
    publish("analyst", course(SPRING), now=NOW)
    authoring.withdraw_course(
        microcredential=analyst, key=SPRING, by=teacher, reason="We close.", now=NOW
    )
    mails = send()
    assert to(mails) == ["admin", "author"]
    assert mails[0].subject == "Withdrawn: “Harbour safety” from “Analyst”"
    assert "What learners hold stays" in mails[0].body
    assert "We close." in html(mails[0])


def test_whoever_did_it_is_not_told(analyst: Microcredential, host: FakeHost) -> None:
    host.give_role(AUTHOR, SPRING, "staff")
    propose(analyst, any_run("Harbor+H"), author)
    assert to(send()) == ["colleague", "teacher"]


def test_nobody_is_told_of_what_one_person_agreed_on_alone(
    analyst: Microcredential, host: FakeHost
) -> None:
    host.give_role(AUTHOR, SPRING, "staff")
    propose(analyst, course(SPRING), author)
    assert not messages.has_offers_to_tell(now=NOW)
    assert send() == []


def test_several_runs_at_once_are_one_mail(analyst: Microcredential) -> None:
    for run in (SPRING, AUTUMN):
        propose(analyst, course(run), teacher)
    mails = send()
    assert to(mails) == ["admin", "author"]
    for run in (SPRING, AUTUMN):
        assert run in mails[0].body
    assert f"{STUDIO}/offers/\n" in mails[0].body


def test_answer_that_is_no_news_any_more_is_not_told(analyst: Microcredential) -> None:
    offer = propose(analyst, course(SPRING), teacher)
    authoring.withdraw(offer=offer, by=teacher, now=NOW)
    assert {mail.subject.partition(":")[0] for mail in send()} == {"Withdrawn"}
    propose(analyst, course(SPRING), teacher)
    assert send(days=15) == []
    assert not OfferStep.objects.filter(told_at=None).exists()


def test_nobody_who_can_not_be_reached_is_written_to(
    analyst: Microcredential, host: FakeHost
) -> None:
    host.retire(ADMIN)
    host.add_learner(AUTHOR, "author", email="nonsense")
    propose(analyst, course(SPRING), teacher)
    assert send() == []
    assert not messages.has_offers_to_tell(now=NOW)


def test_markup_in_names_titles_and_reasons_is_text(
    analyst: Microcredential, host: FakeHost
) -> None:
    host.add_run(SPRING, title="R&D <i>now</i>")
    host.add_learner(TEACHER, "teacher", name="T <b>& Co</b>")
    publish("analyst", course(OURS), title="A <u>title</u>", now=NOW)
    propose(Microcredential.objects.get(), course(SPRING), teacher, "<img src=x>\nsecond")
    mail = send()[0]
    assert "T <b>& Co</b> offers “R&D <i>now</i>”" in mail.body
    assert mail.subject == "“R&D <i>now</i>” is offered to “A <u>title</u>”"
    text = html(mail)
    for markup in ("<b>&", "<i>now", "<u>", "<img src=x"):
        assert markup not in text
    assert "T &lt;b&gt;&amp; Co&lt;/b&gt; offers “R&amp;D &lt;i&gt;now&lt;/i&gt;”" in text
    assert "&lt;img src=x&gt;<br>second" in text


def test_line_break_in_a_title_makes_no_header(analyst: Microcredential, host: FakeHost) -> None:
    host.add_run(SPRING, title="Safety\nBcc: all@example.org")
    propose(analyst, course(SPRING), teacher)
    mail = send()[0]
    assert "\n" not in mail.subject
    assert "Bcc" not in mail.message()


# --- when, and how often -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "value"), [("MICROCRED_EMAIL", "off"), ("MICROCRED_SWITCH", "observe")]
)
def test_nothing_is_sent_where_the_site_does_not_want_it(
    analyst: Microcredential, settings: Any, name: str, value: str
) -> None:
    setattr(settings, name, value)
    propose(analyst, course(SPRING), teacher)
    assert not messages.has_offers_to_tell(now=NOW)
    assert send() == []
    setattr(settings, name, "on")
    assert len(send()) == 2


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException | None], None]:
    """Have the mail server refuse, until it is told to work again."""
    works = EmailMultiAlternatives.send

    def set_error(error: BaseException | None) -> None:
        def fail(_mail: EmailMultiAlternatives, *_args: Any, **_kwargs: Any) -> int:
            assert error is not None
            raise error

        monkeypatch.setattr(EmailMultiAlternatives, "send", works if error is None else fail)

    return set_error


def test_failure_is_tried_again_later_and_a_few_times(
    analyst: Microcredential, server: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    propose(analyst, course(SPRING), teacher)
    server(SMTPServerDisconnected("ada@example.org"))
    for minutes in (0, 5, 30, 180, 1000):
        due = messages.has_offers_to_tell(now=NOW + timedelta(minutes=minutes))
        assert due is (minutes < 1000)
        assert send(minutes=minutes) == []
    assert not messages.has_offers_to_tell(now=NOW + timedelta(days=1))
    assert OfferStep.objects.get().attempts == 4
    ours = "\n".join(record.getMessage() for record in caplog.records if "microcred" in record.name)
    assert "the mail about offer step" in ours
    assert "is given up" in ours
    assert "@example.org" not in ours


def test_what_failed_once_is_sent_the_next_time_and_not_again(
    analyst: Microcredential, server: Callable[..., None]
) -> None:
    propose(analyst, course(SPRING), teacher)
    server(SMTPServerDisconnected())
    assert send() == []
    server(None)
    assert send(minutes=1) == []
    assert len(send(minutes=5)) == 2
    assert send(minutes=60) == []


def test_whoever_was_told_is_not_told_again_because_somebody_else_could_not_be(
    analyst: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    propose(analyst, course(SPRING), teacher)
    works = EmailMultiAlternatives.send

    def refuse_admin(mail: EmailMultiAlternatives, *args: Any, **kwargs: Any) -> int:
        if mail.to == ["admin@example.org"]:
            raise SMTPServerDisconnected
        return works(mail, *args, **kwargs)

    monkeypatch.setattr(EmailMultiAlternatives, "send", refuse_admin)
    assert to(send()) == ["author"]
    monkeypatch.undo()
    assert send(days=1) == []


def test_worker_that_dies_while_it_tells_tells_nobody_twice(
    analyst: Microcredential, server: Callable[..., None]
) -> None:
    propose(analyst, course(SPRING), teacher)
    server(SoftTimeLimitExceeded())
    with pytest.raises(SoftTimeLimitExceeded):
        send()
    server(None)
    assert send(days=1) == []


def test_platform_that_can_not_be_asked_puts_it_off(
    analyst: Microcredential, host: FakeHost
) -> None:
    propose(analyst, course(SPRING), teacher)
    host.fail_with(RuntimeError("down"))
    assert send() == []
    host.fail_with(None)
    assert len(send(minutes=5)) == 2


def test_studio_has_the_lms_tell_and_the_sweep_makes_up_for_it(
    analyst: Microcredential,
    settings: Any,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    settings.MICROCRED_EVALUATES = False
    with django_capture_on_commit_callbacks(execute=True):
        authoring.propose(microcredential=analyst, requirement=course(SPRING), by=teacher)
        tasks.send_offers()
    assert outbox.outbox == []
    settings.MICROCRED_EVALUATES = True
    tasks.sweep.run()
    assert len(outbox.outbox) == 2


def test_lms_tells_as_soon_as_it_is_committed(
    analyst: Microcredential, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        authoring.propose(
            microcredential=analyst, requirement=course(SPRING), by=teacher, now=timezone.now()
        )
        tasks.send_offers()
        assert outbox.outbox == []
    assert len(outbox.outbox) == 2


def test_mail_is_in_the_language_of_its_reader(
    analyst: Microcredential, host: FakeHost, settings: Any
) -> None:
    host.add_learner(AUTHOR, "author", language="ar")
    propose(analyst, course(SPRING), teacher)
    texts = {mail.to[0]: html(mail) for mail in send()}
    assert 'dir="rtl"' in texts["author@example.org"]
    assert 'dir="ltr"' in texts["admin@example.org"]


def test_draft_is_named_by_nobody_in_the_mail(analyst: Microcredential) -> None:
    definitions.create_draft(
        microcredential=analyst, content={"requirements": course(OURS), "title": "Secret plan"}
    )
    propose(analyst, course(SPRING), author)
    assert "Secret plan" not in send()[0].body
