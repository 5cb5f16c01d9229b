"""What is put into sentences: names, days, numbers and lists, as the reader's language has them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.text import get_text_list
from django.utils.translation import get_language_bidi, gettext, ngettext

from microcred_plugin.evaluation.message import Param

# What a message is about, and which of these parameters hold keys that may have a title.
SUBJECTS = ("course", "runs", "run", "microcredential", "program", "name")
_KEYS = frozenset(SUBJECTS) - {"name"}
_RUNS_SHOWN = 3


def shown(name: str, value: Param, names: Mapping[str, str]) -> str | int:
    """A parameter as it is put into a sentence; whole numbers decide on plural forms."""
    if isinstance(value, datetime):
        return date_format(value.astimezone(UTC).date())
    if isinstance(value, date):
        return date_format(value)
    if isinstance(value, Decimal):
        return number_format(value.normalize())
    if isinstance(value, tuple):
        return titles(value, names) if name == "runs" else either(value)
    if name in _KEYS and isinstance(value, str):
        return isolated(names.get(value, value))
    return isolated(value) if name == "name" and isinstance(value, str) else value


def isolated(name: str) -> str:
    """
    A name as it stands in a sentence of the active language.

    One that runs the other way is isolated from what stands beside it, as UAX #9 has it; numbers
    would jump across it otherwise.
    """
    strong = (unicodedata.bidirectional(character) for character in name)
    is_rtl = next((one != "L" for one in strong if one in ("L", "R", "AL")), None)
    if is_rtl is None or is_rtl == get_language_bidi():
        return name
    return f"\u2068{name}\u2069"


def titles(runs: Iterable[str], names: Mapping[str, str]) -> str:
    """The titles of runs, each once; of many the first few, and how many more there are."""
    titles = list(dict.fromkeys(isolated(names.get(run, run)) for run in runs))
    more = len(titles) - _RUNS_SHOWN
    if more <= 0:
        return either(titles)
    others = ngettext("%(count)s other", "%(count)s others", more) % {"count": more}
    return either([*titles[:_RUNS_SHOWN], others])


def either(words: Iterable[str]) -> str:
    # Translators: between the last two of several, any one of which will do.
    return str(get_text_list(list(words), gettext("or")))
