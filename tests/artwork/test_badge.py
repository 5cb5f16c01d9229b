"""The drawing of a badge."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.artwork import Badge, draw
from tests.artwork import SVG, badge, texts, title

LONG = "A Thorough Introduction to the Foundations of Responsible Artificial Intelligence " * 3

# Any text at all, also with what no document may have in it.
anything = st.text(st.characters(exclude_categories=()), max_size=60)


def test_same_badge_is_always_the_same_drawing() -> None:
    assert draw(badge(level="EQF 5", depth=3)) == draw(badge(level="EQF 5", depth=3))


def test_drawing_is_the_same_in_another_process() -> None:
    # Where the order of a set or hash() had a part in it, it would not be.
    code = "from tests.artwork import badge, draw; print(ascii(draw(badge(level='5', depth=2))))"
    drawn = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert drawn == [ascii(draw(badge(level="5", depth=2)))] * 2


@given(
    st.builds(
        Badge,
        key=anything,
        title=anything,
        organization=anything,
        organization_color=st.none() | anything,
        level=anything,
        depth=st.integers(-2, 99),
    )
)
def test_any_text_gives_a_well_formed_document(told: Badge) -> None:
    root = ElementTree.fromstring(draw(told).encode())
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 512 512"


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><b onload="x">', "R&D &amp; 'x'"])
def test_markup_in_a_text_is_text(text: str) -> None:
    drawing = draw(Badge("key", text, text, text, text))
    root = ElementTree.fromstring(drawing)
    assert title(drawing) == f"{text}, {text}, {text}"
    assert {element.tag for element in root.iter()}.isdisjoint({f"{SVG}script", f"{SVG}b"})
    assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)


def test_characters_that_xml_forbids_are_dropped() -> None:
    drawing = draw(badge(title="Da\x00ta\ud800 \x08Lit\ufffferacy\x1b"), is_small=False)
    assert title(drawing) == "Data Literacy, NordU"


@pytest.mark.parametrize("depth", [1, 5])
def test_drawing_refers_to_nothing_but_itself(depth: int) -> None:
    drawing = draw(badge(title=LONG, level="EQF 5", depth=depth))
    root = ElementTree.fromstring(drawing)
    names = {element.get("id") for element in root.iter()}
    references = re.findall(r'href="([^"]*)"|url\(([^)]*)\)', drawing)
    assert {(one or other).removeprefix("#") for one, other in references} <= names
    assert drawing.count("http") == 1  # the namespace
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "style", "g", "defs", "path", "mask", "use", "circle", "rect", "text")
    }


def test_large_rendition_tells_title_level_and_organization() -> None:
    drawing = draw(badge(level="EQF 5"), is_small=False)
    assert " ".join(texts(drawing)) == "Data Literacy NordU EQF 5"


def test_small_rendition_has_the_monogram_alone() -> None:
    assert texts(draw(badge(level="EQF 5"), is_small=True)) == ["DL"]


def test_badge_without_a_level_has_no_ground_for_one() -> None:
    assert "<rect" in draw(badge(level="EQF 5"))
    assert "<rect" not in draw(badge(level=" "))


def test_without_a_choice_both_renditions_are_there_and_a_media_query() -> None:
    drawing = draw(badge())
    assert [line for line in texts(drawing) if line in ("NordU", "DL")] == ["NordU", "DL"]
    assert "@media (max-width:140px)" in drawing
    assert "@media" not in draw(badge(), is_small=True) + draw(badge(), is_small=False)


def test_document_is_an_image_with_a_name() -> None:
    drawing = draw(badge(level="EQF 5"))
    assert ElementTree.fromstring(drawing).get("role") == "img"
    assert title(drawing) == "Data Literacy, EQF 5, NordU"


def test_all_lines_of_a_title_from_right_to_left_say_so() -> None:
    # Also one that has Latin letters alone.
    drawing = draw(badge(title="البرمجة بلغات Python وغيرها"), is_small=False)
    lines = list(ElementTree.fromstring(drawing).iter(f"{SVG}text"))
    assert len(lines) > 2
    assert [line.get("direction") for line in lines] == ["rtl"] * (len(lines) - 1) + [None]


def test_keys_make_badges_of_one_organization_distinct() -> None:
    drawings = {draw(badge(f"{at}"), is_small=True) for at in range(200)}
    assert len(drawings) == 200


def test_each_plate_of_a_stack_is_drawn() -> None:
    edges = [draw(badge(depth=depth), is_small=False).count("mask=") for depth in range(0, 8)]
    assert edges == [0, 0, 1, 2, 3, 4, 4, 4]


def test_renditions_on_one_page_share_no_name() -> None:
    # One page may show the same microcredential, stacked higher later.
    drawings = [
        draw(badge(depth=depth), is_small=small) for depth in (2, 3) for small in (True, False)
    ]
    names = [set(re.findall(r' id="([^"]*)"', drawing)) for drawing in drawings]
    assert all(one.isdisjoint(other) for one, other in combinations(names, 2))


def test_largest_drawing_stays_small() -> None:
    sizes = [
        len(draw(badge(f"{at}", title=LONG, level=LONG, depth=5)).encode()) for at in range(60)
    ]
    assert max(sizes) < 12_000
