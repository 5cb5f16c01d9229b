"""A title in one to three letters."""

# Small words of several languages have letters that look like Latin ones.
# ruff: noqa: RUF001

from __future__ import annotations

from itertools import groupby

from microcred_plugin.artwork.characters import characters, has_case, is_wide

# Words that carry no meaning of their own, in languages that courses are often in; and what is
# left of English ones after an apostrophe.
_SMALL_WORDS = """
    a an and as at by for from in into of on or the to with your s t
    am das dem den der des die ein eine für im in mit und vom von zu zum zur
    au aux avec d dans de des du en et l la le les pour sur un une
    con del e el i las lo los para por y da das do dos na no o os
    di della delle degli il per een het van voor och för att på w z dla
    в во для и к на о об от по с со
"""
_WITHOUT_MEANING = frozenset(_SMALL_WORDS.split())
_ARABIC_ARTICLE = "ال"


def monogram(title: str) -> str:
    """
    One to three letters that stand for the title; empty if it has none, nor any sign.

    The initials of its words where the script has capitals; else the beginning of its first
    word, which is the usual way where letters join or fill squares.
    """
    pieces = groupby(characters(title), key=lambda character: character[0].isalnum())
    words = ["".join(piece) for is_word, piece in pieces if is_word]
    telling = [word for word in words if word.casefold() not in _WITHOUT_MEANING] or words
    if not telling:
        return next(iter(characters(title.replace(" ", ""))), "")
    first = telling[0]
    if not (has_case(first) or first[0].isdecimal()):
        return _beginning(first)
    if len(telling) == 1:
        return first if len(first) <= 3 and first.isupper() else _pair(first)
    initials = [_capital(word) for word in telling if has_case(word) or word[0].isdecimal()]
    return "".join(initials[:3])


def _beginning(word: str) -> str:
    """Two ideographs, or the first letter of a script that has no capitals."""
    if word.startswith(_ARABIC_ARTICLE) and len(word) > 4:
        word = word.removeprefix(_ARABIC_ARTICLE)
    return "".join(characters(word)[: 2 if is_wide(word) else 1])


def _pair(word: str) -> str:
    parts = characters(word)
    return _capital(word) + "".join(parts[1:2])


def _capital(word: str) -> str:
    """Its first letter as at the beginning of a title: Georgian has none of its own there."""
    first = characters(word)[0]
    capital = first[0].title()
    return (capital if len(capital) == 1 else first[0]) + first[1:]
