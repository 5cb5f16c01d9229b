"""The part of YAML that definitions are written in: nothing is lost, and nothing is guessed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.definitions.api import DefinitionRefused
from microcred_plugin.definitions.plain_yaml import dump, line_of, load

# Everything that a definition can hold: no halves of characters, and of control characters only
# those that texts are made of. Drawn often: whatever means something to YAML, or to some reader.
texts = st.text(
    st.sampled_from("\n\n\t  ab:#-'\"|>&*!%@`{}[],?~=\\\u00a0\u2028\u2029\x85\ufeff\u200f\u202e🦆é")
    | st.characters(exclude_categories=["Cs"], min_codepoint=32),
    max_size=40,
)
words = st.sampled_from(
    ["yes", "no", "on", "null", "~", "", " ", "1", "1.5", "1e3", "0x1", "010", "1_000", "1:30",
     "2026-01-31", "<<", "=", "true", "---", "...", "- a", "a: b", "# a", "!a", "*a", "&a", "\n"]
)  # fmt: skip
scalars = (
    texts
    | words
    | st.integers(-(10**17), 10**17)
    | st.decimals("0", "99999", places=2).map(float)
    | st.booleans()
    | st.none()
)
datas = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcdef"), inner, max_size=4)
    ),
    max_leaves=10,
)


@given(datas)
def test_what_is_written_is_what_is_read(data: Any) -> None:
    assert load(dump(data))[1] == data


@given(datas)
def test_what_is_written_every_reader_of_yaml_understands(data: Any) -> None:
    assert yaml.safe_load(dump(data)) == data


def test_text_of_several_lines_is_written_in_lines() -> None:
    assert dump({"a": "First.\n\nSecond.\n"}) == "a: |\n  First.\n\n  Second.\n"


def test_same_thing_twice_is_written_twice() -> None:
    node = {"kind": "course"}
    assert dump([node, node]) == "- kind: course\n- kind: course\n"


def test_lines_are_those_of_the_file() -> None:
    lines, data = load("a:\n  - b: 1\n    c:\n      d: 2\n\n  - e\n")
    assert data == {"a": [{"b": 1, "c": {"d": 2}}, "e"]}
    assert lines == {"a": 1, "a[0]": 2, "a[0].b": 2, "a[0].c": 3, "a[0].c.d": 4, "a[1]": 6}


@pytest.mark.parametrize(
    ("path", "line"),
    [("a[0].c", 3), ("a[0].c.x.y", 3), ("a[0].x", 2), ("a[7]", 1), ("x", 0), ("", 0), ("[", 0)],
)
def test_line_of_what_is_missing_is_that_of_what_is_around_it(path: str, line: int) -> None:
    assert line_of(path, {"a": 1, "a[0]": 2, "a[0].c": 3}) == line


def test_unquoted_word_is_a_number_or_a_flag_only_where_nobody_can_mean_anything_else() -> None:
    text = "[1, -1, 1.5, true, False, null, ~, no, On, 010, 0x1, 1_0, 1:30, 1e3, .5, 2026-01-31]"
    assert load(text)[1] == [
        1, -1, 1.5, True, False, None, None, "no", "On", "010", "0x1", "1_0", "1:30", "1e3", ".5",
        "2026-01-31",
    ]  # fmt: skip


@pytest.mark.parametrize("digits", [18, 19, 5000])
def test_number_without_end_is_a_text(digits: int) -> None:
    data = load("9" * digits)[1]
    assert isinstance(data, int) is (digits == 18)


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ("a:\n  b: [1, 2\nc: 3\n", "line 3", "This is not YAML: while parsing a flow sequence"),
        ("a: b: c", "line 1", "mapping values are not allowed here"),
        ("a:\n\tb: 1", "line 2", "found character '\\t'"),
        ("a: 'b\n", "line 2", "found unexpected end of stream"),
        ("- a\nb: c", "line 2", "expected <block end>"),
        ("a: @b", "line 1", "cannot start any token"),
        ("a\n---\nb", "line 2", "expected a single document"),
        ("%YAML 9.9\n---\na", "line 1", "found incompatible YAML document"),
        ("%YAML " + "9" * 5000 + ".1\n---\na", "line 1", "This is not YAML"),
        ('a: 1\nb: "\\UFFFFFFFF"', "line 2", "This is not YAML"),
        ("a: 1\nb: \x00", "line 2", "There is a control character in this text"),
        ("a: 1\nb: \ud800", "line 2", "There is a control character in this text"),
        ("a: &x 1\nb: *x", "line 2", "Aliases (*name) are not read; write it out."),
        ("a: &x [*x]", "line 1", "Aliases"),
        ("a: !!bool maybe", "line 1", "Tags (!name) are not read"),
        ("a: !!timestamp 2026", "line 1", "Tags"),
        ("a: !!python/object/apply:os.system [ls]", "line 1", "Tags"),
        ("!!set {a}", "line 1", "Tags"),
        ("a: ! b", "line 1", "Tags"),
        ("[" * 5000, "line 1", "This is nested too deeply."),
        ("{a: " * 5000, "line 1", "This is nested too deeply."),
        ("\n" + "- " * 5000, "line 2", "This is nested too deeply."),
        ("a: 1\n2: b", "line 2", "The name of a field must be a text. Quote it."),
        ("~: b", "line 1", "The name of a field must be a text."),
        ("[a]: b", "line 1", "The name of a field must be a text."),
        ("? {a: b}\n: c", "line 1", "The name of a field must be a text."),
        ("a: 1\nb:\n  c: 1\n  c: 2", "b.c (line 4)", "“c” stands here twice; keep one."),
        ("a: 1\n'a': 2", "a (line 2)", "“a” stands here twice"),
        ("- {a, a}", "[0].a (line 1)", "“a” stands here twice"),
        ("a: " + "x" * 10_000_000, "", "more than 10 million characters. Divide it."),
    ],
    ids=lambda value: value[:20],
)
def test_file_that_cannot_be_read_is_refused_with_the_line(
    text: str, place: str, says: str
) -> None:
    with pytest.raises(DefinitionRefused) as error:
        load(text)
    (fault,) = error.value.faults
    assert fault.path == place
    assert says in fault.sentence


def test_every_name_that_stands_twice_is_said() -> None:
    with pytest.raises(DefinitionRefused) as error:
        load("a: 1\na: 2\nb: 1\nb: 2\n")
    assert [fault.path for fault in error.value.faults] == ["a (line 2)", "b (line 4)"]


@pytest.mark.parametrize("text", ["", "\n", "# nothing", "---", "\ufeff", "~"])
def test_empty_file_holds_nothing(text: str) -> None:
    assert load(text)[1] is None
