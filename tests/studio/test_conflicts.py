"""Two people's changes brought together."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.definitions.api import FIELDS
from microcred_plugin.studio.conflicts import merge

BASE = {"title": "Skill", "level": "5"}


@pytest.mark.parametrize(
    ("mine", "theirs", "merged", "taken", "contested"),
    [
        pytest.param(BASE, BASE, BASE, (), (), id="nobody changed anything"),
        pytest.param({**BASE, "level": "6"}, BASE, {**BASE, "level": "6"}, (), (), id="only I"),
        pytest.param(
            BASE, {**BASE, "level": "6"}, {**BASE, "level": "6"}, ("level",), (), id="only they"
        ),
        pytest.param(
            {**BASE, "level": "6"}, {**BASE, "level": "6"}, {**BASE, "level": "6"}, (), (),
            id="both the same",
        ),
        pytest.param(
            {**BASE, "level": "6"}, {**BASE, "level": "7"}, {**BASE, "level": "6"}, (), ("level",),
            id="both, differently",
        ),
        pytest.param(
            BASE, {"title": "Skill"}, {"title": "Skill"}, ("level",), (), id="they emptied it"
        ),
        pytest.param(
            {"title": "Skill"}, {**BASE, "level": "7"}, {"title": "Skill"}, (), ("level",),
            id="I emptied what they changed",
        ),
        pytest.param(
            {"title": "Skill"}, BASE, {"title": "Skill"}, (), (), id="I emptied it"
        ),
    ],
)  # fmt: skip
def test_what_becomes_of_a_field(
    mine: dict[str, Any],
    theirs: dict[str, Any],
    merged: dict[str, Any],
    taken: tuple[str, ...],
    contested: tuple[str, ...],
) -> None:
    found = merge(base=BASE, mine=mine, theirs=theirs)
    assert (found.snapshot, found.taken, found.contested) == (merged, taken, contested)


def test_without_a_base_everything_that_differs_is_contested() -> None:
    found = merge(base=None, mine={**BASE, "level": "6"}, theirs={"title": "Other"})
    assert found.snapshot == {**BASE, "level": "6"}
    assert (found.taken, found.contested) == ((), ("title", "level"))


SNAPSHOTS = st.dictionaries(st.sampled_from(FIELDS), st.sampled_from(["a", "b", "c"]))


@given(base=SNAPSHOTS, mine=SNAPSHOTS, theirs=SNAPSHOTS)
def test_nothing_that_anybody_changed_is_lost(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    found = merge(base=base, mine=mine, theirs=theirs)
    for name in FIELDS:
        is_mine, is_theirs = (one.get(name) != base.get(name) for one in (mine, theirs))
        expected = mine if is_mine else theirs
        assert found.snapshot.get(name) == expected.get(name)
        is_contested = is_mine and is_theirs and mine.get(name) != theirs.get(name)
        assert (name in found.contested) is is_contested
