"""The map's geometry: what is above what, that nothing overlaps, and what it says in words."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.learner.stack_map import (
    CARD_HEIGHT,
    CARD_WIDTH,
    MOST_CARDS,
    StackMap,
    Station,
    draw,
    title_lines,
)


def stations(*keys: str, earned: Collection[str] = ()) -> dict[str, Station]:
    return {
        key: Station(
            key, key.title(), "en", f"/{key}", f"/{key}.svg",
            "earned" if key in earned else "open", "Earned" if key in earned else "Not begun",
        )
        for key in keys
    }  # fmt: skip


def rows(drawn: StackMap) -> list[set[str]]:
    """The keys row by row, from the top down."""
    tops = sorted({card.y for card in drawn.cards})
    return [{card.station.key for card in drawn.cards if card.y == top} for top in tops]


def test_what_stands_by_itself_has_no_map() -> None:
    assert draw(stations("a", "b"), {}) == ()


def test_components_stand_in_the_row_below_what_stacks_on_them() -> None:
    (drawn,) = draw(
        stations("mastery", "analyst", "learning", "literacy"),
        {"mastery": ["analyst", "learning"], "analyst": ["literacy"]},
    )
    assert rows(drawn) == [{"mastery"}, {"analyst", "learning"}, {"literacy"}]
    assert drawn.title == "Mastery"


def test_component_of_two_levels_stands_below_the_lower_one() -> None:
    (drawn,) = draw(stations("a", "b", "c"), {"a": ["b", "c"], "b": ["c"]})
    assert rows(drawn) == [{"a"}, {"b"}, {"c"}]
    assert len(drawn.edges) == 3


def test_stacks_that_do_not_hang_together_are_maps_of_their_own() -> None:
    maps = draw(stations("a", "x", "b", "y"), {"a": ["b"], "x": ["y"]})
    assert [{card.station.key for card in one.cards} for one in maps] == [{"a", "b"}, {"x", "y"}]


def test_line_to_what_is_earned_is_told_apart() -> None:
    (drawn,) = draw(stations("a", "b", "c", earned=["b"]), {"a": ["b", "c"]})
    assert sorted(edge.is_done for edge in drawn.edges) == [False, True]


def test_words_say_what_the_cards_say_nested_as_they_stack() -> None:
    (drawn,) = draw(stations("a", "b", "c", earned=["c"]), {"a": ["b"], "b": ["c"]})
    assert [(row.depth, row.station.title, row.station.standing) for row in drawn.text] == [
        (0, "A", "Not begun"),
        (1, "B", "Not begun"),
        (2, "C", "Earned"),
    ]


@pytest.mark.parametrize("is_last", [False, True])
def test_what_there_is_no_room_for_is_counted_and_the_top_stays(is_last: bool) -> None:
    parts = [f"part{number}" for number in range(60)]
    (drawn,) = draw(stations(*([*parts, "top"] if is_last else ["top", *parts])), {"top": parts})
    assert [card.station.key for card in drawn.cards].count("top") == 1
    assert len(drawn.cards) == MOST_CARDS
    assert len(drawn.edges) == MOST_CARDS - 1
    assert drawn.omitted == 61 - MOST_CARDS
    assert drawn.width < 1000


def test_title_of_another_direction_is_set_in_its_own() -> None:
    found = {**stations("a", "b"), "b": replace(stations("b")["b"], title="تحليل البيانات (R)")}
    (drawn,) = draw(found, {"a": ["b"]})
    assert [card.is_rtl for card in drawn.cards] == [False, True]


def test_what_is_named_twice_is_taken_apart_once() -> None:
    (drawn,) = draw(stations("a", "b", "c", "d"), {"a": ["b", "c"], "b": ["c"], "c": ["d"]})
    assert [(row.depth, row.station.key) for row in drawn.text] == [
        (0, "a"), (1, "b"), (2, "c"), (3, "d"), (1, "c"),
    ]  # fmt: skip


def test_component_that_is_not_shown_is_no_line() -> None:
    (drawn,) = draw(stations("a", "b"), {"a": ["b", "elsewhere"]})
    assert len(drawn.edges) == 1


@st.composite
def graphs(draw_: st.DrawFn) -> tuple[list[str], Mapping[str, list[str]]]:
    """Keys, each stacking only on later ones, in any order."""
    keys = [f"k{number}" for number in range(draw_(st.integers(2, 14)))]
    below = {
        key: draw_(st.lists(st.sampled_from(keys[place + 1 :]), max_size=4, unique=True))
        for place, key in enumerate(keys[:-1])
    }
    return draw_(st.permutations(keys)), below


@given(graphs())
def test_no_card_covers_another_or_stands_outside(
    graph: tuple[list[str], Mapping[str, list[str]]],
) -> None:
    keys, below = graph
    for drawn in draw(stations(*keys), below):
        for one, other in combinations(drawn.cards, 2):
            assert abs(one.x - other.x) >= CARD_WIDTH or abs(one.y - other.y) >= CARD_HEIGHT
        for card in drawn.cards:
            assert 0 <= card.x <= drawn.width - CARD_WIDTH
            assert 0 <= card.y <= drawn.height - CARD_HEIGHT
        places = {card.station.key: card.y for card in drawn.cards}
        for key, others in below.items():
            if key in places:
                assert all(places[other] > places[key] for other in others)


@given(graphs())
def test_same_stack_is_drawn_the_same(graph: tuple[list[str], Mapping[str, list[str]]]) -> None:
    keys, below = graph
    assert draw(stations(*keys), below) == draw(stations(*keys), below)


@pytest.mark.parametrize(
    ("title", "lines"),
    [
        ("Data Literacy", ("Data Literacy",)),
        ("Statistics for Decisions", ("Statistics for", "Decisions")),
        ("Statistics for Decisions, with Distinction", ("Statistics for", "Decisions, with…")),
        ("数据素养与批判性思维能力证书", ("数据素养与批判性", "思维能力证书")),
        ("W" * 50, ("W" * 16, "W" * 15 + "…")),
        ("", ("",)),
    ],
)
def test_title_is_broken_into_two_lines_at_most(title: str, lines: tuple[str, ...]) -> None:
    assert title_lines(title) == lines
