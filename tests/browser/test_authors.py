"""Journeys through Studio: from nothing to a learner's badge, in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.places import AUTHOR, HOME
from tests.browser.reading import follow, section
from tests.browser.site import cookies_of, served
from tests.browser.writing_authors import DATA, TESS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Locator, Page, Playwright

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

INSTRUCTOR = "lucie_bernard"  # of Harbor's course FA120
FIRST_AID = "course-v1:Harbor+FA120+T2_2026"
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
_ADD = "from tests.browser.writing_authors import add; add()"


class Demo:
    """A demo in which people write: what each of them opens, and the LMS's worker."""

    def __init__(
        self, playwright: Playwright, chromium: Browser, lms: str, studio: str, manage: Any
    ) -> None:
        self.playwright, self.chromium = playwright, chromium
        self.lms, self.studio, self.manage = lms, studio, manage
        self.contexts: list[BrowserContext] = []

    def work(self) -> None:
        """Have the LMS do what waits for it, as its worker would."""
        self.manage("microcred", "sweep")

    def open(self, service: str, who: str, path: str, **options: Any) -> Page:
        """A page of one of the services, as somebody sees it."""
        context = self.chromium.new_context(
            base_url=service,
            storage_state=cookies_of(self.playwright, service, who),
            **{"viewport": DESKTOP, "locale": "en", **options},
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        page.goto(path)
        return page

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()


@pytest.fixture(scope="module")
def _demo(
    playwright: Playwright, chromium: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("authors")
    making = (["prepare"], ["shell", "--command", _ADD])
    with served(folder, making) as (lms, studio, manage):
        yield Demo(playwright, chromium, lms, studio, manage)


@pytest.fixture
def demo(_demo: Demo) -> Iterator[Demo]:
    yield _demo
    _demo.close()


def begin(page: Page, title: str, template: str) -> None:
    """Begin a microcredential from a template; the editor is open then."""
    page.get_by_role("radio", name=re.compile(f"^{template}")).check()
    page.get_by_label("Title").fill(title)
    follow(page.get_by_role("button", name="Begin the draft"))


def builder(page: Page) -> Locator:
    return page.locator("#builder-requirements")


def group(page: Page, title: str) -> Locator:
    """The group with this title, and all that is in it."""
    return (
        builder(page).get_by_role("listitem").filter(has=page.get_by_text(title, exact=True)).last
    )


def add_course(page: Page, where: Locator, words: str, run: str) -> None:
    """Add a course to a group: look for it, take one of its runs, and put it in."""
    where.get_by_role("button", name="Course").last.click()
    form = builder(page).locator(".node-form")
    form.get_by_role("searchbox").press_sequentially(words, delay=30)  # as people type
    form.get_by_role("button", name=re.compile(f"^{run}")).first.click()
    form.locator("button[value^='requirements:drop:']").wait_for()  # it is in the list of runs
    form.get_by_role("button", name="Add", exact=True).click()
    form.wait_for(state="detached")


def save(page: Page) -> None:
    follow(page.get_by_role("button", name="Save the draft"))
    assert page.get_by_role("status").filter(has_text="Saved.").is_visible()


def publish(page: Page) -> None:
    """From the editor to what the publication leads to."""
    follow(page.get_by_role("link", name="Preview and publish"))
    follow(page.get_by_role("button", name=re.compile("^Publish version")))


def test_author_builds_previews_and_publishes_and_a_learner_has_the_badge(demo: Demo) -> None:
    page = demo.open(demo.studio, AUTHOR, f"{HOME}new/")
    begin(page, "Data in practice", "Electives and a capstone")
    for words, run in (("data literacy", "2026_Spring"), ("visual", "2026"), ("sql", "2026")):
        add_course(page, group(page, "Electives"), words, run)
    add_course(page, group(page, "Capstone"), "machine learning", "2026_Summer")
    outline = builder(page).get_by_role("region", name="What learners read")
    assert "At least 2 of these 3" in outline.inner_text()
    assert "Pass Machine Learning in Practice" in outline.inner_text()
    page.get_by_label("Description").fill("Works with data from the question to the answer.")
    save(page)
    assert "Pass Machine Learning in Practice" in outline.inner_text()
    follow(page.get_by_role("link", name="Preview and publish"))
    follow(page.get_by_role("button", name="Look whom it would concern"))
    demo.work()
    page.get_by_text("learner would get it at once").first.wait_for()  # nobody reloads it
    numbers = page.locator(".numbers > li").all_inner_texts()
    assert [text.split("\n")[:2] for text in numbers] == [
        ["1", "learner would get it at once"],
        ["1", "learner would be one step away"],
    ]
    page.locator(".numbers summary").first.click()  # the author may see the grades of these courses
    assert page.locator(".numbers .people").first.get_by_text("Tess", exact=True).is_visible()
    page.go_back()
    follow(page.get_by_role("button", name="Publish version 1"))
    assert "Waiting for the learning site to begin." in page.get_by_role("main").inner_text()
    demo.work()
    page.get_by_text("1 learner earned it.").wait_for()  # and here, too
    home = demo.open(demo.lms, TESS, HOME)
    assert "Data in practice" in section(home, "Earned").inner_text()


def test_instructor_of_another_organisation_offers_a_course_and_the_owner_accepts(
    demo: Demo,
) -> None:
    page = demo.open(demo.studio, INSTRUCTOR, f"{HOME}course/{FIRST_AID}/")
    follow(page.get_by_role("link", name="Offer this course to a microcredential"))
    page.get_by_role("searchbox").fill("statistics for decisions")
    result = page.get_by_role("main").get_by_role("link", name=re.compile("with Distinction"))
    follow(result)
    page.get_by_label(re.compile("Minimum grade|minimum grade")).fill("70")
    follow(page.get_by_role("button", name=re.compile("^Offer")))
    assert (
        "Statistics for Decisions, with Distinction"
        in section(page, "Waiting for others").inner_text()
    )
    owner = demo.open(demo.studio, AUTHOR, f"{HOME}offers/")
    card = owner.get_by_role("listitem").filter(has_text="First Aid at Work").first
    assert "70" in card.inner_text()
    follow(card.get_by_role("link").first)
    follow(owner.get_by_role("button", name="Accept"))
    assert "Agreed" in owner.get_by_role("main").inner_text()
    page.reload()
    assert "In the draft, not published" in section(page, "Counts towards").inner_text()


def test_draft_is_written_with_the_keyboard_alone(demo: Demo) -> None:
    page = demo.open(demo.studio, AUTHOR, f"{HOME}new/")
    keys = page.keyboard

    def tab_to(control: Locator) -> None:
        for _press in range(200):
            if control.count() and control.first.evaluate("one => one === document.activeElement"):
                return
            keys.press("Tab")
        pytest.fail(f"Tab does not reach {control}")

    tab_to(page.get_by_role("radio", name=re.compile("^A single skill")))
    keys.press("ArrowDown")
    assert page.get_by_role("radio", name=re.compile("^A series")).is_checked()
    tab_to(page.get_by_label("Title"))
    keys.type("Typed with keys")
    tab_to(page.get_by_role("button", name="Begin the draft"))
    with page.expect_navigation():
        keys.press("Enter")
    tab_to(builder(page).get_by_role("button", name="Course"))
    keys.press("Enter")
    search = builder(page).get_by_role("searchbox")
    search.wait_for()
    tab_to(search)
    keys.type("data literacy", delay=30)
    run = builder(page).get_by_role("button", name=re.compile("^2026_Spring"))
    run.first.wait_for()
    tab_to(run)
    keys.press("Enter")
    builder(page).locator("button[value^='requirements:drop:']").wait_for()
    tab_to(builder(page).get_by_role("button", name="Add", exact=True))
    keys.press("Enter")
    builder(page).locator(".node-form").wait_for(state="detached")
    builder(page).locator(":focus").wait_for()  # and not at the top of the page again
    tab_to(page.get_by_role("button", name="Save the draft"))
    with page.expect_navigation():
        keys.press("Enter")
    assert page.get_by_role("status").filter(has_text="Saved.").is_visible()
    assert "Pass Data Literacy Foundations" in builder(page).inner_text()


def test_requirement_is_moved_by_pointer(demo: Demo) -> None:
    page = demo.open(demo.studio, AUTHOR, f"{HOME}new/")
    begin(page, "Dragged", "A series")
    for words in ("data literacy", "visual"):
        add_course(page, builder(page), words, "2026")
    outline = builder(page).get_by_role("region", name="What learners read")
    assert outline.inner_text().index("Data Literacy") < outline.inner_text().index("Visual")
    grips = builder(page).locator("[data-grip]")
    grips.last.scroll_into_view_if_needed()
    first, last = grips.first.bounding_box(), grips.last.bounding_box()
    page.mouse.move(last["x"] + 4, last["y"] + 8)
    page.mouse.down()
    page.mouse.move(first["x"] + 6, first["y"] + 4, steps=12)
    page.mouse.move(first["x"] + 6, first["y"] - 4, steps=4)
    page.mouse.up()
    builder(page).get_by_text(re.compile("^Moved")).first.wait_for()
    assert outline.inner_text().index("Visual") < outline.inner_text().index("Data Literacy")


@pytest.mark.parametrize(
    ("options", "direction"), [({"viewport": PHONE}, "ltr"), ({"locale": "ar"}, "rtl")]
)
def test_draft_is_written_on_a_phone_and_from_right_to_left(
    demo: Demo, options: dict[str, Any], direction: str
) -> None:
    page = demo.open(demo.studio, AUTHOR, f"{HOME}new/", **options)
    assert page.locator("html").get_attribute("dir") == direction
    page.locator("input[value=series]").check()
    page.locator("#id_title").fill(f"Written {direction}")
    with page.expect_navigation():
        page.locator("main form button.button").last.click()
    builder(page).locator("button[value^='requirements:add:'][value$=':course']").first.click()
    form = builder(page).locator(".node-form")
    form.locator("input[type=search]").press_sequentially("data literacy", delay=30)
    form.locator(f"button[value='requirements:run:requirements:{DATA}']").click()
    form.locator("button[value^='requirements:drop:']").wait_for()
    form.locator(".form-end button[data-default]").click()
    form.wait_for(state="detached")
    wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0
    with page.expect_navigation():
        page.locator(".save-bar button").click()
    assert "Data Literacy Foundations" in builder(page).inner_text()


def test_editor_works_without_scripts(demo: Demo) -> None:
    page = demo.open(demo.studio, AUTHOR, f"{HOME}new/", java_script_enabled=False)
    begin(page, "Without scripts", "A series")
    page.get_by_label("Description").fill("Kept while the tree is built.")
    builder(page).get_by_role("button", name="Course").first.click()
    form = builder(page).locator(".node-form")
    form.get_by_role("searchbox").fill("data literacy")
    form.get_by_role("button", name="Search").click()
    builder(page).get_by_role("button", name=re.compile("^2026_Spring")).first.click()
    builder(page).get_by_role("button", name="Add", exact=True).click()
    assert page.get_by_label("Description").input_value() == "Kept while the tree is built."
    page.get_by_role("button", name="Save the draft").last.click()
    assert page.get_by_role("status").filter(has_text="Saved.").is_visible()
    assert "Pass Data Literacy Foundations" in builder(page).inner_text()


def test_two_people_at_once_lose_nothing(demo: Demo) -> None:
    mine = demo.open(demo.studio, AUTHOR, f"{HOME}new/")
    begin(mine, "Of two", "A series")
    theirs = demo.open(demo.studio, "admin", mine.url.removeprefix(demo.studio))
    theirs.get_by_label("Workload").fill("40")
    save(theirs)
    mine.get_by_label("Description").fill("Mine.")
    follow(mine.get_by_role("button", name="Save the draft"))
    assert "has saved this draft since you opened it" in mine.get_by_role("alert").inner_text()
    assert mine.get_by_label("Description").input_value() == "Mine."
    assert mine.get_by_label("Workload").input_value() == "40"
    save(mine)
