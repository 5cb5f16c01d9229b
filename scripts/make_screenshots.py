"""
Makes screenshots of the pages: `python scripts/make_screenshots.py OUT`.

Every page at the widths of a phone, a tablet and a desktop, light and dark, in every language of
the demo, of learners with no badge, with one and with three hundred: OUT/PAGE/LANGUAGE-SCHEME-WIDTH
as PNG. With `--docs` only the few that the documentation shows, small, into docs/images/pages.

The demo is made in a temporary folder and served on the loopback interface; Chromium comes from
the system, and playwright from the extra `browser`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from demo.who_shares import KIRI  # noqa: E402 - the path
from tests.browser.places import (  # noqa: E402
    AUTHOR,
    CATALOG,
    DRAFTED,
    HOME,
    HUNDREDS,
    LEARNERS,
    ONE,
    PLACES,
    STATISTICS,
    TEACHER,
    Place,
    differing,
    explained,
    offer,
    preview,
)
from tests.browser.reading import wait_for_images  # noqa: E402
from tests.browser.site import STAFF, Site, cookies_of, demo, find_browser  # noqa: E402

DOCS = ROOT / "docs" / "images"
COURSE_IN_STUDIO = f"{HOME}course/course-v1:NordU+DL101+2026_Spring/"
PHONE, TABLET, DESKTOP = 360, 768, 1280
SCHEMES = ("light", "dark")
LANGUAGES = ("en", "de", "ar")
COLORS = 256
MARGIN = 20


@dataclass(frozen=True)
class Picture:
    """A picture for the documentation: the upper end of a page, `height` pixels of it."""

    name: str
    learner: str | None
    path: Callable[[Site], str]
    width: int = DESKTOP
    height: int = 900
    scheme: str = "light"
    language: str = "en"
    region: str = ""  # the heading of a part of the page, where only that is shown
    is_in_studio: bool = False


def _studio(
    name: str, path: Callable[[Site], str], *, who: str = AUTHOR, **options: Any
) -> Picture:
    return Picture(f"studio/{name}", who, path, is_in_studio=True, **options)


PICTURES = (
    _studio("list", lambda _site: HOME, height=900),
    _studio("editor", lambda site: f"{site.microcredential(DRAFTED)}edit/", height=1500),
    _studio(
        "editor-on-a-phone", lambda site: f"{site.microcredential(DRAFTED)}edit/",
        width=PHONE, height=1600, scheme="dark",
    ),
    _studio("whom-it-would-concern", preview, height=900),
    _studio("publishing", lambda site: f"{site.microcredential(DRAFTED)}publish/", height=1000),
    _studio("what-differs", differing, height=1100),
    _studio("an-offer", offer, height=900),
    _studio("course", lambda _site: COURSE_IN_STUDIO, who=TEACHER, height=1000),
    Picture("home", "samuel_adeyemi", lambda _site: HOME, height=1250),
    Picture("home-on-a-phone", "samuel_adeyemi", lambda _site: HOME, width=PHONE, height=780),
    Picture(
        "home-in-arabic-dark-on-a-phone", "samuel_adeyemi", lambda _site: HOME, width=PHONE,
        height=780, scheme="dark", language="ar",
    ),
    Picture("home-without-a-badge", "mehmet_y", lambda _site: HOME, height=820),
    Picture("home-with-one-badge", ONE, lambda _site: HOME, height=780),
    Picture("home-with-300-badges", HUNDREDS, lambda _site: HOME, height=1000, scheme="dark"),
    Picture("stack-map", "priya_sharma", lambda _site: HOME, region="How it stacks"),
    Picture("catalog", "kiri_tw", lambda _site: f"{CATALOG}?organization=NordU", height=1000),
    Picture(
        "microcredential", "priya_sharma", lambda site: site.microcredential("data-analyst"),
        height=1150,
    ),
    Picture(
        "award", "kiri_tw", lambda site: site.award("kiri_tw", "data-science-mastery"), height=820
    ),
    Picture(
        "suspended-award", "priya_sharma",
        lambda site: site.award("priya_sharma", "data-analyst"), height=1080,
    ),
    Picture("shared-award", None, lambda site: site.award(KIRI, "data-analyst"), height=1180),
    Picture(
        "shared-award-on-a-phone", None, lambda site: site.award(KIRI, "data-analyst"),
        width=PHONE, height=1100,
    ),
    Picture("sharing", KIRI, lambda _site: f"{HOME}sharing/", height=1250),
    Picture("public-profile", None, lambda site: site.profile(KIRI), height=820),
    Picture("issuer", None, lambda _site: f"{HOME}issuers/nordu/", height=1150),
    Picture("course", "priya_sharma", lambda _site: STATISTICS, height=820, scheme="dark"),
    Picture("learners-of-a-course", TEACHER, lambda _site: LEARNERS, height=1000),
    Picture(
        "learners-of-a-course-on-a-phone", TEACHER, lambda _site: f"{LEARNERS}?only=close",
        width=PHONE, height=900,
    ),
    Picture("support", STAFF, explained, height=1180),
)  # fmt: skip


def main() -> None:
    """Make the demo, and all pictures that are asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("out", type=Path, nargs="?", help="a folder; not needed with --docs")
    parser.add_argument("--docs", action="store_true", help=f"write {DOCS.relative_to(ROOT)}")
    parser.add_argument("--port", type=int, help="where the demo is served meanwhile")
    options = parser.parse_args()
    if not (options.docs or options.out):
        parser.error("say where to, or --docs")
    browser_path = find_browser()
    if browser_path is None:
        parser.error("there is no Chromium on the PATH")
    with (
        tempfile.TemporaryDirectory(prefix="screenshots-") as folder,
        demo(Path(folder), port=options.port) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
        camera = Camera(playwright, browser, site)
        if options.docs:
            camera.take_for_docs(DOCS)
        else:
            camera.take_all(options.out)
        browser.close()


class Camera:
    """Takes pictures of a site that is being served."""

    def __init__(self, playwright: Playwright, browser: Browser, site: Site) -> None:
        self.browser, self.site = browser, site
        self.cookies = cache(lambda url, who: cookies_of(playwright, url, who))

    def take_all(self, out: Path) -> None:
        """Every page in every way."""
        for place, language in tqdm(list(product(PLACES, LANGUAGES)), unit=" pages"):
            folder = out / place.name.replace(" ", "-")
            folder.mkdir(parents=True, exist_ok=True)
            with self._page(place, place.path(self.site), locale=language) as page:
                for scheme, width in product(SCHEMES, (PHONE, TABLET, DESKTOP)):
                    page.emulate_media(color_scheme=scheme)
                    page.set_viewport_size({"width": width, "height": 900})
                    page.screenshot(
                        path=folder / f"{language}-{scheme}-{width}.png", full_page=True
                    )

    def take_for_docs(self, out: Path) -> None:
        """The few for the documentation, each as small as it gets."""
        for picture in PICTURES:
            name = picture.name if picture.is_in_studio else f"pages/{picture.name}"
            with self._page(
                picture, picture.path(self.site), locale=picture.language,
                color_scheme=picture.scheme,
                viewport={"width": picture.width, "height": picture.height},
            ) as page:  # fmt: skip
                if picture.region:
                    taken = page.screenshot(full_page=True, clip=_around(page, picture.region))
                else:
                    taken = page.screenshot()
            image = Image.open(BytesIO(taken)).convert("RGB")
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            image.quantize(COLORS, dither=Image.Dither.NONE).save(
                out / f"{name}.png", optimize=True
            )

    @contextmanager
    def _page(self, place: Place | Picture, path: str, **options: Any) -> Iterator[Page]:
        """A page with all its images, as whoever looks at it, if anybody is logged in."""
        url = self.site.studio_url if place.is_in_studio else self.site.url
        context = self.browser.new_context(
            base_url=url,
            storage_state=self.cookies(url, place.learner) if place.learner else None,
            **options,
        )
        page = context.new_page()
        page.goto(path)
        wait_for_images(page)
        yield page
        context.close()


def _around(page: Page, region: str) -> Any:
    """Where on the page a region is, with some room around it."""
    box = page.get_by_role("region", name=region).bounding_box()
    assert box is not None
    return {
        "x": box["x"] - MARGIN,
        "y": box["y"] - MARGIN,
        "width": box["width"] + 2 * MARGIN,
        "height": box["height"] + 2 * MARGIN,
    }


if __name__ == "__main__":
    main()
