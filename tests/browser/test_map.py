"""The map of the stack: every card a link, by Tab and by arrow keys, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.places import HOME, HUNDREDS
from tests.browser.reading import OpenPage, unfold_all
from tests.browser.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

TOP, LEFT, RIGHT = "Data Science Mastery", "Data Analyst", "Machine Learning Practitioner"
BELOW = ("Data Literacy", "Statistics for Decisions", "Visual Analytics")


def map_of(page: Page, title: str = TOP) -> Locator:
    """The drawing whose top is this; its name is in no language but the author's."""
    return page.get_by_role("group", name=title, exact=True)


def focused(page: Page) -> str:
    """The name of what has the keyboard's focus."""
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def title_of(name: str) -> str:
    return name.rsplit(":", 1)[0]


def go(page: Page, *keys: str) -> str:
    for key in keys:
        page.keyboard.press(key)
    return title_of(focused(page))


def test_every_card_is_a_link_whose_name_says_title_and_standing(open_page: OpenPage) -> None:
    page = open_page(HOME, "priya_sharma")
    cards = map_of(page).get_by_role("link")
    names = {str(card.get_attribute("aria-label")) for card in cards.all()}
    assert names == {
        "Data Science Mastery: Not begun",
        "Data Analyst: Suspended",
        "Machine Learning Practitioner: Not begun",
        "Data Literacy: Earned",
        "Statistics for Decisions: Earned",
        "Visual Analytics: Not begun",
    }
    for name in names:
        assert map_of(page).get_by_role("link", name=name, exact=True).count() == 1


def test_tab_reaches_every_card_and_leaves_the_map_again(open_page: OpenPage) -> None:
    page = open_page(HOME, "priya_sharma")
    page.get_by_role("region", name=f"Map of the stack: {TOP}").focus()
    reached = [go(page, "Tab") for _card in range(6)]
    assert sorted(reached) == sorted([TOP, LEFT, RIGHT, *BELOW])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.innerText") == "The same in words"


# The drawing is the same in both directions of writing: left stays left.
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_arrow_keys_move_to_the_card_in_their_direction(open_page: OpenPage, locale: str) -> None:
    page = open_page(HOME, "kiri_tw", locale=locale)
    assert page.locator("html").get_attribute("dir") == ("rtl" if locale == "ar" else "ltr")
    cards = map_of(page).get_by_role("link").all()
    places = {
        title_of(str(card.get_attribute("aria-label"))): card.bounding_box() for card in cards
    }
    left, right = sorted([LEFT, RIGHT], key=lambda title: places[title]["x"])
    below = sorted(BELOW, key=lambda title: places[title]["x"])
    map_of(page).get_by_role("link", name=left).focus()
    assert go(page, "ArrowUp") == TOP
    assert go(page, "ArrowDown") in (left, right)
    map_of(page).get_by_role("link", name=left).focus()
    assert go(page, "ArrowRight") == right
    assert go(page, "ArrowLeft") == left
    assert go(page, "ArrowDown") in below
    map_of(page).get_by_role("link", name=below[0]).focus()
    assert [go(page, "ArrowRight"), go(page, "ArrowRight")] == below[1:]
    assert [go(page, "ArrowLeft"), go(page, "ArrowLeft")] == below[1::-1]


def test_arrow_key_where_no_card_lies_stays_where_it_is(open_page: OpenPage) -> None:
    page = open_page(HOME, "kiri_tw")
    map_of(page).get_by_role("link", name=TOP).focus()
    assert go(page, "ArrowUp") == TOP
    assert go(page, "ArrowLeft") == TOP
    assert go(page, "ArrowRight") == TOP


def test_enter_opens_the_card(open_page: OpenPage, site: Site) -> None:
    page = open_page(HOME, "kiri_tw")
    map_of(page).get_by_role("link", name=LEFT).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{site.microcredential('data-analyst')}")
    assert page.get_by_role("heading", level=1).inner_text() == LEFT


def test_card_that_an_arrow_key_goes_to_is_scrolled_into_view_on_a_phone(
    open_page: OpenPage,
) -> None:
    page = open_page(HOME, "kiri_tw", viewport={"width": 360, "height": 700})
    frame = page.get_by_role("region", name=f"Map of the stack: {TOP}")
    cards = map_of(page).get_by_role("link")
    boxes = {card: card.bounding_box() for card in cards.all()}
    lowest = max(box["y"] for box in boxes.values())
    row = sorted(
        (card for card, box in boxes.items() if box["y"] == lowest),
        key=lambda card: boxes[card]["x"],
    )
    row[0].focus()
    for card in row[1:]:
        page.keyboard.press("ArrowRight")
        inside, outside = card.bounding_box(), frame.bounding_box()
        assert inside["x"] >= outside["x"] - 1
        assert inside["x"] + inside["width"] <= outside["x"] + outside["width"] + 1


@pytest.mark.parametrize("learner", ["priya_sharma", HUNDREDS])
def test_the_same_in_words_says_what_the_cards_say(open_page: OpenPage, learner: str) -> None:
    page = open_page(HOME, learner)
    unfold_all(page)
    maps = page.get_by_role("figure").all()
    assert len(maps) >= 2
    for figure in maps:
        cards = figure.get_by_role("region").get_by_role("link")
        drawn = cards.evaluate_all(
            "(all) => all.map((one) => [one.getAttribute('aria-label'), one.href.baseVal])"
        )
        told = figure.get_by_role("listitem").evaluate_all(
            """(all) => all.map((one) => {
              const [link, standing] = one.children;
              return [`${link.innerText}: ${standing.innerText}`, link.getAttribute("href")];
            })"""
        )
        assert set(map(tuple, told)) == set(map(tuple, drawn))


def test_map_without_room_for_all_keeps_its_top_and_says_how_many_are_left_out(
    open_page: OpenPage,
) -> None:
    page = open_page(HOME, HUNDREDS)
    full = page.get_by_role("figure").filter(has_text="5 more belong to this stack")
    assert full.get_by_role("region").get_by_role("link").count() == 40
    assert full.get_by_role("link", name="Generalist: Earned").count() == 1


_BESIDE_ITS_CARD = """
(cards) => cards.filter((card) => {
  const frame = card.querySelector("rect").getBoundingClientRect();
  return [...card.querySelectorAll("text")].some((text) => {
    const box = text.getBoundingClientRect();
    return box.left < frame.left + 4 || box.right > frame.right - 4;
  });
}).map((card) => card.getAttribute("aria-label"))
"""


def test_long_titles_stay_within_their_cards(open_page: OpenPage) -> None:
    page = open_page(HOME, HUNDREDS)
    cards = page.get_by_role("figure").get_by_role("region").get_by_role("link")
    assert cards.count() > 60
    assert cards.evaluate_all(_BESIDE_ITS_CARD) == []
