"""The requirement tree builder: what every button does, what is kept, and where errors stand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import Microcredential
from microcred_plugin.evaluation.requirements import KINDS, MAX_NODES
from microcred_plugin.studio import builder
from microcred_plugin.studio.node_forms import GROUPS, GROUPS_IN_LINE, LEAVES, fields_of
from tests.factories import all_of, any_of, any_run, at_least, course, holds, publish
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

ADDRESS = "/microcredentials/draft/"
SEARCH = "/microcredentials/builder/search/"
A, A2, B = "course-v1:NordU+A+1", "course-v1:NordU+A+2", "course-v1:NordU+B+1"
FIRST, SECOND, THIRD, FOURTH = (f"requirements.of[{position}]" for position in range(4))


def grant(key: str, **options: Any) -> dict[str, Any]:
    return {"kind": "grant", "key": key, "title": f"Grant {key}", **options}


@dataclass
class _Reader(HTMLParser):
    """The fields of the form on a page, its buttons, and the text that can be read."""

    fields: list[tuple[str, str]] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)
    focused: list[str] = field(default_factory=list)
    invalid: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    _select: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        name = has.get("name", "")
        if tag == "input" and (has.get("type") != "checkbox" or "checked" in has):
            self.fields.append((name, has.get("value", "")))
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in has:
            self.fields.append((self._select, has["value"]))
        elif tag == "button" and "disabled" not in has:
            self.buttons.append(has.get("value", ""))
        if "autofocus" in has:
            self.focused.append(has.get("value") if tag == "button" else has.get("id") or name)
        if "aria-invalid" in has:
            self.invalid.append(name)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class Page:
    """A page in a browser without scripts: what is in its fields is sent with every button."""

    def __init__(self, client: Client, html: str) -> None:
        self.client, self.html = client, html
        reader = _Reader()
        reader.feed(html)
        self.fields, self.buttons = reader.fields, reader.buttons
        self.focused, self.invalid = reader.focused, reader.invalid
        self.text = " ".join(" ".join(reader.words).split())

    @property
    def tree(self) -> Any:
        return json.loads(self.value("requirements"))

    @property
    def said(self) -> str:
        found = re.search(r"<p class=\"said[^>]*>(.*?)</p>", self.html, re.DOTALL)
        assert found is not None
        return found[1]

    def value(self, name: str) -> str:
        values = self.values(name)
        assert values, f"there is no field {name}"
        return values[-1]

    def values(self, name: str) -> list[str]:
        return [value for each, value in self.fields if each == name]

    def type(self, **typed: str | list[str]) -> Page:
        """Type into fields of the open form; a list ticks boxes."""
        for name, value in typed.items():
            self.fill(f"requirements-{name}", value)
        return self

    def fill(self, name: str, value: str | list[str]) -> Page:
        assert f'name="{name}"' in self.html, f"there is no field {name}"
        self.fields = [one for one in self.fields if one[0] != name]
        self.fields += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        return self

    def press(self, op: str, *, is_there: bool = True, **headers: str) -> Page:
        """Press a button, which has to be there, of the builder of the requirements."""
        op = f"requirements:{op}"
        assert op in self.buttons or not is_there, self.buttons
        return self.post(op, **headers)

    def post(self, op: str, **headers: str) -> Page:
        response = self.client.post(ADDRESS, self._data(op), headers=headers)
        assert response.status_code == 200
        return Page(self.client, response.content.decode())

    def save(self) -> Any:
        """What is saved; None if the page comes back."""
        response = self.client.post(ADDRESS, self._data("save"))
        is_saved = response["Content-Type"] == "application/json"
        return response.json()["requirements"] if is_saved else None

    def _data(self, op: str) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for name, value in [*self.fields, ("op", op)]:
            data.setdefault(name, []).append(value)
        return data


@pytest.fixture(autouse=True)
def _site() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.studio.builder_site"):
        yield


@pytest.fixture
def host(host: FakeHost) -> FakeHost:
    for run, title in ((A, "Algebra"), (A2, "Algebra"), (B, "Botany")):
        host.add_run(run, title=title)
    return host


def opened(tree: Any = None, **query: Any) -> Page:
    """The page with this tree."""
    client = Client()
    given = {"requirements": tree, **query}
    response = client.get(ADDRESS, {name: json.dumps(value) for name, value in given.items()})
    assert response.status_code == 200
    return Page(client, response.content.decode())


# --- the tree ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "expected", "said", "focused"),
    [
        (f"up:{SECOND}", ["b", "a", ["any_of", "c"]], "Moved up: ", f"text:{FIRST}"),
        (f"down:{FIRST}", ["b", "a", ["any_of", "c"]], "Moved down: ", f"down:{SECOND}"),
        (f"down:{SECOND}", ["a", ["any_of", "c"], "b"], "Moved down: ", f"text:{THIRD}"),
        (f"out:{THIRD}.of[0]", ["a", "b", ["any_of"], "c"], "Moved out", f"text:{FOURTH}"),
        (f"wrap:{FIRST}", [["all_of", "a"], "b", ["any_of", "c"]], "There is", f"text:{FIRST}"),
        (f"ungroup:{THIRD}", ["a", "b", "c"], "The group is gone", f"text:{THIRD}"),
        (f"remove:{FIRST}", ["b", ["any_of", "c"]], "Removed: Be granted “G", f"text:{FIRST}"),
        (
            "add:requirements:at_least",
            ["a", "b", ["any_of", "c"], ["at_least"]], "Added: At least 1", f"text:{FOURTH}",
        ),
    ],
)  # fmt: skip
def test_button_changes_the_tree_says_so_and_is_where_one_goes_on(
    host: FakeHost, op: str, expected: Any, said: str, focused: str
) -> None:
    page = opened(all_of(grant("a"), grant("b"), any_of(grant("c")))).post(f"requirements:{op}")
    assert shape(page.tree)[1:] == expected
    assert page.said.startswith(said)
    assert page.focused == [focus_of(focused)]


def shape(tree: Any) -> Any:
    if tree is None or "of" not in tree:
        return tree and tree.get("key")
    return [tree["kind"], *(shape(node) for node in tree["of"])]


def focus_of(short: str) -> str:
    """The element: a button by its operation, or the text of a node."""
    what, _colon, path = short.partition(":")
    if what == "text":
        return f"node-{path}-text".replace(".of[", "-").replace("]", "")
    return f"requirements:{short}"


def test_node_moves_into_the_group_before_it(host: FakeHost) -> None:
    page = opened(all_of(any_of(grant("a")), grant("b"))).press(f"in:{SECOND}")
    assert shape(page.tree) == ["all_of", ["any_of", "a", "b"]]
    assert page.focused == [focus_of(f"text:{FIRST}.of[1]")]


def test_node_moves_to_where_it_is_dropped(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), any_of(grant("b"), grant("c"))))
    moved = page.press(f"to:{FIRST}:{SECOND}@1", is_there=False)
    assert shape(moved.tree) == ["all_of", ["any_of", "b", "a", "c"]]
    assert "It is number 2 of 3 there." in moved.said


@pytest.mark.parametrize(
    ("op", "why"),
    [
        (f"up:{FIRST}", "It is the first in its group already."),
        (f"out:{FIRST}", "It is at the outermost level already."),
        ("ungroup:requirements", "This group holds everything together"),
        (f"to:{SECOND}:{SECOND}@0", "A group can&#x27;t be moved into itself."),
        (f"to:{FIRST}:{SECOND}@x", "This requirement is not there any more."),
        (f"remove:{FIRST}.of[4]", "This requirement is not there any more."),
        ("add:requirements:badge", "This requirement is not there any more."),
        (f"add:{FIRST}:course", "Only a group can hold other requirements."),
        ("burn:requirements", "This requirement is not there any more."),
        ("undo:requirements", "This requirement is not there any more."),
        ("run:requirements:x", "This requirement is not there any more."),
        ("gather:requirements", "This requirement is not there any more."),
    ],
)
def test_what_can_not_be_done_is_refused_and_everything_stays(
    host: FakeHost, op: str, why: str
) -> None:
    tree = all_of(grant("a"), any_of(grant("b")))
    page = opened(tree).post(f"requirements:{op}")
    assert why in page.said
    assert page.tree == tree
    assert not any(button.startswith("requirements:undo") for button in page.buttons)


def test_buttons_that_would_be_refused_can_not_be_pressed(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), any_of(grant("b"))))
    offered = {op for op in page.buttons if re.search(":(up|down|in|out):", op)}
    assert offered == {
        f"requirements:down:{FIRST}", f"requirements:up:{SECOND}",
        f"requirements:out:{SECOND}.of[0]",
    }  # fmt: skip
    assert "requirements:ungroup:requirements" not in page.buttons


def test_ticked_ones_go_into_a_group(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), grant("b"), grant("c")))
    ticked = page.fill("requirements-chosen", [THIRD, FIRST])
    gathered = ticked.press("gather:requirements")
    assert shape(gathered.tree) == ["all_of", ["all_of", "a", "c"], "b"]
    assert gathered.values("requirements-chosen") == []


def test_ticks_go_along_with_their_nodes(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), grant("b"), grant("c")))
    moved = page.fill("requirements-chosen", [FIRST, THIRD]).press(f"down:{FIRST}")
    assert moved.values("requirements-chosen") == [SECOND, THIRD]


def test_change_is_undone_and_done_again(host: FakeHost) -> None:
    tree = all_of(grant("a"), grant("b"))
    removed = opened(tree).press(f"remove:{FIRST}")
    undone = removed.press("undo:requirements")
    assert undone.tree == tree
    assert undone.focused == ["requirements:undo:requirements"]
    assert undone.press("undo:requirements").tree == removed.tree


def test_only_the_last_change_is_undone_however_often_one_looked_since(host: FakeHost) -> None:
    removed = opened(all_of(grant("a"), grant("b"))).press(f"remove:{FIRST}")
    looked = removed.press("edit:requirements").press("cancel:requirements")
    assert shape(looked.press("undo:requirements").tree) == ["all_of", "a", "b"]


# --- the line of a group -------------------------------------------------------------------------


def test_kind_and_number_are_set_in_the_line_of_a_group(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), grant("b"), grant("c"), title="Electives"))
    some = page.fill("requirements:kind", "at_least").press("set:requirements")
    assert (some.tree["n"], some.tree["title"]) == (3, "Electives")
    two = some.fill("requirements:n", "2").press("set:requirements")
    assert two.tree["n"] == 2
    assert two.text.count("At least 2 of these 3") == 2  # in the tree, and as learners read it
    credits = two.fill("requirements:kind", "credits").press("set:requirements")
    assert credits.fill("requirements:minimum", "2,5").press("set:requirements").tree == {
        "kind": "credits", "minimum": 2.5, "title": "Electives",
        "of": [grant("a"), grant("b"), grant("c")],
    }  # fmt: skip


def test_number_that_is_typed_counts_whatever_button_is_pressed(host: FakeHost) -> None:
    page = opened(at_least(2, grant("a"), grant("b"))).fill("requirements:n", "1")
    assert page.press(f"up:{SECOND}").tree["n"] == 1
    assert page.save()["n"] == 1


@pytest.mark.parametrize("typed", ["0", "many", "-1", "2.5", "", str(MAX_NODES + 1)])
def test_wrong_number_stays_with_its_error_and_nothing_is_saved(host: FakeHost, typed: str) -> None:
    page = opened(all_of(grant("z"), at_least(2, grant("a"), grant("b"))))
    page.fill(f"{SECOND}:n", typed)
    moved = page.press(f"up:{SECOND}")
    assert moved.tree["of"][0]["n"] == 2
    assert moved.value(f"{FIRST}:n") == typed
    assert moved.invalid == [f"{FIRST}:n"]
    assert "This must be a whole number from 1 to 500" in moved.text
    assert moved.save() is None
    assert moved.fill(f"{FIRST}:n", "1").save()["of"][0]["n"] == 1


# --- forms of every kind -------------------------------------------------------------------------


@pytest.fixture
def base(host: FakeHost) -> Microcredential:
    return publish("base", course(A), title="Base Camp")


def test_course_is_found_and_added(host: FakeHost) -> None:
    page = opened().press("add:requirements:course")
    assert page.focused == ["requirements-field-runs"]
    found = page.type(search="alg").press("search:requirements")
    assert found.value("requirements-search") == "alg"
    assert "Algebra NordU" in found.text
    assert f"requirements:run:requirements:{B}" not in found.buttons
    one = found.press(f"run:requirements:{A}")
    both = one.press(f"run:requirements:{A2}")
    assert both.values("requirements-runs") == [A, A2]
    only = both.press(f"drop:requirements:{A}")
    added = only.press("done:requirements")
    assert added.tree == course(A2)
    assert "Added: Pass Algebra." in added.said
    assert added.focused == ["node-requirements-text"]
    assert added.save() == course(A2)


def test_any_run_takes_the_place_of_runs_and_a_run_that_of_any(host: FakeHost) -> None:
    page = opened(course(B)).press("edit:requirements").type(search="algebra")
    any_one = page.press("search:requirements").press("any:requirements:NordU+A")
    assert (any_one.values("requirements-runs"), any_one.values("requirements-course")) == (
        [], ["NordU+A"],
    )  # fmt: skip
    assert any_one.press("done:requirements").tree == any_run("NordU+A")
    back = any_one.press(f"run:requirements:{A}")
    assert back.press("done:requirements").tree == course(A)


def test_course_that_is_still_to_come_can_be_named(host: FakeHost) -> None:
    later = "course-v1:NordU+New+1"
    page = opened().press("add:requirements:course").type(search=later)
    found = page.press("search:requirements")
    assert "Nothing has" in found.text
    taken = found.press(f"run:requirements:{later}")
    assert taken.press("done:requirements").tree == course(later)


# What is typed in each form, in what order, and what becomes of it.
FORMS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "course",
        {
            "minimum_grade": " 70 % ", "certificate": "on", "modes": ["verified", "audit"],
            "other_modes": "guided, , tutored ", "not_before": "2026-01-31",
            "not_after": "2026-12-31", "title": "Algebra, well", "credits": "2,5",
        },
        {
            "kind": "course", "runs": [A], "minimum_grade": 70, "certificate": True,
            "modes": ["verified", "audit", "guided", "tutored"], "not_before": "2026-01-31",
            "not_after": "2026-12-31", "title": "Algebra, well", "credits": 2.5,
        },
    ),
    (
        "assessment",
        {"block": "block-v1:NordU+A+1+type@sequential+block@exam", "minimum_grade": "80"},
        {"kind": "assessment", "runs": [A], "block": "exam", "minimum_grade": 80},
    ),
    (
        "completion",
        {"minimum_percent": "90", "title": "All the readings"},
        {"kind": "completion", "runs": [A], "minimum_percent": 90, "title": "All the readings"},
    ),
    (
        "program",
        {"program": "c0ffee", "title": "Data Science"},
        {"kind": "program", "program": "c0ffee", "title": "Data Science"},
    ),
    (
        "evidence",
        {"title": "A portfolio", "key": "folio"},
        {"kind": "evidence", "title": "A portfolio", "key": "folio"},
    ),
    (
        "attestation",
        {"title": "20 hours of practice"},
        {"kind": "attestation", "title": "20 hours of practice", "key": "20-hours-of-practice"},
    ),
    (
        "grant",
        {"title": "الاعتراف", "credits": "1"},
        {"kind": "grant", "title": "الاعتراف", "key": "الاعتراف", "credits": 1},
    ),
]  # fmt: skip


def filled(page: Page, kind: str, typed: dict[str, Any]) -> Page:
    if kind in ("course", "assessment", "completion"):
        page = page.press(f"run:requirements:{A}", is_there=False)
    return page.type(**typed)


@pytest.mark.parametrize(("kind", "typed", "expected"), FORMS)
def test_form_of_every_kind_makes_a_requirement_and_shows_it_again(
    host: FakeHost, kind: str, typed: dict[str, Any], expected: dict[str, Any]
) -> None:
    page = opened(all_of(grant("z"))).press("choose:requirements")
    added = filled(page.press(f"add:requirements:{kind}"), kind, typed).press("done:requirements")
    assert added.tree == all_of(grant("z"), expected)
    again = added.press(f"edit:{SECOND}")
    assert again.press(f"done:{SECOND}").tree == added.tree
    assert again.save() == added.tree


def test_microcredential_is_found_and_added(base: Microcredential) -> None:
    page = opened().press("add:requirements:microcredential").type(search="camp nordu")
    found = page.press("search:requirements")
    assert "Base Camp NordU" in found.text
    taken = found.press(f"take:requirements:{base.uuid}")
    added = taken.press("done:requirements")
    assert added.tree == holds(base)
    assert "Earn Base Camp" in added.text
    again = added.press("edit:requirements")
    assert again.value("requirements-microcredential") == str(base.uuid)
    assert again.press("done:requirements").tree == holds(base)


def test_group_has_a_form_for_the_rest_of_it(host: FakeHost) -> None:
    page = opened(all_of(at_least(2, grant("a"), grant("b")))).press(f"edit:{FIRST}")
    done = page.type(title="Electives", within_months="6", credits="3").press(f"done:{FIRST}")
    assert done.tree["of"][0] == at_least(
        2, grant("a"), grant("b"), title="Electives", within_months=6, credits=3
    )
    assert done.focused == [f"requirements:edit:{FIRST}"]


def test_kind_that_is_changed_while_the_groups_form_is_open_stays_changed(host: FakeHost) -> None:
    page = opened(all_of(grant("a"))).press("edit:requirements").fill("requirements:kind", "any_of")
    done = page.type(title="One").press("done:requirements")
    assert done.tree == any_of(grant("a"), title="One")


# Wrong input of every kind: the field, what is typed, and a part of what is said.
WRONG: list[tuple[str, str, str, str]] = [
    ("course", "runs", "", "No course is chosen yet"),
    ("course", "minimum_grade", "good", "whole number from 1 to 100"),
    ("course", "minimum_grade", "101", "whole number from 1 to 100"),
    ("course", "not_before", "soon", "This must be a day"),
    ("course", "not_after", "2026-02-30", "This must be a day"),
    ("course", "credits", "-1", "This must be a number above 0"),
    ("course", "title", "a\x07b", "control character"),
    ("assessment", "runs", "", "No course is chosen yet"),
    ("assessment", "block", "", "This is needed"),
    ("assessment", "minimum_grade", "", "This is needed"),
    ("assessment", "minimum_grade", "0", "whole number from 1 to 100"),
    ("completion", "minimum_percent", "", "This is needed"),
    ("completion", "minimum_percent", "most", "whole number from 1 to 100"),
    ("microcredential", "microcredential", "", "No microcredential is chosen yet"),
    ("program", "program", "", "This is needed"),
    ("program", "program", "p" * 256, "may have 255 at most"),
    ("evidence", "title", "", "This is needed"),
    ("attestation", "title", "  ", "This is needed"),
    ("grant", "title", "", "This is needed"),
    ("grant", "credits", "ten", "This must be a number above 0"),
]
RIGHT = {kind: typed for kind, typed, _expected in FORMS}


@pytest.mark.parametrize(("kind", "name", "typed", "said"), WRONG)
def test_wrong_input_is_kept_and_its_field_says_what_is_wrong(
    host: FakeHost, kind: str, name: str, typed: str, said: str
) -> None:
    page = opened(all_of(grant("z"))).press(f"add:requirements:{kind}", is_there=False)
    if name == "runs":
        page.type(**RIGHT[kind])
    else:
        page = filled(page, kind, RIGHT.get(kind, {}))
        page.type(**({"title": "Another"} if kind == "microcredential" else {name: typed}))
    kept = {one for one in page.fields if one[0].startswith("requirements-")}
    refused = page.press("done:requirements")
    assert refused.tree == all_of(grant("z"))
    assert said in refused.text
    in_error = re.findall(r'id="requirements-field-(\w+)-error"', refused.html)
    assert in_error == [name]
    assert refused.focused == [f"requirements-field-{name}"]
    assert kept <= set(refused.fields)
    assert refused.save() is None


def test_everything_that_is_wrong_is_said_at_once(host: FakeHost) -> None:
    page = opened().press("add:requirements:assessment").type(minimum_grade="x", credits="y")
    refused = page.press("done:requirements")
    in_error = re.findall(r'id="requirements-field-(\w+)-error"', refused.html)
    assert in_error == ["runs", "block", "minimum_grade", "credits"]


def test_text_that_is_markup_stays_text(host: FakeHost) -> None:
    evil = '"><script>alert(1)</script>'
    host.add_run(B, title=evil)
    page = opened(all_of(course(B, title=evil))).press(f"edit:{FIRST}").type(search=evil)
    shown = page.press("search:requirements")
    assert "<script>alert" not in shown.html
    assert shown.press(f"done:{FIRST}").tree == all_of(course(B, title=evil))


def test_every_kind_has_a_name_a_picture_and_a_form_for_all_that_it_has() -> None:
    assert {*LEAVES, *GROUPS} == set(KINDS)
    assert set(GROUPS_IN_LINE) == set(GROUPS)
    pictures = render_to_string("microcred_plugin/studio/builder/icons.html")
    for kind, node in KINDS.items():
        assert f'id="b-{kind}"' in pictures
        has = {spec.name for spec in fields(node)} - {"of", "n", "minimum"}
        assert has - {"course"} == {each.name for each in fields_of(kind)}


# --- what is typed is not lost -------------------------------------------------------------------


def test_form_goes_along_when_its_requirement_moves(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), grant("b"))).press(f"edit:{SECOND}").type(title="Half of a wo")
    moved = page.press(f"up:{SECOND}")
    assert shape(moved.tree) == ["all_of", "b", "a"]
    assert moved.value("requirements-title") == "Half of a wo"
    assert moved.press(f"done:{FIRST}").tree["of"][0]["title"] == "Half of a wo"


def test_form_of_a_requirement_that_is_removed_closes(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), grant("b"))).press(f"edit:{SECOND}")
    assert page.press(f"remove:{SECOND}").values("requirements-open") == []


def test_new_requirement_outlives_the_group_it_was_for(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), any_of())).press(f"add:{SECOND}:evidence", is_there=False)
    removed = page.type(title="A portfolio").press(f"remove:{SECOND}")
    assert removed.value("requirements-title") == "A portfolio"
    assert shape(removed.press("done:requirements").tree) == ["all_of", "a", "a-portfolio"]


def test_open_form_is_taken_over_when_another_opens(host: FakeHost) -> None:
    page = opened(grant("a")).press("choose:requirements")
    form = page.press("add:requirements:evidence").type(title="A portfolio")
    other = form.press("edit:requirements")
    assert shape(other.tree) == ["all_of", "a", "a-portfolio"]
    assert other.value("requirements-open") == f"edit:{FIRST}"
    assert other.value("requirements-title") == "Grant a"


def test_open_form_that_is_wrong_has_to_be_finished_before_another_opens(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), grant("b"))).press(f"edit:{FIRST}").type(title="", key="q")
    refused = page.press(f"edit:{SECOND}")
    assert "Finish or cancel it first" in refused.said
    assert refused.value("requirements-open") == f"edit:{FIRST}"
    assert refused.value("requirements-key") == "q"
    assert refused.focused == ["requirements-field-title"]


def test_open_form_that_nobody_touched_is_no_hindrance(host: FakeHost) -> None:
    page = opened(all_of(grant("a"))).press("add:requirements:course")
    assert page.press(f"edit:{FIRST}").value("requirements-open") == f"edit:{FIRST}"
    assert page.save() == all_of(grant("a"))


def test_what_is_typed_is_saved_without_pressing_done(host: FakeHost) -> None:
    page = opened(all_of(grant("a"))).press(f"edit:{FIRST}").type(title="New words")
    assert page.save() == all_of(grant("a", title="New words"))


def test_cancelled_form_changes_nothing(host: FakeHost) -> None:
    page = opened(all_of(grant("a"))).press(f"edit:{FIRST}").type(title="New words")
    cancelled = page.press(f"cancel:{FIRST}")
    assert cancelled.tree == all_of(grant("a"))
    assert cancelled.values("requirements-open") == []
    assert cancelled.focused == [f"requirements:edit:{FIRST}"]


def test_short_names_that_are_made_up_differ(host: FakeHost) -> None:
    page = opened(all_of())
    for _time in range(3):
        form = page.press("add:requirements:grant", is_there=False).type(title="Prior learning")
        page = form.press("done:requirements")
    keys = [node["key"] for node in page.tree["of"]]
    assert keys == ["prior-learning", "prior-learning-2", "prior-learning-3"]


def test_tree_that_can_not_be_read_is_kept_as_it_came_and_never_saved(host: FakeHost) -> None:
    for text in ("{", '{"kind": "badge"}', "[" * 100_000, "1" * 5000):
        page = opened(grant("a")).fill("requirements", text).post("requirements:up:requirements")
        assert page.value("requirements") == text
        assert "can&#x27;t be read" in page.said
        assert page.save() is None


def test_three_builders_do_not_mix(host: FakeHost) -> None:
    page = opened(grant("a"), eligibility=grant("b"), renewal=all_of(grant("c")))
    changed = page.post("renewal:remove:renewal.of[0]")
    assert [json.loads(changed.value(name)) for name in definitions.TREES] == [
        grant("a"), grant("b"), all_of(),
    ]  # fmt: skip


def test_what_hinders_saving_is_listed_and_only_then(host: FakeHost) -> None:
    page = opened(at_least(1, grant("a"))).fill("requirements:n", "many")
    form = page.press("add:requirements:course").type(minimum_grade="x")
    assert "put right first" not in form.press("done:requirements").text
    todo = form.post("save").html.split('class="notice bad to-do"')[1].split("</ul>")[0]
    assert re.findall(r'href="#([\w-]+)">([^<]*)</a>', todo) == [
        ("node-requirements", "At least 1 of these 1"),
        ("requirements-form", "Course"),
        ("requirements-form", "Course"),
    ]


# --- with htmx -----------------------------------------------------------------------------------


def test_only_the_builder_comes_back_to_htmx(host: FakeHost) -> None:
    page = opened(all_of(grant("a"), grant("b")))
    part = page.press(f"up:{SECOND}", **{"HX-Request": "true"})
    assert part.html.startswith('<div class="builder" id="builder-requirements"')
    assert "<form" not in part.html
    assert "builder-renewal" not in part.html
    assert shape(part.tree) == ["all_of", "b", "a"]


@pytest.mark.parametrize(
    ("query", "found", "not_found"),
    [
        ({"for": "runs", "requirements-search": "algebra"}, [A, A2, "any:"], [B]),
        ({"for": "runs", "requirements-search": " "}, [], [A, A2, B]),
        ({"for": "microcredential", "requirements-search": "base"}, ["Base Camp"], [A]),
    ],
)
def test_search_field_is_answered_with_buttons(
    base: Microcredential, query: dict[str, str], found: list[str], not_found: list[str]
) -> None:
    response = Client().get(SEARCH, {"builder": "requirements", **query})
    text = response.content.decode()
    assert [part for part in (*found, *not_found) if part in text] == found


@pytest.mark.parametrize(
    "query", [{}, {"builder": "x", "for": "runs"}, {"builder": "renewal", "for": "learners"}]
)
def test_search_for_anything_else_is_not_there(host: FakeHost, query: dict[str, str]) -> None:
    assert Client().get(SEARCH, query).status_code == 404


def test_more_than_can_be_shown_is_said(host: FakeHost) -> None:
    for number in range(21):
        host.add_run(f"course-v1:NordU+Z{number}+1", title="Zoology")
    page = opened().press("add:requirements:course").type(search="zoology")
    found = page.press("search:requirements")
    assert found.said == "20 found."
    assert "There is more." in found.text


# --- what stands where ---------------------------------------------------------------------------


def test_outline_and_sentences_follow_every_change(host: FakeHost) -> None:
    page = opened(all_of(course(A), course(B)))
    assert page.text.count("Pass Botany") == 2
    assert page.press(f"remove:{SECOND}").text.count("Pass Botany") == 1  # what was removed
    changed = page.press(f"edit:{FIRST}").type(minimum_grade="75").press(f"done:{FIRST}")
    assert changed.text.count("grade of 75 % or more") == 2


def test_faults_stand_at_their_nodes(host: FakeHost) -> None:
    faults = [
        (f"{SECOND}.runs", "There is no course run."),
        (f"{FIRST}", "This one is odd."),
        ("requirements.of[9].n", "That one is gone."),
        ("eligibility", "Another tree."),
        ("title", "Another field."),
    ]
    page = opened(all_of(grant("a"), course(A)), faults=faults)
    first, second = (
        page.html.split(f'id="node-requirements-{place}"')[1].split("</li>")[0] for place in (0, 1)
    )
    assert "This one is odd." in first
    assert "There is no course run." in second
    todo = page.html.split('class="notice bad to-do"')[1].split("</ul>")[0]
    assert re.findall(r'href="#([\w-]+)">([^<]*)</a>: ([^<]*)<', todo) == [
        ("node-requirements-1", "Pass Algebra", "There is no course run."),
        ("node-requirements-0", "Be granted “Grant a”", "This one is odd."),
    ]
    assert "<li>That one is gone.</li>" in todo
    assert "Another field." not in page.text


def test_fault_of_a_field_that_is_open_stands_at_the_field(host: FakeHost) -> None:
    client = Client()
    faults = json.dumps([(f"{FIRST}.runs", "There is no course run.")])
    html = client.post(
        f"{ADDRESS}?faults={faults}",
        {"requirements": json.dumps(all_of(course(A))), "op": f"requirements:edit:{FIRST}"},
    ).content.decode()
    error = html.split('id="requirements-field-runs-error"')[1].split("</div>")[0]
    assert "There is no course run." in error


def test_what_would_forbid_publishing_is_hinted_at(host: FakeHost) -> None:
    page = opened(all_of(any_of(), at_least(3, grant("a"))))
    assert "This group is empty" in page.html.split('id="node-requirements-0"')[1].split("</li>")[0]
    assert "asks for 3 of its requirements, but has only 1" in page.text


def test_platform_that_can_not_answer_costs_nobody_what_they_typed(host: FakeHost) -> None:
    page = opened(all_of(course(A), course(B))).press(f"edit:{FIRST}").type(title="New words")
    host.fail_with(RuntimeError("down"), "course_runs", "search_runs")
    shown = page.type(search="algebra").press("search:requirements")
    assert "you see their keys" in shown.text
    assert "could not be searched just now" in shown.text
    assert f"Pass {A}" in shown.text
    assert shown.value("requirements-title") == "New words"


@pytest.mark.parametrize("count", [3, 30, 300])
def test_queries_do_not_depend_on_the_number_of_nodes(
    base: Microcredential, host: FakeHost, count: int
) -> None:
    leaves = [(course(A), any_run("NordU+B"), holds(base))[place % 3] for place in range(count)]
    tree = all_of(*(any_of(*leaves[start : start + 9]) for start in range(0, count, 9)))
    page = opened(tree)
    host.calls.clear()
    with CaptureQueriesContext(connection) as queries:
        moved = page.press(f"remove:{FIRST}.of[0]")
    assert len(queries) == 1
    del host.calls["site"]  # which the demo asks, to frame its pages
    assert host.calls == {"course_runs": 1}
    assert moved.text.count("Earn Base Camp") == 2 * (count // 3)


def test_search_costs_one_query_more(base: Microcredential, host: FakeHost) -> None:
    page = opened(holds(base)).press("edit:requirements").type(search="base")
    host.calls.clear()
    with CaptureQueriesContext(connection) as queries:
        page.press("search:requirements")
    del host.calls["site"]
    assert (len(queries), host.calls) == (2, {})


def test_operation_for_another_part_of_the_form_is_none(host: FakeHost) -> None:
    assert builder.parse("save", "requirements") is None
    assert builder.parse("renewal:up:renewal", "requirements") is None
    found = builder.parse(f"requirements:run:requirements:{A}", "requirements")
    assert found == builder.Operation("requirements", "run", "requirements", A)
