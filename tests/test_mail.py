""" "You earned it", by e-mail: to whom, of what, in which language, how often, and how many."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.core import mail as outbox
from django.core.cache import cache
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from edx_django_utils.cache import get_cache_key

from microcred_plugin import decisions, earning, tasks
from microcred_plugin.awards import api as awards
from microcred_plugin.awards.models import Award, AwardEvent, Mail, MailOptOut
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential, Publication
from microcred_plugin.health import check_health
from microcred_plugin.messages import api as messages
from tests.factories import course, holds, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

RUN, OTHER = "course-v1:NordU+A+2026", "course-v1:NordU+B+2026"
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _on(settings: Any) -> None:
    settings.MICROCRED_EMAIL = "on"


@pytest.fixture
def host(host: FakeHost) -> FakeHost:
    for run in (RUN, OTHER):
        host.add_run(run)
    return host


@pytest.fixture
def skill(host: FakeHost) -> Microcredential:
    host.add_learner(1, "ana", name="Ana Conceição")
    host.pass_course(1, RUN)
    return publish("skill", course(RUN), policy="suspend", organization="NordU")


def earn(*learners: int, run: str = RUN, now: datetime = NOW) -> None:
    for learner in learners or (1,):
        earning.follow_hint(learner, run, now=now)
    messages.announce(now=now)


def send(now: datetime = NOW, **later: float) -> list[EmailMultiAlternatives]:
    """What is sent then, if the task runs."""
    outbox.outbox = []
    while messages.send_mails(now=now + timedelta(**(later or {"minutes": 2}))):
        pass
    return list(outbox.outbox)


def outcomes() -> list[str]:
    return list(Mail.objects.order_by("id").values_list("outcome", flat=True))


def html(mail: EmailMultiAlternatives) -> str:
    [alternative] = mail.alternatives
    assert alternative[1] == "text/html"
    return str(alternative[0])


# --- what it says --------------------------------------------------------------------------------


def test_mail_says_what_was_earned_when_and_where_to_see_it(skill: Microcredential) -> None:
    earn()
    [mail] = send()
    award = Award.objects.get()
    assert mail.to == ["ana@example.org"]
    assert mail.subject == "You earned Skill"
    url = f"https://lms.example.org/microcredentials/awards/{award.uuid}"
    for text in (mail.body, html(mail)):
        assert "Congratulations, Ana Conceição!" in text
        assert "Skill" in text
        assert "NordU" in text
        assert "March 2, 2026" in text
        assert url in text
        assert "https://lms.example.org/microcredentials/" in text
    image = f"https://lms.example.org/microcredentials/m/{skill.uuid}/1/badge.png?size=256"
    assert f'<img src="{image}"' in html(mail)
    assert outcomes() == ["sent"]


def test_stack_that_is_earned_in_one_go_is_one_mail_that_names_all(host: FakeHost) -> None:
    skill = publish("skill", course(RUN))
    top = publish("top", holds(publish("middle", holds(skill))))
    host.pass_course(1, RUN)
    earn()
    [mail] = send()
    assert mail.subject == "You earned 3 microcredentials"
    for title in ("Skill", "Middle", "Top"):
        assert f"* {title}\n" in mail.body
        assert f">{title}</bdi>" in html(mail)
    assert "These 3 microcredentials are yours now:" in mail.body
    assert top.title in html(mail)


def test_more_than_ten_are_counted(host: FakeHost) -> None:
    for number in range(13):
        publish(f"skill-{number}", course(RUN))
    host.pass_course(1, RUN)
    earn()
    [mail] = send()
    assert mail.subject == "You earned 13 microcredentials"
    assert mail.body.count("* Skill") == 10
    assert "and 3 more" in mail.body
    assert "and 3 more" in html(mail)


def test_text_has_no_markup_and_markup_has_no_text_of_others_in_it(host: FakeHost) -> None:
    publish("skill", course(RUN))
    host.add_learner(1, "ana", name="Ana <b>& Co</b>")
    host.pass_course(1, RUN)
    publish("rnd", course(RUN), title="R&D <i>now</i>")
    earn()
    [mail] = send()
    assert "Ana <b>& Co</b>!" in mail.body
    assert "* R&D <i>now</i>" in mail.body
    assert "Ana &lt;b&gt;&amp; Co&lt;/b&gt;!" in html(mail)
    assert "R&amp;D &lt;i&gt;now&lt;/i&gt;" in html(mail)


def test_expiry_is_said(host: FakeHost) -> None:
    publish("skill", course(RUN), validity_months=12)
    host.pass_course(1, RUN)
    earn()
    [mail] = send()
    assert "valid until March 2, 2027" in mail.body


@pytest.mark.parametrize(
    ("language", "lang", "direction", "day"),
    [
        ("", "en", "ltr", "March 2, 2026"),
        ("de", "de", "ltr", "2. März 2026"),
        ("de-at", "de", "ltr", "2. März 2026"),
        ("ar", "ar", "rtl", "2 مارس، 2026"),
        ("tlh", "en", "ltr", "March 2, 2026"),
        ("no such language!", "en", "ltr", "March 2, 2026"),
    ],
)
def test_mail_is_in_the_language_of_the_learner(
    host: FakeHost, language: str, lang: str, direction: str, day: str
) -> None:
    publish("skill", course(RUN))
    host.add_learner(1, "ana", language=language)
    host.pass_course(1, RUN)
    earn()
    [mail] = send()
    assert f'<div lang="{lang}" dir="{direction}"' in html(mail)
    assert day in mail.body
    assert day in html(mail)


def test_mail_comes_from_the_site_if_it_has_an_address(
    skill: Microcredential, host: FakeHost, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEFAULT_FROM_EMAIL = "lms@example.org"
    earn()
    [mail] = send()
    assert mail.from_email == "lms@example.org"
    site = type(host.site())(name="Uni", from_address="badges@uni.example")
    monkeypatch.setattr(host, "site", lambda: site)
    host.pass_course(2, RUN)
    earn(2)
    [mail] = send(minutes=5)
    assert mail.from_email == "badges@uni.example"


# --- of what -------------------------------------------------------------------------------------


def test_what_is_approved_is_told_when_it_is(host: FakeHost) -> None:
    made = publish("skill", course(RUN), needs_approval=True)
    host.pass_course(1, RUN)
    earn()
    assert send() == []
    decisions.approve(learner_id=1, microcredential_id=made.pk, by_id=9, now=NOW)
    messages.announce(now=NOW)
    [mail] = send()
    assert mail.subject == "You earned Skill"


def test_award_by_hand_is_told(host: FakeHost) -> None:
    made = publish("skill", course(RUN))
    host.add_learner(1)
    decisions.award_by_hand(
        learner_id=1, microcredential_id=made.pk, by_id=9, reason="Well done", now=NOW
    )
    messages.announce(now=NOW)
    assert len(send()) == 1


def test_what_comes_back_is_not_told_again(skill: Microcredential, host: FakeHost) -> None:
    earn()
    assert len(send()) == 1
    host.fail_course(1, RUN)
    earn()
    host.pass_course(1, RUN)
    earn()
    assert [event.kind for event in AwardEvent.objects.order_by("id")] == [
        "earned", "suspended", "reinstated",
    ]  # fmt: skip
    assert send(minutes=10) == []


def test_what_was_lost_before_the_mail_went_out_is_not_told(
    skill: Microcredential, host: FakeHost
) -> None:
    earn()
    host.fail_course(1, RUN)
    earn()
    assert send() == []
    assert outcomes() == ["overtaken"]


def test_nothing_is_sent_under_observe(host: FakeHost, settings: Any) -> None:
    made = publish("skill", course(RUN))
    host.pass_course(1, RUN)
    definitions.set_switch(microcredential=made, switch="observe")
    earn()
    assert not Mail.objects.exists()
    definitions.set_switch(microcredential=made, switch="on")
    earn()
    settings.MICROCRED_SWITCH = "observe"
    assert send() == []
    settings.MICROCRED_SWITCH = "on"
    definitions.set_switch(microcredential=made, switch="observe")
    assert send() == []
    assert outcomes() == ["overtaken"]


def test_site_that_sends_none_gathers_none(skill: Microcredential, settings: Any) -> None:
    settings.MICROCRED_EMAIL = "off"
    earn()
    settings.MICROCRED_EMAIL = "on"
    assert send() == []
    assert not Mail.objects.exists()


def test_what_could_not_be_told_for_two_weeks_is_no_news(skill: Microcredential) -> None:
    earn()
    assert send(days=15) == []
    assert outcomes() == ["overtaken"]


# --- to whom -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"is_active": False},
        {"email": ""},
        {"email": "nobody"},
        {"email": "somebody@retired.invalid"},
        {"is_retired": True},
    ],
)
def test_nobody_who_cannot_be_reached_is_written_to(
    skill: Microcredential, host: FakeHost, values: dict[str, Any]
) -> None:
    earn()
    host.add_learner(1, "ana", **values)
    assert send() == []
    assert outcomes() == ["unreachable"]


@pytest.mark.parametrize("leave", [FakeHost.retire, FakeHost.delete])
def test_nobody_who_has_left_is_written_to(
    skill: Microcredential, host: FakeHost, leave: Callable[[FakeHost, int], None]
) -> None:
    earn()
    leave(host, 1)
    assert send() == []


def test_learner_who_has_left_before_it_was_told_is_not_queued(
    skill: Microcredential, host: FakeHost
) -> None:
    earning.follow_hint(1, RUN, now=NOW)
    host.delete(1)
    messages.announce(now=NOW)
    assert not Mail.objects.exists()


def test_learner_who_wants_none_gets_none(skill: Microcredential, host: FakeHost) -> None:
    awards.set_wants_mail(1, False)
    host.pass_course(2, RUN)
    earn(1, 2)
    [mail] = send()
    assert mail.to == ["learner2@example.org"]
    assert outcomes() == ["unwanted", "sent"]


def test_policy_of_the_site_is_obeyed(
    skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edx_ace import policy  # noqa: PLC0415 - only here
    from edx_ace.channel import ChannelType  # noqa: PLC0415

    class Nobody(policy.Policy):
        def check(self, message: Any) -> policy.PolicyResult:
            assert message.recipient.lms_user_id == 1
            return policy.PolicyResult(deny={ChannelType.EMAIL})

    monkeypatch.setattr(policy, "policies", lambda: [Nobody()])
    earn()
    assert send() == []
    assert outcomes() == ["unwanted"]


# --- how often -----------------------------------------------------------------------------------


def test_mail_waits_a_minute_for_what_is_earned_next(
    skill: Microcredential, host: FakeHost
) -> None:
    publish("other", course(OTHER))
    earn()
    assert send(seconds=30) == []
    host.pass_course(1, OTHER)
    earn(run=OTHER, now=NOW + timedelta(seconds=40))
    [mail] = send(seconds=61)
    assert mail.subject == "You earned 2 microcredentials"
    assert send(minutes=10) == []


def test_repeated_announcement_is_no_second_mail(skill: Microcredential) -> None:
    earn()
    assert len(send()) == 1
    AwardEvent.objects.update(announced_at=None, claimed_at=None)
    assert messages.announce(now=NOW + timedelta(minutes=6)) == 1
    assert send(minutes=10) == []
    assert outcomes() == ["sent"]


def test_receiver_that_fails_does_not_hold_up_the_mail(
    skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    from microcred_plugin.messages import api  # noqa: PLC0415 - to break it

    monkeypatch.setattr(api, "_tell", lambda *_args: False)
    earn()
    assert AwardEvent.objects.get().announced_at is None
    assert len(send()) == 1


def test_mail_behind_which_somebody_raises_is_not_sent_again(
    skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edx_ace import ace  # noqa: PLC0415 - to come behind it

    real = ace.send

    def send_and_raise(message: Any) -> None:
        real(message)
        raise RuntimeError("a receiver of ACE_MESSAGE_SENT")

    monkeypatch.setattr(ace, "send", send_and_raise)
    earn()
    assert len(send()) == 1
    assert outcomes() == ["sent"]
    assert send(days=1) == []


@pytest.mark.parametrize(("days", "is_backfill"), [(0, False), (2, True)])
def test_sweep_that_comes_before_the_event_is_no_backfill(
    skill: Microcredential, host: FakeHost, days: int, is_backfill: bool
) -> None:
    earning.run_publication(str(definitions.publications_of(skill)[0].uuid))
    host.pass_course(2, RUN, on=NOW - timedelta(days=days))
    while earning.follow_changes(now=NOW):
        pass
    messages.announce(now=NOW)
    assert Mail.objects.get(learner=2).is_backfill is is_backfill


def test_two_workers_do_not_send_the_same_mail(
    skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edx_ace import ace  # noqa: PLC0415 - to come between

    sent, real = [], ace.send

    def meanwhile(message: Any) -> None:
        sent.append(message)
        if len(sent) == 1:
            messages.send_mails(now=NOW + timedelta(minutes=2, seconds=1))
        real(message)

    monkeypatch.setattr(ace, "send", meanwhile)
    earn()
    assert len(send()) == 1
    assert len(sent) == 1


def test_worker_that_died_leaves_it_to_be_sent(
    skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edx_ace import ace  # noqa: PLC0415 - to break it

    def die(_message: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ace, "send", die)
        earn()
        with pytest.raises(KeyboardInterrupt):
            send()
    assert send(minutes=5) == []
    assert len(send(minutes=20)) == 1


# --- when it fails -------------------------------------------------------------------------------


def break_mail(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise error

    monkeypatch.setattr(EmailMultiAlternatives, "send", fail)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError("away"),
        SMTPRecipientsRefused({"ana@example.org": (550, b"no such user ana@example.org")}),
    ],
)
def test_mail_that_cannot_be_sent_is_tried_again_a_few_times_and_then_given_up(
    skill: Microcredential,
    announced: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    error: Exception,
) -> None:
    attempts = []
    with monkeypatch.context() as patch:
        break_mail(patch, error)
        earn()
        assert len(announced) == 1
        for hours in range(24 * 13):
            send(hours=hours + 1)
            attempts.append(Mail.objects.get().attempts)
    assert attempts[-1] == 7
    assert outcomes() == ["failed"]
    ours = [record for record in caplog.records if record.name.startswith("microcred_plugin")]
    assert f"the mail about {AwardEvent.objects.get().uuid} is given up" in ours[-1].message
    assert not any("ana" in record.getMessage() or record.exc_info for record in ours)


def test_mail_is_sent_when_the_server_is_back(
    skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    earn()
    with monkeypatch.context() as patch:
        break_mail(patch, ConnectionRefusedError("away"))
        send()
    assert outcomes() == [""]
    assert send(minutes=4) == []
    assert len(send(minutes=10)) == 1
    assert outcomes() == ["sent"]


def test_server_that_is_away_is_not_tried_for_everybody(
    skill: Microcredential, host: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    for learner in range(2, 11):
        host.pass_course(learner, RUN)
    earn(*range(1, 11))
    break_mail(monkeypatch, ConnectionRefusedError("away"))
    send()
    assert Mail.objects.filter(attempts=1).count() == 3


def test_task_whose_time_is_over_ends(
    skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_mail(monkeypatch, SoftTimeLimitExceeded())
    earn()
    with pytest.raises(SoftTimeLimitExceeded):
        send()
    assert outcomes() == [""]


def test_two_tasks_do_not_send_at_once(skill: Microcredential, settings: Any) -> None:
    settings.MICROCRED_EMAIL_GATHER_SECONDS = 0
    tasks.follow_hint.run(1, RUN)
    key = get_cache_key(microcred="mail")
    cache.add(key, 1)
    tasks.sweep.run()
    assert outbox.outbox == []
    cache.delete(key)
    tasks.sweep.run()
    assert len(outbox.outbox) == 1
    assert cache.get(key) is None


def test_site_without_a_mail_channel_is_a_failure_and_no_crash(
    skill: Microcredential, monkeypatch: pytest.MonkeyPatch
) -> None:
    from edx_ace import ace  # noqa: PLC0415 - to break it

    monkeypatch.setattr(ace, "get_channel_for_message", lambda *_args: 1 / 0)
    earn()
    assert send() == []
    assert outcomes() == [""]


# --- many at once --------------------------------------------------------------------------------


def backfill(now: datetime = NOW) -> None:
    for publication in Publication.objects.filter(state="pending"):
        earning.run_publication(str(publication.uuid), now=now)
    while messages.announce(now=now):
        pass


def test_publications_are_summarised_in_one_mail_to_each(host: FakeHost) -> None:
    for learner in (1, 2):
        host.pass_course(learner, RUN)
    for slug in ("one", "two", "three"):
        publish(slug, course(RUN))
        backfill()
    assert send(minutes=20) == []
    mails = send(minutes=31)
    assert [mail.subject for mail in mails] == ["You earned 3 microcredentials"] * 2
    assert {mail.to[0] for mail in mails} == {"learner1@example.org", "learner2@example.org"}


def test_no_more_are_sent_in_a_minute_than_the_site_allows(host: FakeHost, settings: Any) -> None:
    settings.MICROCRED_EMAILS_PER_MINUTE = 3
    for learner in range(1, 9):
        host.pass_course(learner, RUN)
    publish("skill", course(RUN))
    backfill()
    sent = [len(send(minutes=31, seconds=seconds)) for seconds in (0, 30, 61, 122, 183)]
    assert sent == [3, 0, 3, 2, 0]


def test_who_has_just_earned_something_is_told_before_a_backfill(
    host: FakeHost, settings: Any
) -> None:
    settings.MICROCRED_EMAILS_PER_MINUTE = 1
    for learner in range(1, 4):
        host.pass_course(learner, RUN)
    publish("skill", course(RUN))
    backfill()
    publish("fresh", course(OTHER))
    Publication.objects.update(state="done")
    host.pass_course(9, OTHER)
    earn(9, run=OTHER, now=NOW + timedelta(minutes=40))
    [mail] = send(minutes=42)
    assert mail.to == ["learner9@example.org"]


def test_what_was_met_long_ago_can_be_left_out_of_a_backfill(host: FakeHost, settings: Any) -> None:
    settings.MICROCRED_EMAIL_BACKFILL_DAYS = 30
    host.pass_course(1, RUN)
    host.pass_course(2, RUN, on=NOW - timedelta(days=3))
    publish("skill", course(RUN))
    backfill()
    [mail] = send(hours=1)
    assert mail.to == ["learner2@example.org"]
    host.pass_course(1, OTHER)
    publish("other", course(OTHER))
    earn(run=OTHER)
    assert len(send(hours=2)) == 1  # no backfill, however long ago it was met


def test_sending_costs_few_queries_for_each_mail(skill: Microcredential, host: FakeHost) -> None:
    def count(learners: range, hours: int) -> int:
        for learner in learners:
            host.pass_course(learner, RUN)
        earn(*learners)
        with CaptureQueriesContext(connection) as queries:
            assert messages.send_mails(now=NOW + timedelta(hours=hours)) == len(learners)
        return len(queries)

    # How many were sent, who is next (2), who wants none; for each: claim, read, note.
    assert count(range(1, 2), 1) == 4 + 3
    assert count(range(2, 7), 2) == 4 + 5 * 3
    with CaptureQueriesContext(connection) as queries:
        assert messages.send_mails(now=NOW) == 0
    assert len(queries) == 3


def test_queueing_is_one_query_for_a_batch(host: FakeHost, settings: Any) -> None:
    def count() -> int:
        host.pass_course(1, RUN)
        earning.follow_hint(1, RUN, now=NOW)
        with CaptureQueriesContext(connection) as queries:
            messages.announce(now=NOW)
        return len(queries)

    publish("one", course(RUN))
    assert count() == 1 + 1 + 2  # what waits; the queue; to each: claim, note
    for number in range(5):
        publish(f"skill-{number}", course(RUN))
    assert count() == 1 + 1 + 5 * 2
    settings.MICROCRED_EMAIL = "off"
    publish("two", course(RUN))
    assert count() == 1 + 2


# --- the sweep, and health -----------------------------------------------------------------------


def test_sweep_sends_it(skill: Microcredential, settings: Any) -> None:
    settings.MICROCRED_EMAIL_GATHER_SECONDS = 0
    tasks.follow_hint.run(1, RUN)
    assert outbox.outbox == []
    tasks.sweep.run()
    assert len(outbox.outbox) == 1


def test_health_says_what_waits(skill: Microcredential, settings: Any) -> None:
    def look(**span: float) -> Any:
        health = check_health(now=timezone.now() + timedelta(**span))
        [check] = [check for check in health.checks if check.name == "mails"]
        return check

    tasks.follow_hint.run(1, RUN)
    assert look().says == "E-mails that wait: 1, none of them for too long."
    assert look(minutes=20).is_healthy
    assert not look(hours=2).is_healthy
    Mail.objects.update(is_backfill=True)
    assert look(hours=2).is_healthy
    settings.MICROCRED_EMAIL = "off"
    assert look(hours=2).says.startswith("No e-mail is sent")


def test_health_costs_one_more_query(skill: Microcredential) -> None:
    with CaptureQueriesContext(connection) as queries:
        check_health(now=NOW)
    assert len(queries) == 7


# --- choosing ------------------------------------------------------------------------------------


def test_foot_of_a_mail_leads_to_the_choice(skill: Microcredential, client: Client) -> None:
    earn()
    [mail] = send()
    link = mail.extra_headers["List-Unsubscribe"].strip("<>")
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert link in mail.body
    assert f'href="{link}"' in html(mail)
    path = link.removeprefix("https://lms.example.org")
    page = client.get(path)
    assert page.status_code == 200
    assert awards.wants_mail(1)  # looking changes nothing
    assert 'name="wanted" value="0"' in page.content.decode()
    assert "Ana C" not in page.content.decode()  # whose link it is, a reader of it is not told
    page = client.post(path, {"wanted": "0"})
    assert "You get no more of these e-mails" in page.content.decode()
    assert not awards.wants_mail(1)
    client.post(path, {"wanted": "1"})
    assert awards.wants_mail(1)


def test_button_of_a_mail_program_needs_no_cookie(skill: Microcredential) -> None:
    strict = Client(enforce_csrf_checks=True)
    path = f"/microcredentials/mail/{messages.choice_token(1)}/"
    response = strict.post(path, {"List-Unsubscribe": "One-Click"})
    assert response.status_code == 200
    assert not awards.wants_mail(1)


@pytest.mark.parametrize("token", ["1", "1:x", "2:{signature}", "{token}x", "é"])
def test_link_that_this_site_has_not_signed_is_none(
    skill: Microcredential, host: FakeHost, client: Client, token: str
) -> None:
    host.add_learner(2)
    signed = messages.choice_token(1)
    token = token.format(token=signed, signature=signed.partition(":")[2])
    for method in (client.get, client.post):
        assert method(f"/microcredentials/mail/{token}/").status_code == 404
    assert not MailOptOut.objects.exists()


def test_nothing_is_noted_about_who_has_left(
    skill: Microcredential, host: FakeHost, client: Client
) -> None:
    path = f"/microcredentials/mail/{messages.choice_token(1)}/"
    host.retire(1)
    assert client.post(path).status_code == 404
    assert not MailOptOut.objects.exists()


def test_logs_of_sending_name_nobody(
    skill: Microcredential, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    earn()
    assert len(send()) == 1
    assert "ana" not in caplog.text.lower().replace("manage", "")
