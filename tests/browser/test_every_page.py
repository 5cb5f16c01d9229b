"""
What holds for every page, in English and in Arabic.

Each page is opened once, and looked at in several ways: no test may leave more behind than the
width of the window and what it prefers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from tests.browser.places import ARABIC, HOME, HUNDREDS, ONE, PLACES, Place
from tests.browser.reading import OpenPage, section, unfold_all, wait_for_images
from tests.browser.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PHONE, TABLET, DESKTOP = 360, 768, 1280
MOST_BYTES = 200_000


@dataclass
class Visit:
    """A page that is open, with the hosts that it asked, and what the console complained of."""

    page: Page
    url: str
    width: int = DESKTOP
    scheme: str = "light"
    hosts: set[str] = field(default_factory=set)
    complaints: list[str] = field(default_factory=list)

    def show_at(self, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})


# Each followed or preceded by the one that differs from it in both.
LOOKS = ((PHONE, "light"), (DESKTOP, "dark"), (PHONE, "dark"), (DESKTOP, "light"))


def _visits() -> Iterator[Any]:
    """Every page in both directions of writing, light in one of them and dark in the other."""
    for number, place in enumerate(PLACES):
        first = number % len(LOOKS)
        for locale, look in (("en", LOOKS[first]), ("ar", LOOKS[first ^ 1])):
            width, scheme = look
            name = f"{place}, {locale}, {scheme}, {width}"
            yield pytest.param((place, locale, width, scheme), id=name)


@pytest.fixture(scope="module", params=_visits())
def visit(
    request: pytest.FixtureRequest,
    chromium: Browser,
    site: Site,
    cookies: Callable[[str, str], Any],
) -> Iterator[Visit]:
    place: Place
    place, locale, width, scheme = request.param
    url = site.studio_url if place.is_in_studio else site.url
    context = chromium.new_context(
        base_url=url,
        storage_state=cookies(url, place.learner) if place.learner else None,
        viewport={"width": width, "height": 900},
        locale=locale,
        color_scheme=scheme,
    )
    visit = Visit(context.new_page(), url, width, scheme)
    _listen(visit)
    visit.page.goto(place.path(site), wait_until="domcontentloaded")
    unfold_all(visit.page)
    yield visit
    context.close()


def _listen(visit: Visit) -> None:
    def on_message(message: ConsoleMessage) -> None:
        # That the page itself is not there is what one of them is about.
        if message.type in ("error", "warning") and "404" not in message.text:
            visit.complaints.append(message.text)

    visit.page.on("request", lambda request: visit.hosts.add(urlsplit(request.url).netloc))
    visit.page.on("console", on_message)
    visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))


# --- for everybody -------------------------------------------------------------------------------

SERIOUS = {"serious", "critical"}
AXE = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
}


def _serious_violations(page: Page) -> list[str]:
    """What axe-core finds, as "rule: help: where"."""
    # Here, so that these tests can be collected without it.
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    answer = Axe().run(page, options=AXE).response
    return [
        f"{found['id']}: {found['help']}: {node['target']}"
        for found in answer["violations"]
        if found["impact"] in SERIOUS
        for node in found["nodes"]
    ]


def test_axe_finds_nothing_serious(visit: Visit) -> None:
    visit.show_at(visit.width)
    assert _serious_violations(visit.page) == []


def test_page_does_not_scroll_sideways(visit: Visit) -> None:
    over = {}
    for width in (PHONE, TABLET, DESKTOP):
        visit.show_at(width)
        over[width] = visit.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    assert over == {PHONE: 0, TABLET: 0, DESKTOP: 0}


# What Tab reaches.
_CONTROLS = """
const controls = [
  ...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")
].filter((one) => one.type !== "hidden" && one.getClientRects().length)
 .filter((one) => !one.disabled && !one.closest("[aria-hidden=true]"));
const name = (one) => one.getAttribute("aria-label") || one.innerText || one.name || one.tagName;
"""
_WITHOUT_A_MARK = f"""
() => {{
  {_CONTROLS}
  // What is drawn around it; around a card on a map it is the card's own frame.
  const mark = (one) => {{
    const style = getComputedStyle(one), frame = one.querySelector("rect");
    const outline = style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth);
    return outline + (frame ? parseFloat(getComputedStyle(frame).strokeWidth) : 0);
  }};
  return controls.filter((one) => {{
    one.blur();
    const before = mark(one);
    one.focus({{ preventScroll: true }});
    return document.activeElement !== one || mark(one) < before + 2;
  }}).map(name);
}}
"""


def test_what_has_the_focus_can_be_seen(visit: Visit) -> None:
    visit.page.keyboard.press("Tab")  # so that the browser knows that there is a keyboard
    assert visit.page.evaluate(_WITHOUT_A_MARK) == []


# A link in a line of text is as high as the line; axe-core looks after the room around it.
_SMALL = f"""
() => {{
  {_CONTROLS}
  return controls.filter((one) => {{
    // What is pressed to tick a box is its label, too.
    const box = (one.closest("label") || one).getBoundingClientRect();
    return getComputedStyle(one).display !== "inline" && (box.width < 24 || box.height < 24);
  }}).map(name);
}}
"""


def test_what_can_be_pressed_is_at_least_24_pixels_wide_and_high(visit: Visit) -> None:
    visit.show_at(PHONE)
    assert visit.page.evaluate(_SMALL) == []


_DURATIONS = """
() => [...document.querySelectorAll("*")].flatMap((one) => {
  const style = getComputedStyle(one);
  return `${style.transitionDuration}, ${style.animationDuration}`.split(", ");
}).filter((duration) => parseFloat(duration) > 0)
"""


@contextmanager
def _preferring(visit: Visit, motion: str) -> Iterator[None]:
    visit.page.emulate_media(reduced_motion=motion, color_scheme=visit.scheme)
    yield
    visit.page.emulate_media(reduced_motion="null", color_scheme=visit.scheme)


def test_nothing_moves_for_those_who_want_no_motion(visit: Visit) -> None:
    with _preferring(visit, "reduce"):
        assert visit.page.evaluate(_DURATIONS) == []


# --- the last, since it waits for all images -----------------------------------------------------


def test_page_asks_no_other_host_and_complains_of_nothing(visit: Visit) -> None:
    wait_for_images(visit.page)
    assert visit.hosts - {""} == {urlsplit(visit.url).netloc}
    assert visit.complaints == []


# --- what one page shows for all -----------------------------------------------------------------


@pytest.mark.parametrize(("locale", "edge"), [("en", "left"), ("ar", "right")])
@pytest.mark.parametrize("slug", ["data-analyst", ARABIC])
def test_title_in_any_script_stands_where_the_lines_of_the_page_begin(
    open_page: OpenPage, site: Site, slug: str, locale: str, edge: str
) -> None:
    page = open_page(site.microcredential(slug), locale=locale)
    title = page.get_by_role("heading", level=1)
    above = title.locator("xpath=preceding-sibling::p")
    begin = """(one, edge) => {
      const text = document.createRange();
      text.selectNodeContents(one);
      return text.getBoundingClientRect()[edge];
    }"""
    assert title.evaluate(begin, edge) == pytest.approx(above.evaluate(begin, edge), abs=4)


@pytest.mark.parametrize("path", [HOME, "/", "/login/"])
def test_name_of_the_site_is_above_every_page(open_page: OpenPage, path: str) -> None:
    page = open_page(path, ONE)
    assert page.get_by_role("banner").get_by_role("link").first.inner_text() == (
        "Microcredentials demo"
    )


# --- the tests themselves ------------------------------------------------------------------------


def test_axe_is_heard_when_something_is_wrong(open_page: OpenPage) -> None:
    page = open_page("/login/")
    page.evaluate("document.querySelector('label').remove()")
    assert [line.split(":")[0] for line in _serious_violations(page)] == ["label"]


def test_something_moves_for_those_who_do_not_mind(open_page: OpenPage) -> None:
    page = open_page(HOME, "kiri_tw", reduced_motion="no-preference")
    assert page.evaluate(_DURATIONS) != []


# --- once is enough ------------------------------------------------------------------------------


def test_skip_link_is_first_and_leads_past_the_header(open_page: OpenPage) -> None:
    page = open_page(HOME, "kiri_tw")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.bounding_box()["y"] < 0
    page.keyboard.press("Tab")
    assert skip.evaluate("(one) => one === document.activeElement")
    assert skip.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    first = page.get_by_role("main").get_by_role("link").first
    assert first.evaluate("(one) => one === document.activeElement")


def test_page_with_three_hundred_badges_stays_below_200_kilobytes(open_page: OpenPage) -> None:
    page = open_page(HOME, HUNDREDS)
    assert int(section(page, "Earned").get_by_role("heading").inner_text().split()[-1]) == 300
    for path in (HOME, f"{HOME}?under-way=all", f"{HOME}?page=13"):
        assert len(page.request.get(path).body()) < MOST_BYTES
