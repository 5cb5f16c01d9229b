"""What happened to the special learners of the recording, as their own pages tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.places import HOME, HUNDREDS, NOBODY, ONE
from tests.browser.reading import OpenPage, follow, section, titles, unfold
from tests.browser.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Locator

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def lines(part: Locator) -> list[str]:
    """The lines of an award's history without their dates: what happened, and why."""
    return [
        " ".join(line.inner_text().split("\n")[1:]) for line in part.get_by_role("listitem").all()
    ]


# --- suspended -----------------------------------------------------------------------------------


def test_priya_sees_what_was_suspended_and_the_course_that_brings_it_back(
    open_page: OpenPage,
) -> None:
    page = open_page(HOME, "priya_sharma")
    assert section(page, "Earned").get_by_role("link", name="Data Analyst").inner_text().endswith(
        "Suspended"
    )  # fmt: skip
    lost = section(page, "Under way").get_by_role("listitem").first
    assert lost.get_by_role("heading").inner_text() == "Data Analyst"
    assert "Suspended" in lost.inner_text()
    step = lost.get_by_role("link", name="Pass SQL for Analysts: you have 40 % so far.")
    follow(step)
    assert page.get_by_role("heading", level=1).inner_text() == "SQL for Analysts"


def test_page_of_priyas_suspended_award_says_why_and_what_to_do_next(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(site.award("priya_sharma", "data-analyst"), "priya_sharma")
    assert "it comes back by itself" in page.get_by_role("main").inner_text()
    assert (
        "You have 40 % in SQL for Analysts, which is not enough to pass."
        in section(page, "What was no longer met").inner_text()
    )
    assert "your grade is 84 %" in section(page, "What was met").inner_text()
    assert lines(section(page, "History")) == [
        "Earned Everything that it asks for was met on Aug. 15, 2026.",
        "Suspended What it asks for was no longer met.",
    ]
    follow(page.get_by_role("link", name="See what to do next"))
    assert section(page, "Where you stand").get_by_role("link", name="Pass SQL").is_visible()


def test_priya_keeps_what_its_policy_keeps(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.award("priya_sharma", "data-studies"), "priya_sharma")
    assert section(page, "What was no longer met").count() == 0
    assert lines(section(page, "History")) == [
        "Earned Everything that it asks for was met on Aug. 15, 2026."
    ]


def test_history_of_fatimas_award_says_that_it_was_suspended_and_came_back(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(site.award("fatima_z", "data-literacy"), "fatima_z")
    assert lines(section(page, "History")) == [
        "Earned Everything that it asks for was met on April 18, 2026.",
        "Suspended What it asks for was no longer met.",
        "Reinstated Everything that it asks for was met.",
    ]
    assert section(page, "What was no longer met").count() == 0
    home = open_page(HOME, "fatima_z")
    held = section(home, "Earned").get_by_role("link", name="Data Literacy").inner_text()
    assert "Suspended" not in held


# --- revoked -------------------------------------------------------------------------------------


def test_anas_revoked_badge_stands_under_what_has_ended_and_not_under_earned(
    open_page: OpenPage,
) -> None:
    page = open_page(HOME, "ana_conceicao")
    assert "Visual Analytics" not in titles(section(page, "Earned"))
    ended = unfold(page, "Ended").get_by_role("link")
    assert ended.inner_text().startswith("Visual Analytics")
    assert ended.inner_text().endswith("Revoked")
    assert (
        section(page, "Under way")
        .get_by_role("link", name="Pass Visual Analytics and Dashboards: you have 37 % so far.")
        .is_visible()
    )


def test_page_of_anas_revoked_award_says_why(open_page: OpenPage, site: Site) -> None:
    page = open_page(site.award("ana_conceicao", "visual-analytics"), "ana_conceicao")
    assert "It was revoked, because what it asks for is no longer met." in (
        page.get_by_role("main").inner_text()
    )
    assert (
        "You have 37 % in Visual Analytics and Dashboards, which is not enough to pass."
        in section(page, "What was no longer met").inner_text()
    )
    assert "your grade is 70 %" in section(page, "What was met").inner_text()


def test_anas_parent_of_the_revoked_badge_is_suspended_because_of_it(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(site.award("ana_conceicao", "data-analyst"), "ana_conceicao")
    lost = section(page, "What was no longer met").inner_text()
    assert "Your Visual Analytics was revoked." in lost
    assert "You have 50 % in SQL for Analysts" in lost


def test_noa_reads_that_the_certificate_was_declared_invalid(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(HOME, "noa_levi")
    assert titles(section(page, "Earned")) == ["Safe at Work"]
    follow(unfold(page, "Ended").get_by_role("link", name="Chemical Hazard Awareness"))
    assert (
        "Your certificate for Chemical Hazard Awareness was declared invalid."
        in section(page, "What was no longer met").inner_text()
    )
    assert "your grade is 71 %" in section(page, "What was met").inner_text()


# --- earned all the same -------------------------------------------------------------------------


def test_zofia_keeps_what_she_earned_in_a_course_that_she_is_not_in_any_more(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(HOME, "zofia_w")
    assert "Visual Analytics" in titles(section(page, "Earned"))
    course = open_page("/courses/course-v1:NordU+VA210+2026_Spring/", "zofia_w")
    assert "You are not enrolled." in course.get_by_role("main").inner_text()
    award = open_page(site.award("zofia_w", "visual-analytics"), "zofia_w")
    assert lines(section(award, "History")) == [
        "Earned Everything that it asks for was met on May 16, 2026."
    ]


def test_nakamura_has_statistics_by_the_run_that_was_passed_in_autumn(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(site.award("nakamura_yuki", "statistics-for-decisions"), "nakamura_yuki")
    assert (
        "You passed Statistics for Decision Makers on Nov. 21, 2026; your grade is 82 %."
        in section(page, "What was met").inner_text()
    )


def test_samuel_has_what_only_the_verified_track_leads_to(open_page: OpenPage, site: Site) -> None:
    page = open_page(HOME, "samuel_adeyemi")
    follow(section(page, "Earned").get_by_role("link", name="Machine Learning Practitioner"))
    met = section(page, "What was met").inner_text()
    assert "The course on the verified track" in met
    assert "You have 65 % in this part of Machine Learning in Practice; 60 % were needed." in met


def test_samuel_who_has_met_everything_reads_what_eligibility_waits_for(
    open_page: OpenPage,
) -> None:
    page = open_page(HOME, "samuel_adeyemi")
    waiting = section(page, "Under way").get_by_role("listitem").filter(
        has=page.get_by_role("heading", name="Incident Investigator")
    )  # fmt: skip
    assert "You have met everything. It waits until you are eligible." in waiting.inner_text()
    assert waiting.get_by_role("link", name="Earn Safe at Work.").is_visible()


def test_kiri_has_everything_and_the_distinction_takes_the_place_of_the_level_below(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(HOME, "kiri_tw")
    below = "Statistics for Decisions"
    shown = titles(section(page, "Earned"))
    assert len(shown) == len(site.awards["kiri_tw"]) - 1 == 12
    assert f"{below}, with Distinction" in shown
    assert below not in shown
    assert titles(unfold(page, "Levels below one that you hold")) == [below]
    assert section(page, "Under way").count() == 0
    assert section(page, "One step away").count() == 0


# --- nothing, one, and three hundred -------------------------------------------------------------


def test_mehmet_who_has_no_badge_sees_what_is_to_be_done_and_a_way_on(
    open_page: OpenPage,
) -> None:
    page = open_page(HOME, "mehmet_y")
    assert page.get_by_role("heading", name="Your first badge will appear here").is_visible()
    assert section(page, "Earned").count() == 0
    assert section(page, "Under way").get_by_role("link", name="Pass SQL").first.is_visible()
    follow(page.get_by_role("link", name="See what your courses count towards"))
    assert page.get_by_role("checkbox", name="Counts courses I am in").is_checked()
    assert page.get_by_role("heading", name="Data Studies").is_visible()


def test_newcomer_who_is_in_no_course_is_led_to_the_catalog(open_page: OpenPage) -> None:
    page = open_page(HOME, NOBODY)
    assert section(page, "Under way").count() == 0
    follow(page.get_by_role("link", name="See what can be earned"))
    assert page.get_by_role("heading", level=1).inner_text() == "What can be earned"
    assert page.get_by_role("main").get_by_role("listitem").count() > 0


def test_only_badge_is_shown_and_what_it_counts_towards_is_under_way(open_page: OpenPage) -> None:
    page = open_page(HOME, ONE)
    assert titles(section(page, "Earned")) == ["Data Literacy"]
    assert "Data Analyst" in titles(section(page, "Under way"))


def test_three_hundred_badges_are_on_as_many_pages_as_it_takes(
    open_page: OpenPage, site: Site
) -> None:
    page = open_page(HOME, HUNDREDS)
    pages = page.get_by_role("navigation", name="Pages")
    first = titles(section(page, "Earned"))[:-1]
    count = int(section(page, "Earned").get_by_role("heading").inner_text().split()[-1])
    # One more waits for approval.
    assert count == len(site.awards[HUNDREDS]) - 1 == 300
    assert pages.inner_text().startswith("Page 1 of 13")
    follow(pages.get_by_role("link", name="Next"))
    second = titles(section(page, "Earned"))[:-2]
    assert pages.get_by_text("Page 2 of 13").is_visible()
    assert len(first) == len(second) == 24
    assert set(first).isdisjoint(second)


def test_what_is_too_much_to_be_shown_under_way_is_a_click_away(open_page: OpenPage) -> None:
    page = open_page(HOME, HUNDREDS)
    under_way = section(page, "Under way")
    assert under_way.get_by_role("heading", level=3).count() == 12
    follow(page.get_by_role("link", name="Show 4 more"))
    assert under_way.get_by_role("heading", level=3).count() == 16


# --- hiding --------------------------------------------------------------------------------------


def test_award_that_is_hidden_leaves_the_page_and_comes_back_when_it_is_shown_again(
    open_page: OpenPage, site: Site
) -> None:
    title = "Quick Start in Data"
    page = open_page(site.award("bjorn_a", "data-quick-start"), "bjorn_a")
    follow(page.get_by_role("button", name="Hide it from my page"))
    assert "You have hidden this award" in page.get_by_role("main").inner_text()
    follow(page.get_by_role("link", name="My microcredentials").first)
    assert title not in titles(section(page, "Earned"))
    follow(unfold(page, "Hidden from this page").get_by_role("link", name=title))
    follow(page.get_by_role("button", name="Show it on my page"))
    follow(page.get_by_role("link", name="My microcredentials").first)
    assert title in titles(section(page, "Earned"))
