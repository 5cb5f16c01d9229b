"""The cards' source: whole for each slot system, and with a text for everything they say."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from microcred_plugin.mfe import sources

FOLDER = Path(sources.__file__).parent
ALL_MESSAGES = json.loads((FOLDER / "messages.json").read_text(encoding="utf-8"))
# Forms of the plural that a language has, as CLDR names them.
FORMS = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}

EVERY_TEXT = [(part, language) for part in ALL_MESSAGES for language in FORMS]

PRINTED = {
    "env-config": sources.env_config("learner-dashboard"),
    "frontend-base": sources.frontend_base_module(),
    "authoring-env-config": sources.env_config("authoring"),
}
MADE_BY = {
    "env-config": "makeMicrocredentialsWidget",
    "frontend-base": "makeMicrocredentialsWidget",
    "authoring-env-config": "makeMicrocredentialsForCourses",
}


def test_every_part_has_messages() -> None:
    assert set(ALL_MESSAGES) == set(sources.PARTS.values())


@pytest.mark.parametrize("part", ALL_MESSAGES)
def test_languages_are_those_of_the_pages(part: str) -> None:
    locale = FOLDER.parent / "locale"
    languages = {"en", *(path.name for path in locale.iterdir() if path.is_dir())}
    assert set(ALL_MESSAGES[part]) == languages == set(FORMS)


@pytest.mark.parametrize(("part", "language"), EVERY_TEXT)
def test_every_language_has_a_text_for_each_that_is_shown(part: str, language: str) -> None:
    source = (FOLDER / "jsx" / f"{part}.jsx").read_text(encoding="utf-8")
    shown = set(re.findall(r"\bid: '(\w+)'", source)) | set(re.findall(r"\bid=\"(\w+)\"", source))
    for either, other in re.findall(r"\bid: isAsking \? '(\w+)' : '(\w+)'", source):
        shown |= {either, other}
    assert set(ALL_MESSAGES[part][language]) == shown
    assert all(text.strip() for text in ALL_MESSAGES[part][language].values())


@pytest.mark.parametrize(("part", "language"), EVERY_TEXT)
def test_every_count_has_all_forms_of_the_language(part: str, language: str) -> None:
    messages = ALL_MESSAGES[part]
    for key, text in messages[language].items():
        assert ("{count, plural," in text) == ("{count, plural," in messages["en"][key]), key
        if "{" in text:
            assert set(re.findall(r"(\w+) \{", text)) == FORMS[language], key


@pytest.mark.parametrize("what", PRINTED)
def test_nothing_is_left_to_fill_in(what: str) -> None:
    assert not re.findall(r"__[A-Z]+__", PRINTED[what])
    assert PRINTED[what].count(f"function {MADE_BY[what]}(") == 1
    assert PRINTED[what].count("function makeMicrocredentialsTools(") == 1


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
    assert "env-config | frontend-base | authoring-env-config" in result.stderr
