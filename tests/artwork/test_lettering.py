"""Text fits into the round that it is set in."""

# ruff: noqa: RUF001

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.artwork.characters import characters, clean, width
from microcred_plugin.artwork.lettering import Room, fit, shortened

ROOM = Room(167, -80, 126)

TITLES = [
    "R",
    "Data Literacy",
    "Statistics for Decisions, with Distinction",
    "Datenkompetenz für Verwaltungsmitarbeiterinnen",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
    "W" * 200,
    "A Comprehensive Introduction to Responsible Artificial Intelligence " * 3,
    "تحليل البيانات للقرارات في المؤسسات العامة والخاصة وما يتصل بها من أحكام",
    "数据素养与人工智能伦理基础课程概论以及公共管理中的应用",
    "👩‍👩‍👧‍👦" * 30,
]


def lines(title: str) -> list[str]:
    return [line.text for line in fit(title, ROOM).lines]


def assert_fits(title: str) -> None:
    block = fit(title, ROOM)
    assert len(block.lines) <= 4
    for line in block.lines:
        assert width(line.text, block.size) <= ROOM.width_at(line.y, block.size)
        assert ROOM.top <= line.y <= ROOM.bottom


@pytest.mark.parametrize("title", TITLES)
def test_title_fits(title: str) -> None:
    assert_fits(title)


@given(st.text(max_size=250).map(clean))
def test_any_title_fits(title: str) -> None:
    assert_fits(title)


@given(st.lists(st.text("abcde", min_size=1, max_size=7), max_size=6).map(" ".join))
def test_short_title_is_there_in_full(title: str) -> None:
    assert " ".join(lines(title)) == title


def test_short_title_is_set_larger_than_a_long_one() -> None:
    sizes = [fit(title, ROOM).size for title in TITLES[:4]]
    assert sizes == sorted(set(sizes), reverse=True)


def test_lines_are_even() -> None:
    assert lines("Statistics for Decisions") == ["Statistics for", "Decisions"]


def test_title_that_is_too_long_ends_in_an_ellipsis() -> None:
    found = lines(TITLES[6])
    assert len(found) == 4
    assert found[0].startswith("A Comprehensive")
    assert found[-1].endswith("…")


def test_long_word_is_broken_with_a_hyphen() -> None:
    found = lines("Verwaltungsmitarbeiterinnenvertretung")
    assert len(found) > 1
    assert found[0].endswith("-")
    assert "".join(line.removesuffix("-") for line in found) == (
        "Verwaltungsmitarbeiterinnenvertretung"
    )


def test_compound_is_broken_after_its_own_hyphen() -> None:
    assert lines("Sicherheits-Grundlagenschulung")[0] == "Sicherheits-"


def test_ideographs_are_broken_anywhere_but_before_a_closing_mark() -> None:
    found = lines("数据素养与人工智能伦理，基础课程概论")
    assert len(found) > 1
    assert not any(line.startswith("，") for line in found)
    assert "".join(found) == "数据素养与人工智能伦理，基础课程概论"


def test_marks_and_joined_emoji_stay_with_their_letters() -> None:
    assert characters("e\u0301a👩‍🔬🇫🇷🇩🇪क्षि") == ("e\u0301", "a", "👩‍🔬", "🇫🇷", "🇩🇪", "क्षि")


@given(st.text(max_size=80).map(clean), st.integers(40, 300))
def test_shortened_text_has_room(text: str, room: int) -> None:
    short = shortened(text, room, 17)
    assert width(short, 17) <= room
    assert short == text or text.startswith(short.removesuffix("…"))
