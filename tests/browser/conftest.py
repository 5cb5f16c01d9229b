"""
A real browser, and the demo to open in it.

Where the browser or what drives it is missing these tests are skipped, or fail if the variable
MICROCRED_BROWSER is "required". All of this is undone with the last test of this folder, since
Django refuses its database beside the loop that drives the browser.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from tests.browser.site import Site, cookies_of, demo, find_browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, Playwright

# Wide enough for everything to be beside each other.
DESKTOP = {"width": 1280, "height": 900}


def _do_without(reason: str) -> NoReturn:
    if os.environ.get("MICROCRED_BROWSER") == "required":
        pytest.fail(f"A browser is required, and {reason}.")
    pytest.skip(reason)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """What drives the browser."""
    try:
        # Here, so that these tests can be collected without it.
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError:
        _do_without("playwright is not installed")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="package")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    path = find_browser()
    if path is None:
        _do_without("there is no Chromium on the PATH")
    browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
    yield browser
    browser.close()


@pytest.fixture(scope="package")
def site(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo with all learners, being served; not made where there is nothing to open it in."""
    with demo(tmp_path_factory.mktemp("demo")) as served:
        yield served


@pytest.fixture(scope="package")
def cookies(playwright: Playwright) -> Callable[[str, str], Any]:
    """The cookies of somebody at one of the services; they log in once for all tests."""
    kept: dict[tuple[str, str], Any] = {}

    def of(url: str, username: str) -> Any:
        if (url, username) not in kept:
            kept[url, username] = cookies_of(playwright, url, username)
        return kept[url, username]

    return of


@pytest.fixture
def open_page(
    chromium: Browser, site: Site, cookies: Callable[[str, str], Any]
) -> Iterator[Callable[..., Page]]:
    """
    Opens a path as a learner, or as nobody who is logged in; gives the page.

    The options are those of a browser's context, such as `locale` and `color_scheme`.
    """
    contexts: list[BrowserContext] = []

    def opened(path: str, learner: str | None = None, **options: Any) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            storage_state=cookies(site.url, learner) if learner else None,
            **{"viewport": DESKTOP, "locale": "en", **options},
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        # Scripts have run then, and style sheets are there; images may still be on their way.
        page.goto(path, wait_until="domcontentloaded")
        return page

    yield opened
    for context in contexts:
        context.close()
