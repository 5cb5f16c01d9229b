"""`manage.py lms microcred …`, from the outside: what it prints, what it changes, what it says."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from microcred_plugin import decisions, earning
from microcred_plugin.awards.models import Award, AwardEvent, Decision, Observation
from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import MicrocredentialVersion, Publication
from tests.factories import all_of, any_of, any_run, course, holds, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

SPRING = "course-v1:NordU+DL101+2026_Spring"
AUTUMN = "course-v1:NordU+DL101+2026_Autumn"
STATISTICS = "course-v1:NordU+ST201+2026"
ADA, BOB = 7, 8


@pytest.fixture
def host(host: FakeHost) -> FakeHost:
    """A platform with three runs and two learners, who have done nothing yet."""
    host.add_run(SPRING, title="Data Literacy, spring")
    host.add_run(AUTUMN, title="Data Literacy, autumn")
    host.add_run(STATISTICS, title="Statistics")
    host.add_learner(ADA, "ada")
    host.add_learner(BOB, "bob")
    return host


def run(*arguments: Any, **options: Any) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("microcred", *map(str, arguments), stdout=out, **options)
    return out.getvalue()


def refused(*arguments: Any) -> str:
    """What the command says when it refuses, which has to be a sentence."""
    out = StringIO()
    with pytest.raises(CommandError) as error:
        call_command("microcred", *map(str, arguments), stdout=out)
    text = str(error.value)
    assert "Traceback" not in text
    assert out.getvalue() == ""
    return text


def awards() -> dict[tuple[int, str], str]:
    """Learner and slug -> state, of the awards that there are."""
    rows = Award.objects.values_list("learner_id", "microcredential__slug", "state")
    return {(learner, slug): state for learner, slug, state in rows}


# --- what it is asked --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "ACTION"),
        (["recompute"], "invalid choice: 'recompute'"),
        (["reconcile"], "Say what to reconcile: --learner, --course, --microcredential, or --all."),
        (
            ["reconcile", "--learner", "nobody"],
            "There is no user “nobody”: give a user name, an e-",
        ),
        (["reconcile", "--learner", ""], "There is no user “”"),
        (["reconcile", "--learner", "99"], "There is no user “99”"),
        (["reconcile", "--learner", "9" * 40], "There is no user “9999"),
        (["reconcile", "--learner", "²"], "There is no user “²”"),
        (["reconcile", "--learner", "\udcff"], "There is no user “"),
        (["reconcile", "--microcredential", "\udcff"], "There is no microcredential “"),
        (["reconcile", "--course", "\udcff"], "is not a course key"),
        (["reconcile", "--learner", "-1"], "There is no user “-1”"),
        (["reconcile", "--course", "DL101"], "“DL101” is not a course key. One looks like course-"),
        (["reconcile", "--course", ""], "Say what to reconcile"),
        (["reconcile", "--microcredential", "nothing"], "There is no microcredential “nothing”"),
        (["reconcile", "--all", "--learner", "ada"], "leave the other options out"),
        (["reconcile", "--course", SPRING, "--microcredential", "data"], "and not both"),
        (["explain"], "the following arguments are required: --learner, --microcredential"),
        (["explain", "--learner", "ada"], "are required: --microcredential"),
        (["explain", "--learner", "x", "--microcredential", "data"], "There is no user “x”"),
        (["explain", "--learner", "ada", "--microcredential", "x"], "There is no microcredential"),
        (["explain", "--learner", "ada", "--microcredential", "draft"], "has no published version"),
        (["undo"], "are required: --publication"),
        (["undo", "--publication", "x"], "There is no publication “x”; the admin lists them."),
        (["import"], "are required: files"),
        (["import", "/no/such/file.yaml"], "/no/such/file.yaml can't be read: No such file or"),
        (["import", "/"], "/ can't be read: Is a directory."),
        (["export", "nothing"], "There is no microcredential “nothing”"),
        (["export", "--output", "/no/such/file.yaml"], "/no/such/file.yaml can't be written: No"),
        (["switch", "data"], "are required: switch"),
        (["switch", "data", "maybe"], "invalid choice: 'maybe'"),
        (["switch", "nothing", "on"], "There is no microcredential “nothing”"),
    ],
    ids=str,
)
def test_wrong_input_is_one_clear_sentence(host: FakeHost, arguments: list[str], says: str) -> None:
    publish("data", course(SPRING))
    definitions.create_draft(
        microcredential=definitions.create_microcredential(
            slug="draft", organization="NordU", title="Draft"
        ),
        content={},
    )
    said = refused(*arguments)
    assert says in said
    assert "\n" not in said


def test_platform_that_fails_is_one_clear_sentence(host: FakeHost) -> None:
    publish("data", course(SPRING))
    host.fail_with(ConnectionError("the platform is away"))
    for arguments in (
        ["reconcile", "--all"],
        ["reconcile", "--learner", "ada"],
        ["explain", "--learner", "ada", "--microcredential", "data"],
    ):
        said = refused(*arguments)
        assert "ConnectionError: the platform is away" in said
        assert "Run the command again" in said


def test_site_without_a_host_is_one_clear_sentence(settings: Any) -> None:
    settings.MICROCRED_HOST = ""
    said = refused("explain", "--learner", "ada", "--microcredential", "data")
    assert "There is no microcredential" in said
    publish_without_courses("data")
    said = refused("explain", "--learner", "ada", "--microcredential", "data")
    assert said.startswith("MICROCRED_HOST is empty: set it to the dotted path")


def publish_without_courses(slug: str) -> None:
    publish(slug, {"kind": "grant", "key": "x"})


@pytest.mark.parametrize("action", ["reconcile --all", "sweep", "switch data on"])
def test_studio_cannot_evaluate(settings: Any, action: str) -> None:
    settings.MICROCRED_EVALUATES = False
    assert "Run it with the LMS's settings." in refused(*action.split())


# --- reconcile ---------------------------------------------------------------------------------


@pytest.fixture
def catalogue(host: FakeHost) -> None:
    """Two microcredentials and one that stacks on the first; both learners have passed spring."""
    data = publish("data", course(SPRING))
    publish("statistics", any_run("NordU+ST201"))
    publish("mastery", all_of(holds(data), course(AUTUMN)))
    for learner in (ADA, BOB):
        host.pass_course(learner, SPRING)
    host.pass_course(ADA, STATISTICS)
    host.pass_course(ADA, AUTUMN)


EVERYTHING = {
    (ADA, "data"): "active",
    (ADA, "statistics"): "active",
    (ADA, "mastery"): "active",
    (BOB, "data"): "active",
}


def test_everything_is_reconciled(catalogue: None) -> None:
    assert sorted(run("reconcile", "--all").splitlines()) == [
        "Changed: 4 earned.",
        "earned      ada  data",
        "earned      ada  mastery",
        "earned      ada  statistics",
        "earned      bob  data",
    ]
    assert awards() == EVERYTHING
    assert run("reconcile", "--all") == "Changed: nothing.\n"


def test_world_is_told(catalogue: None, announced: list[tuple[str, str]]) -> None:
    run("reconcile", "--all")
    uuids = {str(uuid) for uuid in Award.objects.values_list("uuid", flat=True)}
    assert {uuid for kind, uuid in announced if kind == "awarded"} == uuids
    assert len(announced) == 4


def test_dry_run_says_the_difference_and_changes_nothing(
    catalogue: None, announced: list[tuple[str, str]]
) -> None:
    printed = run("reconcile", "--all", "--dry-run").splitlines()
    assert printed[-1] == "Would change: 4 earned."
    assert sorted(printed[:-1]) == [
        "earned      ada  data",
        "earned      ada  mastery",
        "earned      ada  statistics",
        "earned      bob  data",
    ]
    assert awards() == {}
    assert announced == []
    run("reconcile", "--all")
    assert run("reconcile", "--all", "--dry-run") == "Would change: nothing.\n"


def test_emptied_table_is_restored(catalogue: None) -> None:
    run("reconcile", "--all")
    decisions.revoke(
        learner_id=BOB, microcredential_id=Award.objects.get(learner_id=BOB).microcredential_id,
        by_id=None, reason="A mistake",
    )  # fmt: skip
    Award.objects.all().delete()
    run("reconcile", "--all")
    # Bob's was revoked by a person, who is remembered apart from the awards.
    assert awards() == {place: state for place, state in EVERYTHING.items() if place[0] == ADA}


@pytest.mark.parametrize("name", ["bob", str(BOB)])
def test_one_learner_is_reconciled_by_name_or_id(catalogue: None, name: str) -> None:
    run("reconcile", "--learner", name)
    assert awards() == {(BOB, "data"): "active"}


def test_several_learners_are_reconciled_once_each(catalogue: None) -> None:
    printed = run("reconcile", "--learner", "ada", "--learner", "bob", "--learner", str(ADA))
    assert printed.endswith("Changed: 4 earned.\n")
    assert awards() == EVERYTHING


def test_user_name_that_is_a_number_is_a_name_first(host: FakeHost) -> None:
    publish("data", course(SPRING))
    host.add_learner(20, str(ADA))
    host.pass_course(20, SPRING)
    run("reconcile", "--learner", str(ADA))
    assert awards() == {(20, "data"): "active"}


def test_course_is_reconciled_with_everything_that_stacks_on_it(catalogue: None) -> None:
    run("reconcile", "--course", SPRING)
    assert awards() == {
        place: state for place, state in EVERYTHING.items() if place[1] != "statistics"
    }


def test_course_that_nothing_counts_concerns_nobody(catalogue: None) -> None:
    assert run("reconcile", "--course", "course-v1:A+B+C") == "No microcredential is concerned.\n"


def test_learner_is_reconciled_for_one_microcredential(catalogue: None) -> None:
    run("reconcile", "--learner", "ada", "--microcredential", "statistics")
    assert awards() == {(ADA, "statistics"): "active"}


def test_microcredential_is_reconciled_by_slug_or_uuid(catalogue: None) -> None:
    found = definitions.find_microcredential("statistics")
    run("reconcile", "--microcredential", found.uuid, "--microcredential", "data")
    assert awards() == EVERYTHING


def test_top_of_a_stack_is_restored_whatever_order_it_was_published_in(host: FakeHost) -> None:
    """A component is judged before what stacks on it, also where it was made last."""
    publish("top", course(STATISTICS))
    middle = publish("middle", course(STATISTICS))
    bottom = publish("bottom", course(SPRING))
    publish("middle", holds(bottom))
    publish("top", holds(middle))
    host.pass_course(ADA, SPRING, on=timezone.now())
    printed = run("reconcile", "--learner", "ada", "--microcredential", "top")
    assert printed.endswith("Changed: 3 earned.\n")
    assert awards() == dict.fromkeys(
        [(ADA, slug) for slug in ("top", "middle", "bottom")], "active"
    )


def test_regression_is_said_by_its_policy(host: FakeHost) -> None:
    publish("kept", course(SPRING))
    publish("suspended", course(SPRING), policy="suspend")
    publish("revoked", course(SPRING), policy="revoke")
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    host.fail_course(ADA, SPRING)
    assert sorted(run("reconcile", "--all").splitlines()) == [
        "Changed: 1 revoked, 1 suspended.",
        "revoked     ada  revoked",
        "suspended   ada  suspended",
    ]


def test_what_is_only_observed_says_so(host: FakeHost) -> None:
    publish("data", course(SPRING))
    run("switch", "data", "observe")
    host.pass_course(ADA, SPRING)
    printed = run("reconcile", "--all")
    assert printed == "earned      ada  data  (observed only)\nChanged: 1 earned.\n"
    assert awards() == {}


def test_progress_stays_out_of_standard_output(
    catalogue: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("microcred", "reconcile", "--all")
    printed = capsys.readouterr()
    assert len(printed.out.splitlines()) == 5
    assert "learners" not in printed.out
    assert "\r" not in printed.out + printed.err


def test_what_was_done_before_the_platform_failed_is_said(
    catalogue: None, host: FakeHost, settings: Any
) -> None:
    settings.MICROCRED_BATCH_SIZE = 1
    out = StringIO()

    class Stops(StringIO):
        """Where the operator reads that the first learner is done, the platform goes away."""

        def write(self, text: str) -> int:
            host.fail_with(ConnectionError("the platform is away"))
            return out.write(text)

    with pytest.raises(CommandError, match="the platform is away"):
        call_command("microcred", "reconcile", "--all", stdout=Stops())
    assert "ada  data" in out.getvalue()
    assert (ADA, "data") in awards()
    assert (BOB, "data") not in awards()


# --- explain -----------------------------------------------------------------------------------


def explain(slug: str = "data", learner: str = "ada") -> str:
    return run("explain", "--learner", learner, "--microcredential", slug)


def test_earned_award_is_explained_with_the_facts_and_its_history(host: FakeHost) -> None:
    publish("data", all_of(course(SPRING), course(STATISTICS), title="Two courses"))
    host.pass_course(ADA, SPRING, percent="0.8")
    host.pass_course(ADA, STATISTICS, percent="0.695")
    run("reconcile", "--all")
    award = Award.objects.get()
    event = AwardEvent.objects.get()
    assert (
        explain()
        == f"""\
Data (data), version 1
ada (7): You met everything that is asked for on March 2, 2026.

✓ Two courses: 2 of 2 requirements met.
  ✓ You passed Data Literacy, spring on March 2, 2026; your grade is 80 %.
      run: {SPRING}
      percent_grade: 0.8
      letter_grade: Pass
      passed_timestamp: 2026-03-02T09:30:00+00:00
      enrollment_mode: honor
  ✓ You passed Statistics on March 2, 2026; your grade is 70 %.
      run: {STATISTICS}
      percent_grade: 0.695
      letter_grade: Pass
      passed_timestamp: 2026-03-02T09:30:00+00:00
      enrollment_mode: honor

Active: version 1, from 2026-03-02 09:30 UTC (award {award.uuid})
  {event.at:%Y-%m-%d %H:%M} UTC  Earned (A reconciliation)
"""
    )


def test_what_is_under_way_is_explained_with_the_next_step(host: FakeHost) -> None:
    publish("data", all_of(course(SPRING), course(STATISTICS, minimum_grade=70)))
    host.pass_course(ADA, SPRING)
    host.pass_course(ADA, STATISTICS, percent="0.61")
    printed = explain().splitlines()
    assert printed[1] == "ada (7): 1 step to go."
    assert "  ✗ You have passed Statistics with 61 %; 70 % are needed." in printed
    assert "Next: Raise your grade in Statistics: you have 61 %, 70 % are needed." in printed
    assert printed[-1] == "No award yet."


def test_several_steps_are_told_the_easiest_first(host: FakeHost) -> None:
    publish("data", all_of(course(AUTUMN), course(STATISTICS)))
    host.enroll(ADA, STATISTICS)
    printed = explain().splitlines()
    assert printed[-4:-2] == [
        "Next: Pass Statistics: you are enrolled and have no grade yet.",
        "Then: Enroll in Data Literacy, autumn and pass it.",
    ]


def test_waiting_for_eligibility_is_explained(host: FakeHost) -> None:
    publish("data", course(SPRING), eligibility=course(STATISTICS))
    host.pass_course(ADA, SPRING)
    printed = explain().splitlines()
    assert printed[1] == (
        "ada (7): You met everything that is asked for on March 2, 2026. "
        "It waits for eligibility: 1 step to go."
    )
    eligible = printed.index("To be eligible:")
    assert printed[eligible + 1] == "✗ You have not started Statistics."
    assert "Next: Enroll in Statistics and pass it." in printed


def test_lapsed_award_is_explained(host: FakeHost) -> None:
    publish("data", course(SPRING), validity_months=1)
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    printed = explain()
    assert "It ran out on April 2, 2026, and has to be earned again." in printed


def test_award_that_has_run_out_is_shown_as_expired_whatever_the_row_says(
    host: FakeHost,
) -> None:
    publish("data", course(SPRING), validity_months=1)
    passed = timezone.now() - timedelta(days=20)
    host.pass_course(ADA, SPRING, on=passed)
    run("reconcile", "--all")
    award = Award.objects.get()
    assert f"Active: version 1, from {passed:%Y-%m-%d %H:%M} UTC, until " in explain()
    assert f"Due: {award.expires_at:%Y-%m-%d %H:%M} UTC  An award expires" in explain()
    Award.objects.update(expires_at=timezone.now() - timedelta(days=1))
    assert f"Expired: version 1, from {passed:%Y-%m-%d %H:%M} UTC" in explain()
    assert Award.objects.get(pk=award.pk).state == "active"


def test_what_the_platform_cannot_say_is_explained(host: FakeHost) -> None:
    publish("data", all_of(course(SPRING), course(STATISTICS)))
    host.pass_course(ADA, SPRING)
    host.cannot_say(ADA, STATISTICS)
    printed = explain()
    assert "ada (7): Not everything could be read just now." in printed
    assert "  ? Your result in Statistics could not be read just now." in printed
    assert "Next: Wait a little: Statistics will be looked up again." in printed


def test_suspended_award_is_explained(host: FakeHost) -> None:
    data = publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    decisions.suspend(
        learner_id=ADA, microcredential_id=data.id, by_id=BOB, reason="Under examination"
    )
    printed = explain()
    assert "A person has suspended it. It stays suspended until somebody lifts that." in printed
    assert "Decided: Suspend (" in printed
    assert " UTC, 8): Under examination" in printed
    assert "Suspended: version 1" in printed
    assert "Suspended (A person, 8): Under examination" in printed


def test_award_suspended_by_policy_is_explained_with_the_way_back(host: FakeHost) -> None:
    publish("data", course(SPRING), policy="suspend")
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    host.fail_course(ADA, SPRING, percent="0.4")
    run("reconcile", "--all")
    printed = explain()
    assert "Suspended: version 1" in printed
    assert "A person" not in printed
    assert "Next: Pass Data Literacy, spring: you have 40 % so far." in printed


def test_revoked_award_is_explained(host: FakeHost) -> None:
    data = publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    decisions.revoke(learner_id=ADA, microcredential_id=data.id, by_id=BOB, reason="Plagiarism")
    printed = explain()
    assert "A person has revoked it. It is not awarded again until somebody lifts that." in printed
    assert "Revoked: version 1" in printed
    assert "Revoked (A person, 8): Plagiarism" in printed


def test_award_by_hand_is_explained(host: FakeHost) -> None:
    data = publish("data", course(SPRING))
    decisions.award_by_hand(
        learner_id=ADA, microcredential_id=data.id, by_id=None, reason="Prior learning"
    )
    printed = explain()
    assert "A person has awarded it, whatever the requirements say." in printed
    assert "Earned (A person): Prior learning" in printed


def test_declined_award_is_explained(host: FakeHost) -> None:
    data = publish("data", course(SPRING), needs_approval=True)
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    assert "Waiting for approval: version 1" in explain()
    decisions.decline(learner_id=ADA, microcredential_id=data.id, by_id=None, reason="Not yet")
    printed = explain()
    assert "A person has declined it. The same results do not earn it again." in printed
    assert "Declined (A person): Not yet" in printed


def test_award_that_is_kept_is_explained(host: FakeHost) -> None:
    publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    host.fail_course(ADA, SPRING)
    printed = explain()
    assert "The award stands, although the requirements are not met now." in printed


def test_what_is_earned_and_not_awarded_yet_is_explained(host: FakeHost) -> None:
    publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    assert "It is earned and not awarded yet." in explain()
    assert awards() == {}


@pytest.mark.parametrize(
    ("switch", "says"),
    [
        ("off", "It is switched off: nothing is awarded, and nothing is taken away."),
        ("observe", "It only observes: what would be awarded is recorded, and nobody is told."),
    ],
)
def test_switch_is_explained(host: FakeHost, switch: str, says: str) -> None:
    publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    run("switch", "data", switch)
    printed = explain()
    assert says in printed
    assert "It is earned and not awarded yet." not in printed


def test_component_is_explained_by_its_title(host: FakeHost) -> None:
    publish("mastery", all_of(holds(publish("data", course(SPRING))), course(AUTUMN)))
    printed = explain("mastery")
    assert "✗ You do not have Data yet." in printed
    assert "Earn Data." in printed


@pytest.mark.parametrize("leave", ["retire", "delete"])
def test_who_has_left_is_not_explained(host: FakeHost, leave: str) -> None:
    publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    getattr(host, leave)(ADA)
    said = refused("explain", "--learner", ADA, "--microcredential", "data")
    assert said in (
        "User 7 has been retired or deleted, and is not evaluated.",
        "There is no user “7”: give a user name, an e-mail address or an id.",
    )
    assert said.startswith("User" if leave == "retire" else "There")


def test_explaining_records_nothing(host: FakeHost) -> None:
    publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    explain()
    assert not Award.objects.exists()
    assert not Observation.objects.exists()


# --- undo --------------------------------------------------------------------------------------


def test_undone_publication_takes_back_what_it_led_to(
    host: FakeHost, announced: list[tuple[str, str]]
) -> None:
    data = publish("data", course(SPRING))
    publish("mastery", holds(data), policy="revoke")
    host.pass_course(ADA, SPRING)
    host.pass_course(BOB, AUTUMN)
    run("reconcile", "--all")
    publish("data", any_of(course(SPRING), course(AUTUMN)), now=timezone.now())
    publication = Publication.objects.get(version__number=2)
    earning.run_publication(str(publication.uuid))
    assert awards()[BOB, "data"] == awards()[BOB, "mastery"] == "active"
    printed = run("undo", "--publication", publication.uuid)
    assert printed == (
        "Version 2 of data is withdrawn: it counts for nobody any more. Awards changed: 2.\n"
    )
    assert awards() == {
        (ADA, "data"): "active",
        (ADA, "mastery"): "active",
        (BOB, "data"): "revoked",
        (BOB, "mastery"): "revoked",
    }
    assert [kind for kind, _uuid in announced].count("revoked") == 2
    publication.refresh_from_db()
    assert publication.state == "undone"


def test_undone_twice_is_undone_once(host: FakeHost) -> None:
    publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    publication = Publication.objects.get()
    assert run("undo", "--publication", publication.uuid).endswith("Awards changed: 1.\n")
    before = list(AwardEvent.objects.values())
    assert run("undo", "--publication", publication.uuid).endswith("Awards changed: 0.\n")
    assert list(AwardEvent.objects.values()) == before


# --- import, export ----------------------------------------------------------------------------


def file(path: Path, *slugs: str, **fields: Any) -> Path:
    """A file that defines these, each by the spring run."""
    lines = ["format: microcredentials/1", "microcredentials:" + ("" if slugs else " []")]
    for slug in slugs:
        lines += [f"- slug: {slug}", "  organization: NordU", f"  title: {slug.title()}"]
        lines += [f"  {name}: {value}" for name, value in fields.items()]
        lines += ["  requirements:", "    kind: course", f"    runs: [{SPRING}]"]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_file_is_imported_as_drafts(host: FakeHost, tmp_path: Path) -> None:
    path = file(tmp_path / "a.yaml", "data", "more")
    assert run("import", path) == "data: created\nmore: created\n"
    assert run("import", path) == "data: unchanged\nmore: unchanged\n"
    assert set(MicrocredentialVersion.objects.values_list("state", flat=True)) == {"draft"}


def test_file_is_imported_and_published_and_everybody_is_evaluated(
    host: FakeHost, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    host.pass_course(ADA, SPRING)
    with django_capture_on_commit_callbacks(execute=True):
        printed = run("import", file(tmp_path / "a.yaml", "data"), "--publish")
    publication = Publication.objects.get()
    assert printed == f"data: created, published (publication {publication.uuid})\n"
    assert awards() == {(ADA, "data"): "active"}
    assert AwardEvent.objects.get().cause_id == str(publication.uuid)


def test_several_files_are_imported_in_order(host: FakeHost, tmp_path: Path) -> None:
    one, two = file(tmp_path / "1.yaml", "one"), file(tmp_path / "2.yaml", "two")
    assert run("import", one, two) == "one: created\ntwo: created\n"


def test_file_without_definitions_says_so(host: FakeHost, tmp_path: Path) -> None:
    path = file(tmp_path / "a.yaml")
    assert run("import", path) == f"{path} has no definitions.\n"


def test_refused_file_says_path_line_and_reason(host: FakeHost, tmp_path: Path) -> None:
    path = file(tmp_path / "a.yaml", "data", "more", policy="punish", titel="X")
    assert refused("import", path) == (
        f"Nothing of {path} was imported:\n"
        "  microcredentials[0].policy (line 6): This must be one of keep, suspend, revoke; it is "
        "'punish'.\n"
        "  microcredentials[0].titel (line 7): There is no field “titel”; did you mean “title”?\n"
        "  microcredentials[1].policy (line 14): This must be one of keep, suspend, revoke; it is "
        "'punish'.\n"
        "  microcredentials[1].titel (line 15): There is no field “titel”; did you mean “title”?"
    )
    assert definitions.list_microcredentials() == []


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\x00", b"\xff\xfe", bytes(range(256))])
def test_file_that_is_no_text_says_so(host: FakeHost, tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(data)
    assert refused("import", path) == f"{path} can't be read: it is not a text in UTF-8."


@pytest.mark.parametrize("text", ["", "\x00", "<html>", "{", "a: *b"])
def test_file_that_is_no_definition_says_so(host: FakeHost, tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    first, *faults = refused("import", path).splitlines()
    assert first == f"Nothing of {path} was imported:"
    assert len(faults) == 1


def test_definitions_are_exported_to_standard_output_or_a_file(
    host: FakeHost, tmp_path: Path
) -> None:
    publish("data", course(SPRING))
    publish("more", course(AUTUMN))
    everything = run("export")
    assert everything == definitions.export_definitions(definitions.list_microcredentials())
    path = tmp_path / "out.yaml"
    assert run("export", "--output", path) == ""
    assert path.read_text(encoding="utf-8") == everything
    assert run("import", path) == "data: unchanged\nmore: unchanged\n"


def test_chosen_definitions_are_exported_once_each(host: FakeHost, tmp_path: Path) -> None:
    data = publish("data", course(SPRING))
    publish("more", course(AUTUMN))
    printed = run("export", "data", data.uuid, "data")
    assert printed == definitions.export_definitions([data])
    assert "more" not in printed


# --- switch, sweep -----------------------------------------------------------------------------


def test_switched_on_it_catches_up(host: FakeHost) -> None:
    publish("data", course(SPRING))
    assert run("switch", "data", "off") == "data is set to off.\n"
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    assert awards() == {}
    assert run("switch", "data", "observe") == (
        "data is set to observe.\nearned      ada  data  (observed only)\nChanged: 1 earned.\n"
    )
    assert awards() == {}
    assert run("switch", "data", "on") == (
        "data is set to on.\nearned      ada  data\nChanged: 1 earned.\n"
    )
    assert awards() == {(ADA, "data"): "active"}


def test_switch_says_that_the_site_is_more_cautious(host: FakeHost, settings: Any) -> None:
    publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    settings.MICROCRED_SWITCH = "off"
    assert run("switch", "data", "on") == (
        "data is set to on.\nThe whole site is set to off by MICROCRED_SWITCH; the more cautious "
        "of the two holds.\nChanged: nothing.\n"
    )
    assert awards() == {}


def test_sweep_does_what_the_clock_brings(host: FakeHost) -> None:
    publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    assert run("sweep") == ""
    assert awards() == {(ADA, "data"): "active"}


def test_decisions_outlast_the_command(host: FakeHost) -> None:
    data = publish("data", course(SPRING))
    host.pass_course(ADA, SPRING)
    run("reconcile", "--all")
    decisions.revoke(learner_id=ADA, microcredential_id=data.id, by_id=None, reason="x")
    for arguments in (["reconcile", "--all"], ["switch", "data", "on"], ["sweep"]):
        run(*arguments)
    assert awards() == {(ADA, "data"): "revoked"}
    assert Decision.objects.filter(slot=1).count() == 1


# --- skills ------------------------------------------------------------------------------------


@pytest.fixture
def skills(tmp_path: Path) -> Path:
    """A file with two skills."""
    path = tmp_path / "skills.csv"
    path.write_text("framework;code;name\nOwn;1;Welding\nOwn;2;Soldering\n", encoding="utf-8-sig")
    return path


def test_skills_are_loaded_listed_and_removed_in_studio_too(settings: Any, skills: Path) -> None:
    settings.MICROCRED_EVALUATES = False
    assert run("skills", "list") == "No skills are loaded.\n"
    assert run("skills", "load", skills) == "New: 2, changed: 0, as before: 0.\n"
    assert run("skills", "load", skills, "--organization", "NordU") == (
        "New: 2, changed: 0, as before: 0.\n"
    )
    assert run("skills", "load", skills) == "New: 0, changed: 0, as before: 2.\n"
    assert run("skills", "list").splitlines() == [
        "      2  Own  (the site)",
        "      2  Own  NordU",
    ]
    assert run("skills", "remove", "Own").startswith("Removed: 2.")
    assert run("skills", "list") == "      2  Own  NordU\n"
    assert "There are no skills of “Own”" in refused("skills", "remove", "Own")


def test_file_of_skills_without_a_framework_is_given_one(skills: Path) -> None:
    skills.write_text("code,name\n1,Welding\n", encoding="utf-8")
    assert "“framework” is empty" in refused("skills", "load", skills)
    run("skills", "load", skills, "--framework", "House")
    assert "House" in run("skills", "list")


def test_wrong_lines_of_a_file_of_skills_are_named(skills: Path, tmp_path: Path) -> None:
    skills.write_text("framework,code,name\n" + "Own,,Welding\n" * 22, encoding="utf-8")
    said = refused("skills", "load", skills)
    assert said.startswith(f"Nothing of {skills} was loaded:\n  Line 2: “code” is empty.")
    assert said.endswith("  … and 2 more")
    assert run("skills", "list") == "No skills are loaded.\n"
    assert "can't be read" in refused("skills", "load", tmp_path / "missing.csv")
