"""What a reader of a page does: go to a part of it, unfold something, follow a link."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

OpenPage = Callable[..., "Page"]


def section(page: Page, name: str) -> Locator:
    """The part of a page below a heading that begins so."""
    return page.get_by_role("region", name=re.compile(f"^{name}"))


def unfold(page: Page, summary: str) -> Locator:
    """What is shown by a click on these words."""
    found = page.get_by_role("group").filter(has_text=re.compile(rf"^\s*{summary}"))
    found.get_by_text(summary).click()
    return found


def unfold_all(page: Page) -> None:
    """Show whatever is folded away."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")


def wait_for_images(page: Page) -> None:
    """Let all images come, those far down too. Raises if there is one that can't be shown."""
    page.evaluate("""async () => {
      const images = [...document.images];
      for (const one of images) one.loading = "eager";
      await Promise.all(images.map((one) => one.decode()));
    }""")
    page.wait_for_load_state()


def follow(link: Locator) -> None:
    """Click what leads to another page, and wait until that is there."""
    with link.page.expect_navigation(wait_until="domcontentloaded"):
        link.click()


def titles(part: Locator) -> list[str]:
    """The first lines of the links in a part of a page."""
    return [text.split("\n")[0] for text in part.get_by_role("link").all_inner_texts()]
