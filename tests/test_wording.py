"""The sentences: one for everything that the evaluation says, in plain words."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from django.utils.functional import Promise
from hypothesis import given

from microcred_plugin import evaluation, wording
from microcred_plugin.evaluation import editing
from microcred_plugin.evaluation.checks import problems_before_publication
from microcred_plugin.evaluation.evaluate import Outcome, Truth, evaluate
from microcred_plugin.evaluation.explain import Line, explain
from microcred_plugin.evaluation.message import Message, message
from microcred_plugin.evaluation.record import (
    AssessmentResult,
    AwardFact,
    AwardState,
    CompletionResult,
    DatedFact,
    LearnerRecord,
    Unknown,
)
from microcred_plugin.evaluation.requirements import (
    KINDS,
    MAX_DEPTH,
    MAX_NODES,
    Grant,
    InvalidTree,
    Node,
    Problem,
    read_tree,
    walk,
)
from tests import strategies as my
from tests.evaluation import COURSE, NOW, OTHER_RUN, RUN, at, course, grant, group, passed

NAMES = {
    RUN: "Statistics for Decision Makers",
    COURSE: "Statistics",
    OTHER_RUN: "Statistics (autumn)",
    "uuid": "Data Literacy",
}


# --- everything that the evaluation can say --------------------------------------------------

NO_GRADE = {"letter_grade": "", "percent_grade": None, "passed_timestamp": None}
CERTIFIED = {**NO_GRADE, "certificate_status": "downloadable", "certificate_mode": "verified"}
COURSES = [
    course(**where, **options)
    for where in ({}, {"runs": [RUN]}, {"runs": [RUN, OTHER_RUN]})
    for options in (
        {},
        {"minimum_grade": 90},
        {"modes": ["masters", "honor"]},
        {"certificate": True},
        {"not_before": "2026-04-01"},
        {"not_after": "2026-02-01"},
    )
]
RESULTS: list[dict[str, Any]] = [
    {},
    {"letter_grade": "", "passed_timestamp": None},
    NO_GRADE,
    {**NO_GRADE, "is_enrolled": False},
    CERTIFIED,
    {**CERTIFIED, "certificate_created": at("2026-03-02")},
    {"certificate_invalidated": True},
    {"enrollment_mode": "audit"},
    {"enrollment_mode": None},
    {"passed_timestamp": None},
]
DATED: list[DatedFact | Unknown | None] = [
    None,
    Unknown(),
    DatedFact(None),
    DatedFact(at("2026-01-01")),
    DatedFact(at("2027-01-01")),
    DatedFact(at("2025-01-01"), at("2026-01-01")),
]


def evaluated() -> Iterator[tuple[Any, LearnerRecord]]:
    """Trees with records that bring out every reason and every step."""
    yield None, LearnerRecord()
    for tree in COURSES:
        yield tree, LearnerRecord()
        yield tree, LearnerRecord({COURSE: Unknown()})
        yield from ((tree, LearnerRecord({RUN: passed(**result)})) for result in RESULTS)
    for percent in ("0.1", "0.9", None):
        grade = Decimal(percent or 0)
        yield (
            {"kind": "assessment", "course": COURSE, "block": "exam", "minimum_grade": 70},
            LearnerRecord(
                assessments={(RUN, "exam"): AssessmentResult(RUN, COURSE, "exam", grade, None)}
                if percent
                else {}
            ),
        )
        yield (
            {"kind": "completion", "course": COURSE, "minimum_percent": 70},
            LearnerRecord(
                completions={RUN: CompletionResult(RUN, COURSE, grade, None)} if percent else {}
            ),
        )
    unknown_everywhere = LearnerRecord(completions={COURSE: Unknown()})
    yield {"kind": "completion", "course": COURSE, "minimum_percent": 70}, unknown_everywhere
    stack = {"kind": "microcredential", "microcredential": "uuid"}
    awards: list[AwardFact | Unknown] = [Unknown(), AwardFact("a", AwardState.ACTIVE, None)]
    awards += [AwardFact("a", state, at("2026-01-01")) for state in AwardState]
    yield stack, LearnerRecord()
    yield from ((stack, LearnerRecord(awards={"uuid": award})) for award in awards)
    for fact in DATED:
        for kind, field, mapping in (
            ("program", "program", "programs"),
            ("evidence", "key", "evidence"),
            ("attestation", "key", "attestations"),
            ("grant", "key", "grants"),
        ):
            facts = {"uuid": fact} if fact else {}
            yield {"kind": kind, field: "uuid"}, LearnerRecord(**{mapping: facts})


def outcomes() -> Iterator[Outcome]:
    """Each of these by itself, within a window, and in each kind of group."""
    for data, record in evaluated():
        trees = [data]
        if data is not None:
            trees += [
                group("all_of", data, grant("g"), within_months=1),
                group("any_of", data, grant("g")),
                group("at_least", data, grant("g"), n=1),
                group("credits", {**data, "credits": "2.5"}, minimum=1),
            ]
        for tree in trees:
            yield evaluate(read_tree(tree), record, now=NOW)


BAD_TREES: list[Any] = [
    7,
    {"kind": "badge"},
    {"kind": "cuorse"},
    {"kind": "grant"},
    grant("g", zzz=1),
    grant("g", titel=1),
    grant("g", credits=-1),
    grant(7),  # type: ignore[arg-type]
    {"kind": "course"},
    course(runs="one"),
    course(certificate=1),
    course(minimum_grade=700),
    course(not_after="soon"),
    group("all_of", *(grant("g") for _node in range(MAX_NODES))),
]
for _level in range(MAX_DEPTH + 1):
    BAD_TREES.append(group("all_of", *([BAD_TREES[-1]] if _level else [])))

UNPUBLISHABLE: list[Any] = [
    None,
    group("all_of"),
    group("at_least", grant("g"), n=2),
    group("credits", grant("g", credits="0.5"), minimum=2),
    course(not_before="2026-02-01", not_after="2026-01-01"),
    group(
        "all_of",
        course(not_after="2026-01-01"),
        course(not_before="2026-06-01"),
        within_months=1,
    ),
]


def problems() -> Iterator[Problem]:
    for data in BAD_TREES:
        try:
            read_tree(data)
        except InvalidTree as invalid:
            yield from invalid.problems
    for data in UNPUBLISHABLE:
        yield from problems_before_publication(read_tree(data))


def refusals() -> Iterator[Problem]:
    """What can't be done with a tree."""
    tree = read_tree(group("all_of", grant("a"), group("any_of", grant("b"))))
    outer, first, last = "requirements", "requirements.of[0]", "requirements.of[1]"
    for change in (
        lambda: editing.remove(tree, "requirements.of[7]"),
        lambda: editing.ungroup(tree, first),
        lambda: editing.move(tree, last, last, 0),
        lambda: editing.move_up(tree, first),
        lambda: editing.move_down(tree, last),
        lambda: editing.move_in(tree, last),
        lambda: editing.move_out(tree, first),
        lambda: editing.ungroup(tree, outer),
    ):
        try:
            change()
        except editing.EditRefused as refused:
            yield refused.problem


def messages_of(outcome: Outcome) -> Iterator[Message]:
    explanation = explain(outcome)
    yield explanation.summary
    yield from explanation.steps
    yield from (line.message for line in explanation.lines)


def said() -> list[Message]:
    """Every message of all of the above, without repetition."""
    found = [message for outcome in outcomes() for message in messages_of(outcome)]
    found += [problem.message for each in (problems(), refusals()) for problem in each]
    return [found[i] for i in range(len(found)) if found[i] not in found[:i]]


SAID = said()

# --- the keys, as they stand in the source ---------------------------------------------------

NAMESPACES = {key.partition(".")[0] for key in wording.SENTENCES}
DATED_KINDS = ("program", "evidence", "attestation", "grant")

# What the keys that are put together in the source come to.
PUT_TOGETHER = {
    "{node.kind}.missing": {"evidence.missing", "attestation.missing", "grant.missing"},
    "microcredential.{state.value}": {
        f"microcredential.{state.value}" for state in AwardState if state != AwardState.ACTIVE
    },
    **{
        f"{{kind}}.{end}": {f"{kind}.{end}" for kind in DATED_KINDS}
        for end in ("unknown", "not_yet", "ended", "met", "met_undated")
    },
    "group.{node.kind}": {"group.all_of", "group.any_of", "group.at_least"},
}


def source_trees() -> Iterator[ast.Module]:
    for path in sorted(Path(evaluation.__path__[0]).glob("*.py")):
        yield ast.parse(path.read_text(encoding="utf-8"))


def keys_in_the_source() -> tuple[set[str], set[str]]:
    """The keys written out in the source of the evaluation, and those it puts together."""
    written, put_together = set(), set()
    for tree in source_trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                namespace, dot, name = node.value.partition(".")
                if dot and namespace in NAMESPACES and re.fullmatch(r"[a-z_]+", name):
                    written.add(node.value)
            is_message = (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("message", "Message", "fails", "_Wrong")
            )
            if is_message and isinstance(node.args[0], ast.JoinedStr):  # type: ignore[attr-defined]
                put_together.add(ast.unparse(node.args[0])[2:-1])  # type: ignore[attr-defined]
    return written, put_together


def test_every_key_in_the_source_has_a_sentence_and_every_sentence_its_key() -> None:
    written, put_together = keys_in_the_source()
    assert put_together == set(PUT_TOGETHER)
    assert written | set().union(*PUT_TOGETHER.values()) == set(wording.SENTENCES)


def test_every_sentence_is_said_of_some_tree() -> None:
    assert {each.key for each in SAID} == set(wording.SENTENCES)


def test_every_kind_has_words_in_the_examples() -> None:
    kinds = {outcome.node.kind for outcome in outcomes() if outcome.node}
    assert kinds == set(KINDS)


def is_about_what_is_met(key: str) -> bool:
    return key.startswith("group.") or key.partition(".")[2].startswith("met")


def test_what_is_met_can_be_told_to_others_and_nothing_else() -> None:
    met = {key for key in wording.SENTENCES if is_about_what_is_met(key)}
    assert set(wording.TOLD) == met - {"verdict.met", "verdict.met_undated"}
    with pytest.raises(KeyError):
        wording.told(message("course.not_started", run=RUN), NAMES)


def by_key(each: Message) -> str:
    return each.key


@pytest.mark.parametrize("each", SAID, ids=by_key)
def test_sentence_is_whole(each: Message) -> None:
    sentence = wording.sentence(each, NAMES)
    assert sentence[0] == sentence[0].upper()
    assert sentence.endswith((".", "?"))
    assert "%(" not in sentence
    assert "%%" not in sentence
    assert "  " not in sentence


@pytest.mark.parametrize("each", [each for each in SAID if each.key in wording.TOLD], ids=by_key)
def test_what_is_told_to_others_is_whole_and_has_no_grade_in_it(each: Message) -> None:
    told = wording.told(each, NAMES)
    assert told[0] in (told[0].upper(), "“")
    assert told.endswith((".", ":"))
    assert "%(" not in told
    assert "You" not in told
    if "percent" in each.params:
        assert str(each.params["percent"]) not in told.replace("2026", "")


@pytest.mark.parametrize("each", SAID, ids=by_key)
def test_sentence_of_a_message_from_a_receipt_is_the_same(each: Message) -> None:
    restored = wording.restored(json.loads(json.dumps(each.to_json())))
    assert restored == each
    assert wording.sentence(restored, NAMES) == wording.sentence(each, NAMES)


@pytest.mark.parametrize("each", SAID, ids=by_key)
def test_sentence_says_the_titles_and_not_the_keys(each: Message) -> None:
    sentence = wording.sentence(each, NAMES)
    for key in {RUN, OTHER_RUN, COURSE} | ({"uuid"} if "name" not in each.params else set()):
        assert key not in sentence or each.key.startswith("tree.")


def test_every_sentence_can_be_translated() -> None:
    for key, sentence in wording.SENTENCES.items():
        assert isinstance(sentence, Promise), key


def test_key_without_a_sentence_is_an_error() -> None:
    with pytest.raises(KeyError):
        wording.sentence(message("course.no_such_reason"), {})


@given(my.trees(), my.records())
def test_everything_can_be_said_of_every_tree_and_record(tree: Node, record: LearnerRecord) -> None:
    for each in messages_of(evaluate(tree, record, now=NOW)):
        sentence = wording.sentence(each, {})
        restored = wording.restored(json.loads(json.dumps(each.to_json())))
        assert wording.sentence(restored, {}) == sentence


# --- the sentences themselves ----------------------------------------------------------------

MANY_RUNS = tuple(f"course-v1:NordU+DL10{number}+1" for number in range(6))


@pytest.mark.parametrize(
    ("each", "sentence"),
    [
        (
            message("step.raise_grade", run=RUN, percent=61, needed=70),
            "Raise your grade in Statistics for Decision Makers: you have 61 %, 70 % are needed.",
        ),
        (
            message("course.met", run=RUN, on=at("2026-03-01"), percent=80),
            "You passed Statistics for Decision Makers on March 1, 2026; your grade is 80 %.",
        ),
        (message("step.enroll_and_pass", course=COURSE), "Enroll in Statistics and pass it."),
        (
            message("step.enroll_and_pass", runs=(RUN, OTHER_RUN)),
            "Enroll in Statistics for Decision Makers or Statistics (autumn) and pass it.",
        ),
        (
            message("course.mode_not_accepted", run=RUN, modes=("audit",), accepted=("a", "b")),
            "You have passed Statistics for Decision Makers, but your enrollment mode (audit) "
            "does not count here; a or b does.",
        ),
        (
            message("microcredential.missing", microcredential="uuid"),
            "You do not have Data Literacy yet.",
        ),
        (
            message("evidence.missing", name="uuid"),
            "“uuid” has not been handed in and accepted yet.",
        ),
        (
            message("group.credits", earned=Decimal("2.50"), needed=Decimal("10")),
            "Credits: 2.5 of 10.",
        ),
        (
            message("tree.unknown_kind_near", value="'cuorse'", near="course", known=("course",)),
            "'cuorse' is no kind of requirement. Did you mean course?",
        ),
    ],
    ids=lambda value: value.key if isinstance(value, Message) else "",
)
def test_sentence(each: Message, sentence: str) -> None:
    assert wording.sentence(each, NAMES) == sentence


def test_step_from_another_run_names_the_course_and_not_the_run_that_is_over() -> None:
    tree = group("all_of", course(), grant("g"), within_months=1)
    record = LearnerRecord(
        {RUN: passed(on="2020-01-01")}, grants={"g": DatedFact(at("2026-06-01"))}
    )
    step = explain(evaluate(read_tree(tree), record, now=NOW)).next_step
    assert step is not None
    assert wording.sentence(step, NAMES).startswith("Do Statistics again in another run")


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "DL 0"),
        (2, "DL 0 or DL 1"),
        (3, "DL 0, DL 1 or DL 2"),
        (4, "DL 0, DL 1, DL 2 or 1 other"),
        (6, "DL 0, DL 1, DL 2 or 3 others"),
    ],
)
def test_of_many_runs_the_first_few_are_named(count: int, words: str) -> None:
    names = {run: f"DL {number}" for number, run in enumerate(MANY_RUNS)}
    each = message("course.not_started", runs=MANY_RUNS[:count])
    assert wording.sentence(each, names) == f"You have not started {words}."


def test_runs_of_the_same_title_are_named_once() -> None:
    names = dict.fromkeys(MANY_RUNS, "Statistics")
    each = message("course.not_started", runs=MANY_RUNS)
    assert wording.sentence(each, names) == "You have not started Statistics."


def test_key_without_a_title_stands_for_itself() -> None:
    assert RUN in wording.sentence(message("course.met_undated", run=RUN), {})


@pytest.mark.parametrize(
    ("key", "number", "sentence"),
    [
        ("verdict.not_met", {"remaining": 1}, "1 step to go."),
        ("verdict.not_met", {"remaining": 2}, "2 steps to go."),
        ("group.all_of", {"met": 0, "needed": 1, "of": 1}, "0 of 1 requirement met."),
        ("group.all_of", {"met": 1, "needed": 3, "of": 3}, "1 of 3 requirements met."),
        ("group.any_of", {"met": 1, "needed": 1, "of": 3}, "One of these is enough; 1 is met."),
        ("group.any_of", {"met": 0, "needed": 1, "of": 3}, "One of these is enough; 0 are met."),
        (
            "group.at_least",
            {"met": 0, "needed": 1, "of": 3},
            "At least 1 of these 3 is needed; met so far: 0.",
        ),
        (
            "group.at_least",
            {"met": 1, "needed": 2, "of": 3},
            "At least 2 of these 3 are needed; met so far: 1.",
        ),
    ],
)
def test_numbers_decide_on_the_plural(key: str, number: dict[str, Any], sentence: str) -> None:
    assert wording.sentence(message(key, **number), {}) == sentence


def test_dates_are_days_in_utc() -> None:
    evening_in_new_york = datetime.fromisoformat("2026-02-28T22:00-05:00")
    for on in (evening_in_new_york, datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC)):
        each = message("course.met_ungraded", run=RUN, on=on)
        assert wording.sentence(each, NAMES).endswith("on March 1, 2026.")


def test_dates_numbers_and_lists_follow_the_readers_language() -> None:
    with translation.override("de"):
        dated = wording.sentence(message("course.met_ungraded", run=RUN, on=at("2026-03-01")), {})
        amount = wording.sentence(
            message("group.credits", earned=Decimal("2.5"), needed=Decimal("3")), {}
        )
        either = wording.sentence(message("course.not_started", runs=("A", "B")), {})
    assert "1. März 2026" in dated
    assert "2,5" in amount
    assert "A oder B" in either


def test_title_with_a_percent_sign_is_left_alone() -> None:
    each = message("course.met_undated", run=RUN)
    assert wording.sentence(each, {RUN: "100 % %(what)s"}) == "You have passed 100 % %(what)s."


# --- lines and problems ----------------------------------------------------------------------


def a_line(**fields: Any) -> Line:
    values = {
        "path": "requirements",
        "depth": 0,
        "title": "",
        "is_group": True,
        "truth": Truth.NOT_MET,
        "message": message("group.all_of", met=1, needed=2, of=2),
        "within_months": None,
    }
    return Line(**values | fields)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (a_line(), "1 of 2 requirements met."),
        (a_line(title="Basics"), "Basics: 1 of 2 requirements met."),
        (a_line(within_months=1), "Within 1 month: 1 of 2 requirements met."),
        (a_line(within_months=6), "Within 6 months: 1 of 2 requirements met."),
        (
            a_line(title="Basics", within_months=1),
            "Basics, within 1 month: 1 of 2 requirements met.",
        ),
        (
            a_line(title="Basics", within_months=6),
            "Basics, within 6 months: 1 of 2 requirements met.",
        ),
    ],
)
def test_line_has_its_title_its_window_and_its_sentence(line: Line, words: str) -> None:
    assert wording.line(line, NAMES) == words


def test_line_does_not_say_the_same_title_twice() -> None:
    tree = Grant(key="g", title="Membership")
    (line,) = explain(evaluate(tree, LearnerRecord(), now=NOW)).lines
    assert wording.line(line, NAMES) == "“Membership” has not been granted to you yet."


def test_problem_has_its_path_and_its_sentence() -> None:
    with pytest.raises(InvalidTree) as caught:
        read_tree(group("all_of", grant("g"), course(minimum_grade=700)))
    (problem,) = caught.value.problems
    assert wording.problem(problem, NAMES) == (
        "requirements.of[1].minimum_grade: This must be a whole number from 1 to 100; it is 700."
    )


# --- what a requirement asks for ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("tree", "title", "text", "options"),
    [
        ({"kind": "course", "runs": [RUN]}, "", "Pass Statistics for Decision Makers", ()),
        (
            {
                "kind": "course", "course": COURSE, "minimum_grade": 70, "certificate": True,
                "modes": ["verified", "honor"], "not_before": "2026-05-01",
                "not_after": "2026-06-30", "credits": 2.5, "title": "Stats",
            },
            "Stats",
            "Pass Statistics",
            (
                "in any run", "grade of 70 % or more", "with its certificate",
                "enrollment mode: verified or honor", "passed on May 1, 2026 or later",
                "passed by June 30, 2026", "worth 2.5 credits",
            ),
        ),
        (
            {"kind": "assessment", "runs": [RUN], "block": "b", "minimum_grade": 60},
            "", "Reach 60 % in one part of Statistics for Decision Makers", (),
        ),
        (
            {"kind": "assessment", "runs": [RUN], "block": "b", "minimum_grade": 60,
             "title": "Final exam"},
            "", "Reach 60 % in “Final exam” of Statistics for Decision Makers", (),
        ),
        (
            {"kind": "completion", "course": COURSE, "minimum_percent": 90},
            "", "Complete 90 % of Statistics", ("in any run",),
        ),
        ({"kind": "microcredential", "microcredential": "uuid"}, "", "Earn Data Literacy", ()),
        ({"kind": "program", "program": "p"}, "", "Complete the program p", ()),
        (
            {"kind": "evidence", "key": "k", "title": "A portfolio"},
            "", "Hand in “A portfolio” for a reviewer to accept", (),
        ),
        ({"kind": "attestation", "key": "k"}, "", "Have somebody confirm “k”", ()),
        ({"kind": "grant", "key": "member"}, "", "Be granted “member”", ()),
        ({"kind": "all_of", "of": [course(), course()]}, "", "All 2 of these", ()),
        ({"kind": "all_of", "of": [course()]}, "", "This one", ()),
        ({"kind": "any_of", "of": [course()], "title": "One"}, "One", "One of these", ()),
        (
            {"kind": "at_least", "n": 2, "of": [course()] * 3, "within_months": 6},
            "", "At least 2 of these 3", ("within 6 months",),
        ),
        (
            {"kind": "credits", "minimum": 12, "of": [course(credits=12)]},
            "", "At least 12 credits from these", (),
        ),
    ],
)  # fmt: skip
def test_requirement_says_what_it_asks_for(
    tree: dict[str, Any], title: str, text: str, options: tuple[str, ...]
) -> None:
    node = read_tree(tree)
    assert node is not None
    asked = wording.asked(node, NAMES)
    assert (asked.title, asked.text, asked.options) == (title, text, options)


@given(my.trees(largest=8))
def test_whatever_a_tree_asks_for_can_be_said(tree: Node) -> None:
    for _path, node in walk(tree):
        asked = wording.asked(node, {})
        assert asked.text
        assert "%(" not in asked.text
        assert all(option and "%(" not in option for option in asked.options)


@pytest.mark.parametrize(
    ("language", "name", "isolated"),
    [
        ("en", "Statistics 2", False),
        ("en", "تحليل البيانات", True),
        ("ar", "Statistics 2", True),
        ("ar", "تحليل البيانات", False),
        ("ar", "2026", False),
    ],
)
def test_name_that_runs_the_other_way_is_isolated(language: str, name: str, isolated: bool) -> None:
    with translation.override(language):
        said = wording.sentence(message("course.met_undated", run="r"), {"r": name})
    assert (f"\u2068{name}\u2069" in said) is isolated
    assert name in said
