"""A learner shares an award, under another name, and stops; without a script as well."""

from __future__ import annotations

import pytest

from demo.who_shares import KIRI
from tests.browser.places import HOME
from tests.browser.reading import OpenPage, follow, section, unfold
from tests.browser.site import Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.mark.parametrize("has_script", [True, False])
def test_learner_shares_an_award_and_stops(
    open_page: OpenPage, site: Site, has_script: bool
) -> None:
    path = site.award("fatima_z", "data-literacy")
    page = open_page(path, "fatima_z", java_script_enabled=has_script)
    assert open_page(path).get_by_role("heading", level=1).inner_text() == "Nothing is shared here"
    page.get_by_label("With my grades").uncheck()
    follow(page.get_by_role("button", name="Share this award"))
    assert "Shared" in section(page, "Sharing").get_by_role("heading").inner_text()

    visitor = open_page(path)
    assert visitor.get_by_role("heading", level=1).inner_text() == "Data Literacy"
    assert (
        "Everything that was checked just now is in order."
        in section(visitor, "Checked just now").inner_text()
    )
    assert "%" not in section(visitor, "What was met").inner_text()

    follow(page.get_by_role("button", name="Stop sharing"))
    assert "Only you see it" in section(page, "Sharing").inner_text()
    visitor.reload()
    assert visitor.get_by_role("heading", level=1).inner_text() == "Nothing is shared here"


def test_address_is_copied(open_page: OpenPage, site: Site) -> None:
    path = site.award(KIRI, "data-analyst")
    page = open_page(path, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button", name="Copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == f"{site.url}{path}"
    unfold(page, "QR code")
    assert page.get_by_role("img", name="QR code of the page").is_visible()


def test_address_can_be_selected_without_a_script(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.award(KIRI, "data-analyst"), java_script_enabled=False)
    assert page.get_by_label("Address of the page").input_value().startswith(site.url)
    assert page.get_by_role("button", name="Copy").count() == 0


def test_name_that_others_see_follows_what_is_chosen(open_page: OpenPage) -> None:
    page = open_page(f"{HOME}sharing/", KIRI)
    seen = page.get_by_role("status")
    assert seen.inner_text() == "Kiri Te Wharau"
    page.get_by_label("My user name").check()
    assert seen.inner_text() == KIRI
    page.get_by_label("The name that others see").fill("Kiri T. W.")
    assert page.get_by_label("A name that I write here").is_checked()
    assert seen.inner_text() == "Kiri T. W."
    page.get_by_label("No name").check()
    assert seen.inner_text() == "no name"
