"""The widget's source: whole for each slot system, and with a text for everything it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from microcred_plugin.mfe import sources

FOLDER = Path(sources.__file__).parent
WIDGET = (FOLDER / "jsx" / "widget.jsx").read_text(encoding="utf-8")
MESSAGES = json.loads((FOLDER / "messages.json").read_text(encoding="utf-8"))
# Forms of the plural that a language has, as CLDR names them.
FORMS = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}

PRINTED = {
    "env-config": sources.env_config(),
    "frontend-base": sources.frontend_base_module(),
}


def test_languages_are_those_of_the_pages() -> None:
    locale = FOLDER.parent / "locale"
    assert set(MESSAGES) == {"en", *(path.name for path in locale.iterdir() if path.is_dir())}
    assert set(MESSAGES) == set(FORMS)


@pytest.mark.parametrize("language", MESSAGES)
def test_every_language_has_a_text_for_each_that_the_widget_shows(language: str) -> None:
    shown = set(re.findall(r"\bid: '(\w+)'", WIDGET)) | set(re.findall(r"\bid=\"(\w+)\"", WIDGET))
    shown |= set(re.findall(r"\bid: isAsking \? '(\w+)' : '(\w+)'", WIDGET)[0])
    assert set(MESSAGES[language]) == shown
    assert all(text.strip() for text in MESSAGES[language].values())


@pytest.mark.parametrize("language", MESSAGES)
def test_every_count_has_all_forms_of_the_language(language: str) -> None:
    for key, text in MESSAGES[language].items():
        assert ("{count, plural," in text) == ("{count, plural," in MESSAGES["en"][key]), key
        if "{" in text:
            assert set(re.findall(r"(\w+) \{", text)) == FORMS[language], key


@pytest.mark.parametrize("what", PRINTED)
def test_nothing_is_left_to_fill_in(what: str) -> None:
    assert not re.findall(r"__[A-Z]+__", PRINTED[what])
    assert PRINTED[what].count("function makeMicrocredentialsWidget(") == 1


def test_jinja_leaves_the_source_as_it_is() -> None:
    for text in PRINTED.values():
        assert "endraw" not in text


@pytest.mark.parametrize("what", PRINTED)
def test_command_prints_it_without_anything_installed(what: str) -> None:
    # -I -S: neither the environment's packages nor its variables, as in a bare interpreter.
    root = FOLDER.parent.parent
    code = f"import sys; sys.path.insert(0, {str(root)!r}); sys.argv[1:] = [{what!r}]; import runpy"
    printed = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"{code}; runpy.run_module('microcred_plugin.mfe')"],
        check=True,
        capture_output=True,
    ).stdout.decode("utf-8")
    assert printed == PRINTED[what]


def test_command_says_what_it_can_print() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "microcred_plugin.mfe", "something"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert "env-config | frontend-base" in result.stderr
