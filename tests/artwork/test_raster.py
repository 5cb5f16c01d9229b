"""Badges as PNGs."""

# ruff: noqa: RUF001

from __future__ import annotations

from itertools import combinations, pairwise
from math import hypot

import pytest

from microcred_plugin.artwork import draw, png
from tests.artwork import Pixels, badge, decoded, without_texts

SMALL = 32


def pixels(svg: str, size: int = 256) -> Pixels:
    return decoded(png(svg, size))


def lettered(svg: str) -> list[tuple[int, int]]:
    """Where there is text."""
    return pixels(svg).different(pixels(without_texts(svg)))


@pytest.mark.parametrize("size", [16, 32, 400])
def test_png_has_the_size_asked_for(size: int) -> None:
    assert pixels(draw(badge(), is_small=True), size).size == (size, size)


@pytest.mark.parametrize("size", [-1, 0, 15, 1025])
def test_size_out_of_bounds_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match=f"from 16 to 1024; it is {size}"):
        png(draw(badge(), is_small=True), size)


def test_what_is_no_drawing_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown token"):
        png("a badge", 64)


@pytest.mark.parametrize("depth", [1, 5])
@pytest.mark.parametrize("is_small", [True, False])
def test_ground_is_transparent_around_the_seal(depth: int, is_small: bool) -> None:
    rows = pixels(draw(badge(depth=depth), is_small=is_small), 128).rows
    assert {rows[y][x][3] for x in (0, -1) for y in (0, -1)} == {0}
    assert {row[0][3] for row in rows} | {pixel[3] for pixel in rows[0]} == {0}
    assert {pixel[3] for pixel in rows[-1]} == {0}
    assert rows[50][64][3] == 255


def test_keys_of_one_organization_differ_in_a_fair_share_of_a_small_picture() -> None:
    drawn = [pixels(draw(badge(f"{at}"), is_small=True), SMALL) for at in range(16)]
    shares = sorted(len(one.different(other)) / SMALL**2 for one, other in combinations(drawn, 2))
    assert shares[0] > 0
    assert shares[len(shares) // 20] > 0.1
    assert shares[len(shares) // 2] > 0.2


def test_each_plate_more_is_seen_in_a_small_picture() -> None:
    drawn = [pixels(draw(badge(depth=depth), is_small=True), SMALL) for depth in (1, 2, 3, 4, 5)]
    assert all(len(one.different(other)) / SMALL**2 > 0.1 for one, other in pairwise(drawn))


def test_page_is_seen_between_the_plates() -> None:
    # Not by colour alone: down the middle, below the seal, ground and plates take turns.
    rows = pixels(draw(badge(depth=4), is_small=True)).rows
    opaque = [row[128][3] > 128 for row in rows]
    edges = [y for y in range(1, 256) if opaque[y] != opaque[y - 1]]
    assert len(edges) == 2 * 4


@pytest.mark.parametrize(
    "title",
    [
        "Data Literacy",
        "Statistics for Decisions, with Distinction",
        "Datenkompetenz für Verwaltungsmitarbeiterinnen",
        "WWWWWWWWW MMMMMMMMMMMMMMMMMMMM",
        "Жёлтый щит, Ющенко и Шмидт",
        "Στατιστική για αποφάσεις",
        "تحليل البيانات للقرارات",
        "w" * 200,
    ],
)
@pytest.mark.parametrize("is_small", [True, False])
def test_letters_stay_inside_the_band(title: str, is_small: bool) -> None:
    drawing = draw(badge(title=title, organization="Harbor Safety Academy"), is_small=is_small)
    ink = lettered(drawing)
    assert len(ink) > 100
    assert max(hypot(x - 128, y - 128) for x, y in ink) < 89


@pytest.mark.parametrize("letters", ["Data", "Данные", "Δεδομένα", "بيانات", "נתונים"])
def test_letters_of_many_scripts_are_drawn(letters: str) -> None:
    # Where a font has none of them, it has the same box for each.
    other_way = letters[::-1]
    drawn, reversed_ = (draw(badge(title=title), is_small=False) for title in (letters, other_way))
    assert lettered(drawn) != lettered(reversed_)


def test_arabic_letters_are_joined() -> None:
    # Told not to join, the same letters take more room.
    joined = draw(badge(title="تحليل"), is_small=False)
    apart = joined.replace("تحليل", "\u200c".join("تحليل"))
    widths = []
    for drawing in (joined, apart):
        title = [x for x, y in lettered(drawing) if y > 85]
        widths.append(max(title) - min(title))
    assert widths[0] < widths[1] * 0.9


def test_text_from_right_to_left_ends_at_the_left() -> None:
    # The full stop belongs to the end of the line, and that is where such a line ends.
    drawing = draw(badge(title="تحليل."), is_small=False)
    ink = [(x, y) for x, y in lettered(drawing) if y > 85]
    start, end = max(x for x, _y in ink), min(x for x, _y in ink)
    at_start = {y for x, y in ink if x > start - 5}
    at_end = {y for x, y in ink if x < end + 5}
    assert len(at_end) < 8 < len(at_start)
    assert min(at_end) > 128
