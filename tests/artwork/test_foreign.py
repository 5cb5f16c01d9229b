"""Drawings of others: made apart, so that none of them takes the server with it."""

from __future__ import annotations

import pytest

from microcred_plugin.artwork import Badge, NotDrawn, draw, png, png_of_foreign


def svg(inside: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">{inside}</svg>'


def test_drawing_comes_out_as_if_it_had_been_drawn_here() -> None:
    drawing = draw(Badge(key="a", title="Data Literacy", organization="NordU"), is_small=False)
    assert png_of_foreign(drawing, 128) == png(drawing, 128)


@pytest.mark.parametrize(
    "drawing",
    [
        pytest.param(
            svg(
                '<pattern id="p" width="200000" height="200000" patternUnits="userSpaceOnUse">'
                '<path d="M0 0H9V9z"/></pattern><path fill="url(#p)" d="M0 0H512V512z"/>'
            ),
            id="all memory",
        ),
        pytest.param(svg("<g>" * 20_000 + "<path/>" + "</g>" * 20_000), id="all of the stack"),
        pytest.param(svg('<circle r="1e9" stroke="red" stroke-dasharray="1"/>'), id="panic"),
        pytest.param("not a drawing", id="no drawing"),
    ],
)
def test_drawing_that_ends_its_process_ends_no_other(drawing: str) -> None:
    with pytest.raises(NotDrawn):
        png_of_foreign(drawing, 1024)


def test_drawing_that_takes_too_long_is_given_up() -> None:
    layer = '<g opacity=".5"><path d="M0 0H512V512H0z"/><path d="M0 0H9V9z"/></g>'
    with pytest.raises(NotDrawn):
        png_of_foreign(svg(layer * 2000), 1024, seconds=1)


def test_size_that_is_none_of_a_badge_is_not_drawn() -> None:
    with pytest.raises(NotDrawn):
        png_of_foreign(svg("<path/>"), 100_000)
