"""The translations: complete, fit to be filled in, and compiled as they are written."""

from __future__ import annotations

import re
from pathlib import Path

import polib
import pytest
from django.utils import translation

from microcred_plugin import wording
from microcred_plugin.evaluation.message import message

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted(ROOT.glob("*/locale/*/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}|(%%)")
# Forms of the plural. In Arabic: for none, one, two, a few, many, and the rest.
FORMS = {"ar": 6, "de": 2}


def language_of(path: Path) -> str:
    return path.parts[-3]


def placeholders(text: str) -> set[str]:
    return {found[0] for found in PLACEHOLDER.finditer(text)}


def test_plugin_and_demo_are_translated_into_both() -> None:
    assert {(path.parts[-5], language_of(path)) for path in FILES} == {
        (part, language) for part in ("microcred_plugin", "demo") for language in FORMS
    }


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-5]}-{path.parts[-3]}")
def test_every_text_is_translated_and_takes_what_the_original_takes(path: Path) -> None:
    for entry in polib.pofile(str(path)):
        assert entry.translated(), entry.msgid
        if not entry.msgid_plural:
            assert placeholders(entry.msgstr) == placeholders(entry.msgid), entry.msgid
            continue
        assert len(entry.msgstr_plural) == FORMS[language_of(path)], entry.msgid
        wanted = placeholders(entry.msgid_plural)
        for text in entry.msgstr_plural.values():
            # A form that stands for one number need not say it.
            assert placeholders(text) <= wanted, entry.msgid
            assert len(wanted - placeholders(text)) <= 1, entry.msgid


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-5]}-{path.parts[-3]}")
def test_what_is_compiled_is_what_is_written(path: Path) -> None:
    written = {
        (entry.msgid, entry.msgstr, tuple(entry.msgstr_plural.values()))
        for entry in polib.pofile(str(path))
    }
    compiled = {
        (entry.msgid, entry.msgstr, tuple(entry.msgstr_plural.values()))
        for entry in polib.mofile(str(path.with_suffix(".mo")))
    }
    assert compiled == written


@pytest.mark.parametrize(
    ("language", "remaining", "sentence"),
    [
        ("en", 1, "1 step to go."),
        ("en", 3, "3 steps to go."),
        ("de", 1, "Noch 1 Schritt."),
        ("de", 3, "Noch 3 Schritte."),
        ("ar", 1, "تبقّت خطوة واحدة."),
        ("ar", 2, "تبقّت خطوتان."),
        ("ar", 3, "تبقّت 3 خطوات."),
        ("ar", 11, "تبقّت 11 خطوة."),
    ],
)
def test_numbers_take_the_form_that_the_language_has_for_them(
    language: str, remaining: int, sentence: str
) -> None:
    with translation.override(language):
        said = wording.sentence(message("verdict.not_met", remaining=remaining), {})
    assert said == sentence
