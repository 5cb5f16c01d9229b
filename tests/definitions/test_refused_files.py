"""What careless, sleepy and hostile authors write: one sentence for each, and no trace."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.files import KNOWN
from microcred_plugin.evaluation.requirements import KINDS
from tests.definitions import SPRING, UNKNOWN, draft, make, refusal, rows
from tests.factories import any_of, course, publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("host")]

HEAD = "format: microcredentials/1\nmicrocredentials:\n"
ENTRY = HEAD + "- slug: data\n  organization: NordU\n  title: Data\n"


def refused(text: str, **options: Any) -> dict[str, str]:
    """What is said of each place in the file, and that nothing of it was kept."""
    return refusal(definitions.import_definitions, text=text, **options)


def entry(**fields: Any) -> str:
    """A file with one definition, which begins in line 3."""
    fields = {"slug": "data", "organization": "NordU", "title": "Data", **fields}
    return HEAD + yaml.safe_dump([fields], sort_keys=False)


# --- the file ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "# nothing", "just text", "5", "[]", "- slug: data", "{}", "microcredentials: []",
     "format: microcredentials/2\nmicrocredentials: []", "format: [microcredentials/1]",
     "format:\n", "Format: microcredentials/1"],
)  # fmt: skip
def test_file_that_is_none_of_ours_is_refused(text: str) -> None:
    (place,) = said = refused(text)
    assert place.startswith("format")
    assert said[place] == "The file has to begin with “format: microcredentials/1”."


@pytest.mark.parametrize("listed", ["", "data", "5", "{slug: data}", "~"])
def test_definitions_that_are_no_list_are_refused(listed: str) -> None:
    said = refused(f"format: microcredentials/1\nmicrocredentials: {listed}\n")
    assert said == {"microcredentials (line 2)": "This must be a list of definitions."}


def test_definitions_that_are_missing_are_refused() -> None:
    assert refused("format: microcredentials/1\n") == {
        "microcredentials": "This must be a list of definitions."
    }


def test_field_of_the_file_that_there_is_none_of_is_refused() -> None:
    assert refused("format: microcredentials/1\nmicrocredential: []\nmicrocredentials: []\n") == {
        "microcredential (line 2)": "There is no field “microcredential”; did you mean "
        "“microcredentials”?"
    }


@pytest.mark.parametrize("one", ["data", "5", "[]", "~", "true", "[slug]"])
def test_definition_that_is_none_is_refused(one: str) -> None:
    (place,) = said = refused(f"{HEAD}- {{slug: a, organization: A, title: A}}\n- {one}\n")
    assert place == "microcredentials[1] (line 4)"
    assert said[place].startswith("This must be a definition, with a slug and its fields; it is ")


# --- who it is about ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["slug", "organization", "title"])
@pytest.mark.parametrize("value", ["absent", None])
def test_what_is_missing_is_named(name: str, value: str | None) -> None:
    fields = {"slug": "data", "organization": "NordU", "title": "Data", name: value}
    if value == "absent":
        del fields[name]
    said = refused(HEAD + yaml.safe_dump([fields], sort_keys=False))
    (place,) = {place.split(" ")[0] for place in said}
    assert place == f"microcredentials[0].{name}"
    assert f"“{name}” is missing." in said.values()


@pytest.mark.parametrize(
    ("fields", "place", "says"),
    [
        ({"slug": 2026}, "slug", "This must be a text; it is 2026. If that is the text, quote it."),
        ({"slug": True}, "slug", "This must be a text; it is True"),
        ({"slug": ["data"]}, "slug", "This must be a text; it is ['data']"),
        ({"slug": {"en": "data"}}, "slug", "This must be a text"),
        ({"slug": "data literacy"}, "slug", "Enter a valid “slug”"),
        ({"slug": "données"}, "slug", "Enter a valid “slug”"),
        ({"slug": ""}, "slug", "This must not be empty."),
        ({"slug": "x" * 101}, "slug", "at most 100 characters"),
        ({"organization": 5}, "organization", "This must be a text"),
        ({"organization": " "}, "organization", "This must not be empty."),
        ({"title": 5}, "title", "This must be a text"),
        ({"title": "x" * 256}, "title", "at most 255 characters"),
        ({"title": "a\x07"}, "title", "There is a control character in this text"),
        ({"visibility": "everybody"}, "visibility", "one of public, organization, unlisted"),
        ({"visibility": ["public"]}, "visibility", "This must be a text"),
        ({"uuid": "no-uuid"}, "uuid", "'no-uuid' is not a UUID. Leave it out to have one made."),
        ({"uuid": 5}, "uuid", "5 is not a UUID"),
        ({"uuid": [UNKNOWN]}, "uuid", "is not a UUID"),
        ({"uuid": ""}, "uuid", "'' is not a UUID"),
        ({"orgnization": "X"}, "orgnization", "did you mean “organization”?"),
        ({"requirement": {}}, "requirement", "did you mean “requirements”?"),
        ({"switch": "off"}, "switch", "There is no field “switch”"),
        ({"names": {}}, "names", "There is no field “names”"),
        ({"x" * 3000: 5}, "x" * 3000, "There is no field “" + "x" * 80 + "”. The fields are"),
        ({"we[ird.": 5}, "we[ird.", "There is no field “we[ird.”"),
    ],
    ids=str,
)
def test_identity_that_does_not_hold_together_is_refused(
    fields: dict[str, Any], place: str, says: str
) -> None:
    (found,) = said = refused(entry(**fields))
    assert found.startswith(f"microcredentials[0].{place} (line ")
    assert says in said[found]


def test_slug_that_stands_twice_is_refused() -> None:
    text = ENTRY + "- slug: data\n  organization: Harbor\n  title: Other\n"
    assert refused(text) == {
        "microcredentials[1].slug (line 6)": "“data” stands in the file twice."
    }


def test_uuid_that_stands_twice_is_refused() -> None:
    entries = [
        {"slug": slug, "uuid": text, "organization": "NordU", "title": "T"}
        for slug, text in (("one", UNKNOWN), ("two", UNKNOWN.upper()))
    ]
    said = refused(HEAD + yaml.safe_dump(entries, sort_keys=False))
    assert said == {"microcredentials[1].slug (line 7)": "“two” stands in the file twice."}


@pytest.mark.parametrize("is_known", [False, True])
def test_slug_of_another_microcredential_is_refused(is_known: bool) -> None:
    taken, other = make("data"), make("other")
    text = entry(uuid=str(other.uuid if is_known else UNKNOWN))
    assert refused(text) == {
        "microcredentials[0].slug (line 3)": "“data” is another microcredential on this site, "
        f"with the uuid {taken.uuid}."
    }


# --- what it says ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "place", "says"),
    [
        ("  requirements: pass the exam\n", "requirements (line 6)", "must be a requirement"),
        ("  requirements: 5\n", "requirements (line 6)", "must be a requirement"),
        ("  requirements: [a]\n", "requirements (line 6)", "must be a requirement"),
        ("  requirements:\n    - kind: course\n", "requirements (line 6)", "must be a requirement"),
        ("  requirements:\n    kind: [course]\n", "requirements (line 6)", "no kind of"),
        ("  requirements:\n    kind: curse\n", "requirements (line 6)", "Did you mean course?"),
        ("  requirements:\n    course: A+B\n", "requirements (line 6)", "is no kind of"),
        ("  requirements:\n    kind: all_of\n    of: A\n", "requirements.of (line 8)", "a list"),
        ("  requirements:\n    kind: all_of\n    of:\n    - kind: grant\n",
         "requirements.of[0] (line 9)", "needs the field key"),
        ("  requirements:\n    kind: course\n    runs: [5]\n", "requirements.runs (line 8)",
         "must be a text"),
        ("  requirements:\n    kind: course\n    runs: DL101\n", "requirements.runs (line 8)",
         "must be a list"),
        ("  requirements:\n    kind: course\n    runs: [DL101]\n", "requirements.runs (line 8)",
         "“DL101” is not a course key."),
        ("  requirements:\n    kind: course\n    course: DL101\n", "requirements.course (line 8)",
         "“DL101” does not name a course."),
        ("  requirements:\n    kind: course\n    course: A+B\n    certificate: yes\n",
         "requirements.certificate (line 9)", "must be true or false; it is 'yes'"),
        ("  requirements:\n    kind: course\n    course: A+B\n    minimum_grade: 70%\n",
         "requirements.minimum_grade (line 9)", "must be a whole number from 1 to 100"),
        ("  requirements:\n    kind: course\n    course: A+B\n    minimum_grade: 0.7\n",
         "requirements.minimum_grade (line 9)", "must be a whole number"),
        ("  requirements:\n    kind: course\n    course: A+B\n    not_after: 2026-02-30\n",
         "requirements.not_after (line 9)", "must be a day, written like 2026-05-31"),
        ("  requirements:\n    kind: course\n    course: A+B\n    not_after: 31.05.2026\n",
         "requirements.not_after (line 9)", "must be a day"),
        ("  requirements:\n    kind: course\n    course: A+B\n    not_after: 2026-05-31 10:00\n",
         "requirements.not_after (line 9)", "must be a day"),
        ("  requirements:\n    kind: course\n    course: A+B\n    minimum_grde: 70\n",
         "requirements.minimum_grde (line 9)", "Did you mean minimum_grade?"),
        ("  requirements:\n    kind: microcredential\n    microcredential: nothing\n",
         "requirements.microcredential (line 8)", "There is no microcredential “nothing”."),
        ("  requirements:\n    kind: microcredential\n    microcredential: 5\n",
         "requirements.microcredential (line 8)", "must be a text"),
        ("  requirements:\n    kind: microcredential\n    microcredential: \"\\ud800\"\n",
         "requirements.microcredential (line 8)", "control character"),
        ("  requirements:\n    kind: microcredential\n    microcredential: \"\\0\"\n",
         "requirements.microcredential (line 8)", "control character"),
        ("  supersedes: \"\\0\"\n", "supersedes (line 6)", "There is no microcredential '"),
        ("  supersedes: \"\\ud800\"\n", "supersedes (line 6)", "There is no microcredential '"),
        ("  requirements:\n    kind: at_least\n    n: two\n    of: []\n",
         "requirements.n (line 8)", "must be a whole number"),
        ("  requirements:\n    kind: credits\n    minimum: .inf\n    of: []\n",
         "requirements.minimum (line 8)", "must be a number above 0"),
        ("  eligibility:\n    kind: course\n    runs: [x]\n", "eligibility.runs (line 8)", "“x”"),
        ("  renewal:\n    kind: any_of\n    of:\n    - kind: course\n      runs: [x]\n",
         "renewal.of[0].runs (line 10)", "“x”"),
        ("  supersedes: nothing\n", "supersedes (line 6)", "There is no microcredential 'nothing'"),
        ("  supersedes: [data]\n", "supersedes (line 6)", "There is no microcredential ['data']"),
        ("  supersedes: data\n", "supersedes (line 6)", "“data” can't supersede itself."),
        ("  skills: Reading\n", "skills (line 6)", "This must be a list; it is 'Reading'"),
        ("  skills:\n  - Reading\n", "skills[0] (line 7)", "A skill needs a “name”."),
        ("  skills:\n  - name: A\n    code: 0113\n  - name: B\n    code: 113\n",
         "skills[1].code (line 10)", "This must be a text; it is 113."),
        ("  level: 6\n", "level (line 6)", "This must be a text; it is 6."),
        ("  description: [a, b]\n", "description (line 6)", "This must be a text"),
        ("  workload_hours: 2,5\n", "workload_hours (line 6)", "must be a number"),
        ("  workload_hours: 1:30\n", "workload_hours (line 6)", "must be a number"),
        ("  validity_months: 2 years\n", "validity_months (line 6)", "must be a whole number"),
        ("  validity_months: 0\n", "validity_months (line 6)", "must be from 1 to 1200"),
        ("  grace_days: 99999999999\n", "grace_days (line 6)", "99999999999"),
        ("  needs_approval: yes\n", "needs_approval (line 6)", "true or false; it is 'yes'"),
        ("  policy: Keep\n", "policy (line 6)", "one of keep, suspend, revoke; it is 'Keep'"),
        ("  titel: Data\n", "titel (line 6)", "There is no field “titel”; did you mean “title”?"),
        ("  description: \"a\\ud800\"\n", "description (line 6)", "control character"),
        ("  description: \"a\\0\"\n", "description (line 6)", "control character"),
    ],
    ids=str,
)  # fmt: skip
def test_content_that_does_not_hold_together_is_refused_with_path_and_line(
    content: str, place: str, says: str
) -> None:
    said = refused(ENTRY + content)
    assert set(said) == {f"microcredentials[0].{place}"}
    assert says in said[f"microcredentials[0].{place}"]


def test_everything_that_is_wrong_is_said_at_once_in_the_order_of_the_file() -> None:
    text = f"""{HEAD}\
- slug: one
  organization: NordU
  titel: One
  requirements: {{kind: course, runs: [x]}}
- slug: two
  organization: NordU
  title: Two
  policy: punish
  requirements:
    kind: all_of
    of:
    - {{kind: microcredential, microcredential: one}}
    - {{kind: microcredential, microcredential: three}}
"""
    assert list(refused(text)) == [
        "microcredentials[0].title (line 3)",
        "microcredentials[0].titel (line 5)",
        "microcredentials[0].requirements.runs (line 6)",
        "microcredentials[1].policy (line 10)",
        "microcredentials[1].requirements.of[1].microcredential (line 15)",
    ]


def test_one_that_is_refused_keeps_all_from_being_imported() -> None:
    draft(make("known"), course(SPRING))
    good = [
        {"slug": slug, "organization": "Changed", "title": "T", "requirements": course(SPRING)}
        for slug in ("known", "new")
    ]
    bad = {"slug": "bad", "organization": "NordU", "title": "T", "requirements": any_of()}
    text = HEAD + yaml.safe_dump([*good, bad])
    assert [path.split(" ")[0] for path in refused(text, and_publish=True)] == [
        "microcredentials[2].requirements"
    ]
    assert len(definitions.import_definitions(text)) == 3


def test_circle_in_a_file_is_refused_when_it_is_published() -> None:
    def one(slug: str, other: str) -> dict[str, Any]:
        node = {"kind": "microcredential", "microcredential": other}
        return {"slug": slug, "organization": "NordU", "title": slug, "requirements": node}

    publish("a", course(SPRING))
    text = HEAD + yaml.safe_dump([one("a", "b"), one("b", "a")], sort_keys=False)
    (place,) = said = refused(text, and_publish=True)
    assert place == "microcredentials[0].requirements.microcredential (line 8)"
    assert "Take one of the two out." in said[place] or "not published yet" in said[place]


def test_file_that_asks_for_itself_is_refused_when_it_is_published() -> None:
    node = {"kind": "microcredential", "microcredential": "data"}
    said = refused(entry(requirements=node), and_publish=True)
    assert said == {
        "microcredentials[0].requirements.microcredential (line 8)": "“data” can't ask for itself."
    }


def test_requirements_without_end_are_refused_without_being_read() -> None:
    nodes = [{"kind": "grant", "key": "a"} for _ in range(5000)]
    text = entry(requirements={"kind": "all_of", "of": nodes})
    (sentence,) = refused(text).values()
    assert sentence.startswith("There may be at most 500 requirements")


def test_groups_without_end_are_refused() -> None:
    tree: dict[str, Any] = {"kind": "grant", "key": "a"}
    for _level in range(40):
        tree = {"kind": "all_of", "of": [tree]}
    (sentence,) = refused(entry(requirements=tree)).values()
    assert sentence.startswith("Groups may be nested at most 12 levels deep")


# --- whatever it is ----------------------------------------------------------------------------

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from([SPRING, "NordU+DL101", "data", "public", "2026-01-31", "\x00", "", " "])
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kind", "of", "runs", "course", "n", "minimum", "key", "name"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
        | st.fixed_dictionaries({"kind": st.sampled_from(list(KINDS)), "of": st.lists(inner)})
    ),
    max_leaves=8,
)


@given(
    entries=st.lists(
        junk
        | st.dictionaries(st.sampled_from(KNOWN), junk, max_size=6).map(
            lambda fields: {"slug": "data", "organization": "NordU", "title": "Data", **fields}
        ),
        max_size=2,
    ),
    and_publish=st.booleans(),
)
@hypothesis_settings(max_examples=150)
def test_whatever_stands_in_a_file_it_is_imported_or_refused(
    entries: list[Any], and_publish: bool
) -> None:
    try:
        text = HEAD + yaml.safe_dump(entries, sort_keys=False)
        text.encode()
    except (UnicodeEncodeError, ValueError):
        return
    before, faults = rows(), None
    try:
        definitions.import_definitions(text, and_publish=and_publish)
    except definitions.DefinitionRefused as error:
        faults = error.faults
    if faults is None:
        exported = definitions.export_definitions(definitions.list_microcredentials())
        definitions.import_definitions(exported)
    else:
        assert faults
        assert all(fault.sentence for fault in faults)
        assert rows() == before


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "replace")))
@hypothesis_settings(max_examples=150)
def test_whatever_is_no_definition_is_refused(text: str) -> None:
    for whole in (text, HEAD + text, ENTRY + "  " + text):
        before, is_refused = rows(), False
        try:
            definitions.import_definitions(whole)
        except definitions.DefinitionRefused:
            is_refused = True
        assert not is_refused or rows() == before
