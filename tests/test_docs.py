"""The documents that are made from the code say what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.make_reference import PAGES

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", PAGES)
def test_reference_page_is_up_to_date(name: str) -> None:
    assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == PAGES[name]


def test_every_setting_that_the_code_reads_is_documented() -> None:
    source = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "microcred_plugin").rglob("*.py")
    )
    read = set(re.findall(r"settings\.(MICROCRED_\w+)", source))
    documented = set(re.findall(r"`(MICROCRED_\w+)`", PAGES["settings.md"]))
    assert read == documented


PAGES_WITH_LINKS = sorted(
    str(path.relative_to(ROOT)) for path in (*ROOT.glob("docs/**/*.md"), ROOT / "README.md")
)


@pytest.mark.parametrize("page", PAGES_WITH_LINKS)
def test_every_link_to_a_file_leads_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert ((ROOT / page).parent / target).exists(), target
