"""
The characters of a text: which can be drawn, how wide they are, which belong together.

An SVG is set in whatever sans-serif font its reader has. So widths are estimates, those of the
widest of the usual ones (DejaVu Sans Bold): other fonts need less room.
"""

# The table of widths has letters of several scripts side by side that look the same.
# ruff: noqa: RUF001

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# What XML 1.0 has no place for (its production 2, "Char") or advises against, and marks that
# change the direction of whatever follows: cut into lines, a text would part them from their ends.
_DROPPED = re.compile(
    r"[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    r"|[\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    """The text without what cannot be drawn, on one line."""
    return " ".join(_DROPPED.sub("", text).split())


def is_right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction is written from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


# --- widths ----------------------------------------------------------------------------------

# Of DejaVu Sans Bold, as shares of its size, rounded up.
_WIDTHS = {
    character: width
    for width, characters in {
        0.32: "'",
        0.36: " ijlıا",
        0.40: ",./:;IJ\\|‘’·ιΙ",
        0.44: "-f‑",
        0.48: "!()[]t",
        0.52: "_`r–دذ",
        0.56: '"*гε',
        0.60: "?cszзстэζξςرزهة",
        0.64: "LвьГλτΓΞو",
        0.68: "aekvxy“”«»аекухяυχ",
        0.72: "$0123456789EFTbdghnopqu{}ßø€бийнопрчЕЗТαβγδηθκνορΕΣΤعغ",
        0.76: "CPSYZлцъРСЭμΖΡΥجحخم",
        0.80: "ABKRVXАБВУХЬЯπσφψΑΒΔΚΛΧ",
        0.84: "#+<=>DGHNU^~дмИЙКЛНПЧΗΝΠ",
        0.88: "&OQØОωΘΟΦΨΩلن",
        0.92: "ыДقكيى",
        0.96: "wЦЪ",
        1.00: "@M—…™жфюМФΜ",
        1.04: "%Ыبتثطظ",
        1.08: "mæш",
        1.12: "WœÆщ",
        1.20: "ŒЮف",
        1.24: "ЖШ",
        1.36: "Щصض",
        1.40: "سش",
    }.items()
    for character in characters
}


def width(text: str, size: float = 1.0) -> float:
    """How wide the text is at most, set in bold at this size."""
    return size * sum(map(_width, text))


@lru_cache(maxsize=4096)
def _width(character: str) -> float:
    known = _WIDTHS.get(character)
    if known is not None:
        return known
    base = unicodedata.normalize("NFD", character)[0]
    if base in _WIDTHS:
        return _WIDTHS[base]
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Cf"):
        return 0.0
    if category == "So":
        return 1.4
    if category == "Ll":
        return 0.8
    if category == "Lu":
        return 0.95
    return 1.02


# --- the characters that readers see ---------------------------------------------------------

_JOINER = "\u200d"
_LEADING_VOWELS = "เแโใไເແໂໃໄ"


@lru_cache(maxsize=1024)
def characters(text: str) -> tuple[str, ...]:
    """
    The text in what readers take for characters: letters with their marks, emoji with theirs.

    A short form of Unicode's grapheme clusters (UAX 29), with the conjuncts of Indic scripts.
    """
    found: list[str] = []
    for character in text:
        if found and _belongs(character, found[-1]):
            found[-1] += character
        else:
            found.append(character)
    return tuple(found)


def _belongs(character: str, before: str) -> bool:
    last = before[-1]
    if unicodedata.category(character) in ("Mn", "Mc", "Me") or character == _JOINER:
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff" or "\U000e0020" <= character <= "\U000e007f":
        return True
    if last in _LEADING_VOWELS or (last == _JOINER and unicodedata.category(character) == "So"):
        return True
    if unicodedata.combining(last) == 9:
        return character.isalpha()
    is_half_a_flag = "\U0001f1e6" <= character <= "\U0001f1ff"
    return is_half_a_flag and len(before) == 1 and "\U0001f1e6" <= before <= "\U0001f1ff"


def is_wide(character: str) -> bool:
    """Of a script that is written in squares and broken anywhere."""
    return unicodedata.east_asian_width(character[0]) in ("W", "F")


def has_case(character: str) -> bool:
    return character[0].lower() != character[0].upper()
