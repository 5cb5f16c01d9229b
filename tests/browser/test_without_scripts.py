"""With scripts switched off everything can be read, and forms work."""

from __future__ import annotations

import pytest

from tests.browser.places import CATALOG, HOME, PLACES, Place
from tests.browser.reading import OpenPage, follow, section, titles, unfold_all
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

READ = {
    "home with a suspended badge", "catalog of a learner", "microcredential of a learner",
    "suspended award", "course of a learner", "learners of a course", "support explained",
}  # fmt: skip
PAGES = [place for place in PLACES if place.name in READ]


@pytest.mark.parametrize("place", PAGES, ids=str)
def test_page_says_the_same_without_scripts(open_page: OpenPage, site: Site, place: Place) -> None:
    said = []
    for has_scripts in (True, False):
        page = open_page(place.path(site), place.learner, java_script_enabled=has_scripts)
        page.wait_for_load_state()
        unfold_all(page)
        said.append(page.locator("body").inner_text())
    assert len(said[0]) > 200
    assert said[1] == said[0]


def test_every_kind_of_page_is_read_without_scripts() -> None:
    assert {place.name for place in PAGES} == READ


def test_search_works_without_scripts(open_page: OpenPage) -> None:
    page = open_page(CATALOG, java_script_enabled=False)
    page.get_by_role("searchbox", name="Search").fill("Data Literacy")
    page.get_by_role("combobox", name="Organisation").select_option("NordU")
    follow(page.get_by_role("button", name="Search"))
    found = [heading.inner_text() for heading in page.get_by_role("heading", level=2).all()]
    assert "Data Literacy" in found
    assert "Safe at Work" not in found
    assert page.get_by_role("searchbox", name="Search").input_value() == "Data Literacy"
    follow(page.get_by_role("link", name="Clear"))
    assert page.get_by_role("searchbox", name="Search").input_value() == ""


def test_award_is_hidden_and_shown_again_without_scripts(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.award("li_wei", "visual-analytics"), "li_wei", java_script_enabled=False)
    follow(page.get_by_role("button", name="Hide it from my page"))
    home = open_page(HOME, "li_wei", java_script_enabled=False)
    assert "Visual Analytics" not in titles(section(home, "Earned"))
    follow(page.get_by_role("button", name="Show it on my page"))
    home.reload(wait_until="domcontentloaded")
    assert "Visual Analytics" in titles(section(home, "Earned"))


def test_tab_reaches_every_card_of_a_map_without_scripts(open_page: OpenPage) -> None:
    page = open_page(HOME, "kiri_tw", java_script_enabled=False)
    frame = page.get_by_role("region", name="Map of the stack: Data Science Mastery")
    frame.focus()
    for _card in frame.get_by_role("link").all():
        page.keyboard.press("Tab")
        assert frame.locator(":focus").count() == 1
