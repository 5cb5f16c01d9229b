"""The colours of a badge can be told apart, and its texts be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.artwork.colors import Colors, colors_of, contrast
from microcred_plugin.artwork.digest import Digest

KEYS = [f"key {at}" for at in range(12)]


def assert_legible(colors: Colors) -> None:
    assert contrast(colors.ink, colors.plate) >= 7
    assert contrast(colors.metal, colors.plate) >= 4.5
    assert contrast(colors.engraving, colors.metal) >= 7
    assert contrast(colors.ornament, colors.band) >= 2
    assert contrast(colors.thread, colors.band) >= 2


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#ff0000", "#00ff00", 2.91)],
)
def test_contrast_is_that_of_the_guidelines(one: str, other: str, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.01)
    assert contrast(other, one) == contrast(one, other)


@given(st.text(max_size=30), st.sampled_from(KEYS))
def test_texts_of_any_organization_can_be_read(organization: str, key: str) -> None:
    assert_legible(colors_of(organization, None, Digest(key)))


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "color",
    ["#ffffff", "#000000", "#ffff00", "#FFA500", "#ff0000", "#00ff00", "#00ffff", "#0000ff"],
)
def test_texts_on_a_given_color_can_be_read(color: str, key: str) -> None:
    assert_legible(colors_of("NordU", color, Digest(key)))


@given(st.integers(0, 0xFFFFFF), st.sampled_from(KEYS))
def test_texts_on_any_color_can_be_read(number: int, key: str) -> None:
    assert_legible(colors_of("NordU", f"#{number:06x}", Digest(key)))


@pytest.mark.parametrize("color", ["#a31f34", "#123456", "#f2b705", "#ffffff"])
def test_plate_has_the_color_that_is_given(color: str) -> None:
    assert contrast(colors_of("NordU", color, Digest("key")).plate, color) < 1.1


@pytest.mark.parametrize("color", [None, "", "red", "#fff", "#12345g", "#1234567", "url(#x)"])
def test_what_is_no_color_is_as_none(color: str | None) -> None:
    expected = colors_of("NordU", None, Digest("key"))
    assert colors_of("NordU", color, Digest("key")) == expected


def test_organizations_have_different_plates() -> None:
    plates = {colors_of(f"University {at}", None, Digest("key")).plate for at in range(200)}
    assert len(plates) == 16


def test_badges_of_one_organization_have_its_plate_and_ornaments_of_their_own() -> None:
    colors = [colors_of("NordU", None, Digest(key)) for key in KEYS]
    assert len({each.plate for each in colors}) == 1
    assert len({each.ornament for each in colors}) > 3
