"""
Values and styles of a drawing, read so far that what is left of them is plain attributes.

Drawing programs write either a `style` at each element, or a sheet with a class for each look.
Both are turned into attributes, so that a drawing that was taken has no styles to be wary of.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from microcred_plugin.definitions.errors import NotAnImage
from microcred_plugin.definitions.fields import shown
from microcred_plugin.definitions.svg_vocabulary import FUNCTIONS, STYLES

MOST_RULES = 2_000

_COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
_RULE = re.compile(r"\s*([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"([.#]?)([\w-]+)")
_CALL = re.compile(r"([\w-]*)\s*\(")
_LOCAL = re.compile(r"""url\(\s*(["']?)#([\w.:-]+)\1\s*\)""", re.IGNORECASE)
_STRANGE = re.compile(r"[\\@<>{};\x00-\x08\x0b\x0c\x0e-\x1f]|/\*|:/")

# How much a selector counts against another one: CSS Cascade, "specificity".
_WEIGHT = {"": 0, ".": 1, "#": 2}


@dataclass(frozen=True, slots=True)
class Rule:
    """What a style sheet says of the elements with a name, a class ("." before it) or an id."""

    sign: str
    name: str
    styles: Mapping[str, str]


def checked_value(name: str, value: str) -> str:
    """
    The value of an attribute or a style, if it can do nothing but say how something is drawn.

    Raises `NotAnImage` where it calls for something outside, or for what no drawing needs.
    """
    if "(" in value or ":" in value:
        called = {function.lower() for function in _CALL.findall(value)}
        is_local = len(_LOCAL.findall(value)) == len(re.findall(r"url", value, re.IGNORECASE))
        is_plain = called <= FUNCTIONS and is_local
    else:
        is_plain = True
    if not is_plain or _STRANGE.search(value):
        raise NotAnImage(
            _(
                "“{name}” has the value {value} in this drawing, which a badge image can't have. "
                "Export it as plain SVG, without anything that is outside of the file."
            ).format(name=name, value=shown(value))
        )
    return value.strip()


def named_in(value: str) -> Iterator[str]:
    """The ids that a value refers to."""
    return (name for _quote, name in _LOCAL.findall(value))


def read_styles(text: str) -> dict[str, str]:
    """The styles in a `style` attribute or in a rule; those that draw nothing are left out."""
    styles = {}
    for declaration in _COMMENT.sub("", text).split(";"):
        name, _colon, value = declaration.partition(":")
        name = name.strip().lower()
        if name in STYLES:
            styles[name] = checked_value(name, value)
    return styles


def read_sheet(text: str) -> list[Rule]:
    """
    The rules of a style sheet. Raises `NotAnImage`.

    Only the sheets that drawing programs write are read: lists of names, classes and ids.
    """
    text = _COMMENT.sub("", text)
    matches = list(_RULE.finditer(text))
    if _RULE.sub("", text).strip() or len(matches) > MOST_RULES:
        raise _not_plain(text)
    rules = []
    for match in matches:
        styles = read_styles(match[2])
        for selector in match[1].split(","):
            found = _SELECTOR.fullmatch(selector.strip())
            if found is None:
                raise _not_plain(selector)
            rules.append(Rule(found[1], found[2], styles))
    if len(rules) > MOST_RULES:
        raise _not_plain(text)
    return rules


class Sheet:
    """All rules of a drawing, by what they are about."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules: dict[tuple[str, str], list[tuple[int, Mapping[str, str]]]] = {}
        in_order = sorted(rules, key=lambda rule: _WEIGHT[rule.sign])
        for place, rule in enumerate(in_order):
            self._rules.setdefault((rule.sign, rule.name), []).append((place, rule.styles))

    def of(self, name: str, attributes: Mapping[str, str]) -> dict[str, str]:
        """What the sheet says of an element."""
        about = {("", name), ("#", attributes.get("id", ""))}
        about |= {(".", one) for one in attributes.get("class", "").split()}
        found = [styles for one in about for styles in self._rules.get(one, ())]
        return {
            name: value
            for _place, styles in sorted(found, key=lambda one: one[0])
            for name, value in styles.items()
        }


def _not_plain(text: str) -> NotAnImage:
    return NotAnImage(
        _(
            "The styles of this drawing are more than a badge image can have: {text}. Export it "
            "with “presentation attributes” instead of a style sheet."
        ).format(text=shown(text.strip()))
    )
