"""
The forms of single requirements: their fields, and how what is typed becomes a requirement.

What somebody types is kept as texts by field, right or wrong, so that nothing is lost. Whether it
is right is asked where it is asked of every definition: of `faults_of_tree`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, TypeAlias

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from microcred_plugin.definitions import api as definitions
from microcred_plugin.evaluation.requirements import Node, read_tree

Text: TypeAlias = str | Promise

# What is typed: texts by the name of the field. A list of runs, and boxes, have several.
Values: TypeAlias = Mapping[str, tuple[str, ...]]


# What a browser sent.
Posted: TypeAlias = QueryDict


@dataclass(frozen=True, slots=True)
class Field:
    """
    A field of a form.

    `looks` is how it is shown: text, whole, amount, date, box, modes, runs, microcredential or
    program. `is_needed`: there is no requirement without it. `is_more`: few need it.
    """

    name: str
    looks: str
    label: Text
    help: Text = ""
    unit: str = ""
    is_needed: bool = False
    is_more: bool = False


# The enrollment modes of the platform. A site's own can be typed.
MODES: Mapping[str, Text] = {
    "verified": _("Verified"),
    "honor": _("Honor"),
    "professional": _("Professional"),
    "no-id-professional": _("Professional, without an ID check"),
    "credit": _("Credit"),
    "masters": _("Master's degree"),
    "executive-education": _("Executive education"),
    "audit": _("Audit"),
}

_TITLE = Field(
    "title",
    "text",
    _("A name of its own"),
    _("Learners read it above the sentence. Leave it empty where the sentence says enough."),
    is_more=True,
)
_CREDITS = Field(
    "credits",
    "amount",
    _("Worth, in credits"),
    _("It matters only in a group that asks for credits."),
    is_more=True,
)
_RUNS = Field(
    "runs",
    "runs",
    _("Which course"),
    _("Choose one run or several, of which any will do; or any run of a course, later ones too."),
    is_needed=True,
)


def _key_field(help_text: Text) -> Field:
    return Field("key", "text", _("Short name"), help_text, is_more=True)


def _title_field(label: Text, help_text: Text) -> Field:
    return Field("title", "text", label, help_text, is_needed=True)


_FIELDS: Mapping[str, tuple[Field, ...]] = {
    "course": (
        _RUNS,
        Field(
            "minimum_grade",
            "whole",
            _("Minimum grade"),
            _("In whole percent. Without one, passing is enough."),
            unit="%",
        ),
        Field("certificate", "box", _("Only with the certificate of the course")),
        Field(
            "modes",
            "modes",
            _("Enrollment modes that count"),
            _("If you choose none, all count but Audit. Audit counts only if you choose it."),
            is_more=True,
        ),
        Field(
            "not_before",
            "date",
            _("First day that counts"),
            _("Passed on that day or later."),
            is_more=True,
        ),
        Field(
            "not_after",
            "date",
            _("Last day that counts"),
            _("Passed on that day or earlier. Days are those of UTC."),
            is_more=True,
        ),
        _TITLE,
        _CREDITS,
    ),
    "assessment": (
        _RUNS,
        Field(
            "block",
            "text",
            _("Which part of it"),
            _(
                "The ID of the subsection: in Studio, the last part of its address, after the "
                "last @. You can paste the whole address."
            ),
            is_needed=True,
        ),
        Field(
            "minimum_grade",
            "whole",
            _("Percentage to reach"),
            _("In whole percent of the points of that part."),
            unit="%",
            is_needed=True,
        ),
        Field(
            "title",
            "text",
            _("What learners call it"),
            _("Such as: the final exam. Without it they read “one part of” the course."),
        ),
        _CREDITS,
    ),
    "completion": (
        _RUNS,
        Field(
            "minimum_percent",
            "whole",
            _("Share to complete"),
            _("In whole percent. It needs the completion aggregator on your site."),
            unit="%",
            is_needed=True,
        ),
        _TITLE,
        _CREDITS,
    ),
    "microcredential": (
        Field(
            "microcredential",
            "microcredential",
            _("Which microcredential"),
            _("One that is published. Learners need to hold it, in whatever version."),
            is_needed=True,
        ),
        _TITLE,
        _CREDITS,
    ),
    "program": (
        Field(
            "program",
            "text",
            _("Which program"),
            _("The UUID of the program: your site's operators find it in the course catalog."),
            is_needed=True,
        ),
        Field("title", "text", _("Its name"), _("So that learners need not read the UUID.")),
        _CREDITS,
    ),
    "evidence": (
        _title_field(_("What to hand in"), _("Such as: a portfolio of three projects.")),
        _key_field(
            _(
                "What is handed in is filed under it, so keep it when you reword the rest. "
                "Without one it is made for you."
            )
        ),
        _CREDITS,
    ),
    "attestation": (
        _title_field(_("What is confirmed"), _("Such as: 20 hours of practice in a clinic.")),
        _key_field(
            _(
                "Confirmations are filed under it, so keep it when you reword the rest. "
                "Without one it is made for you."
            )
        ),
        _CREDITS,
    ),
    "grant": (
        _title_field(
            _("What is granted"), _("Such as: recognized prior learning, membership in a society.")
        ),
        _key_field(
            _(
                "Lists of people are uploaded under it, so keep it when you reword the rest. "
                "Without one it is made for you."
            )
        ),
        _CREDITS,
    ),
}

_GROUP_FIELDS = (
    Field(
        "title", "text", _("A name of its own"),
        _("Such as: Electives. Learners read it above the group."),
    ),
    Field(
        "within_months", "whole", _("Within how many months"),
        _("All of it has to be done in a stretch of so many months. Leave it empty for no limit."),
    ),
    Field(
        "credits", "amount", _("Worth, in credits"),
        _("It matters only if this group is in one that asks for credits."),
    ),
)  # fmt: skip

# What each kind is called, and what it is for, in the order in which authors choose.
LEAVES: Mapping[str, tuple[Text, Text]] = {
    "course": (_("Course"), _("Pass one run of a course, one of several, or any.")),
    "microcredential": (_("Microcredential"), _("Hold another one. This is how they stack.")),
    "assessment": (_("Part of a course"), _("Reach a percentage in an exam or another part.")),
    "completion": (_("Share of a course"), _("Work through it, whatever the grade.")),
    "program": (_("Program"), _("Hold the certificate of a program.")),
    "evidence": (_("Something handed in"), _("A reviewer looks at it and accepts it.")),
    "attestation": (_("Confirmation"), _("Somebody outside confirms it, such as an employer.")),
    "grant": (_("Granted by your team"), _("Prior learning, a membership: you say so.")),
}
GROUPS: Mapping[str, tuple[Text, Text]] = {
    "all_of": (_("All of these"), _("Every requirement in the group.")),
    "any_of": (_("Any one of these"), _("A choice of which one is enough.")),
    "at_least": (_("At least so many"), _("Such as two of three electives.")),
    "credits": (_("Enough credits"), _("Requirements that are worth different amounts.")),
}

# The same, as short as a group's own line has them before the number.
GROUPS_IN_LINE: Mapping[str, Text] = {
    "all_of": _("All of these"),
    "any_of": _("Any one of these"),
    "at_least": _("At least"),
    "credits": _("Credits, at least"),
}


def fields_of(kind: str) -> tuple[Field, ...]:
    """The fields of this kind's form."""
    return _GROUP_FIELDS if kind in GROUPS else _FIELDS[kind]


def read_values(posted: Posted, prefix: str, kind: str) -> Values:
    """What was typed into the form of this kind; its fields are named `<prefix>-<field>`."""
    names = (name for field in fields_of(kind) for name in _parts(field))
    values = {name: tuple(map(str, posted.getlist(f"{prefix}-{name}"))) for name in names}
    return {name: value for name, value in values.items() if any(value)}


def values_of(node: Node) -> Values:
    """What the form of a requirement shows before anybody types."""
    own = {spec.name: getattr(node, spec.name) for spec in fields(node)}
    if "modes" in own:
        own["other_modes"] = ", ".join(mode for mode in own["modes"] if mode not in MODES)
        own["modes"] = tuple(mode for mode in own["modes"] if mode in MODES)
    names = (name for field in fields_of(node.kind) for name in _parts(field))
    values = {name: tuple(_written(own[name])) for name in names}
    return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Refused:
    """What is wrong with what was typed: sentences by the name of the field."""

    errors: Mapping[str, tuple[str, ...]]


def node_from(
    kind: str, values: Values, *, path: str, taken: Collection[str], also: Mapping[str, Any]
) -> Node | Refused:
    """
    The requirement that was typed, or what is wrong with it.

    A short name that is made up is none of the `taken` ones. `also` are fields that the form has
    not.
    """
    data = {"kind": kind, **also, **_data(kind, values)}
    if "key" in _names(kind) and "key" not in data and "title" in data:
        data["key"] = _made_up(data["title"], kind, taken)
    errors: dict[str, tuple[str, ...]] = {}
    for field in fields_of(kind):
        if field.is_needed and not any(name in data for name in _parts(field)):
            errors[field.name] = (_missing(field),)
    for fault in definitions.faults_of_tree(data, path=path):
        place = fault.path.removeprefix(path).removeprefix(".")
        name = "runs" if place == "course" else place
        if name in _names(kind) and name not in errors:
            errors[name] = (fault.sentence,)
        elif not errors:
            errors[fields_of(kind)[0].name] = (fault.sentence,)
    if errors:
        return Refused(errors)
    node = read_tree(data, path=path)
    assert node is not None
    return node


def _names(kind: str) -> set[str]:
    return {field.name for field in fields_of(kind)}


def _parts(field: Field) -> tuple[str, ...]:
    """The names under which a field is typed: most are typed under their own."""
    return {"runs": ("runs", "course"), "modes": ("modes", "other_modes")}.get(
        field.looks, (field.name,)
    )


def _written(value: Any) -> Iterator[str]:
    """A value as texts, as a form shows it."""
    if isinstance(value, tuple):
        yield from value
    elif isinstance(value, Decimal):
        yield f"{value.normalize():f}"
    elif isinstance(value, date):
        yield value.isoformat()
    elif value is True:
        yield "on"
    elif value not in (None, "", False):
        yield str(value)


def _data(kind: str, values: Values) -> dict[str, Any]:
    """What was typed as a definition has it; what was left empty is left out."""
    data: dict[str, Any] = {}
    for field in fields_of(kind):
        text = "".join(values.get(field.name, ())[-1:]).strip()
        if field.looks == "runs":
            data |= _courses(values)
        elif field.looks == "modes":
            others = "".join(values.get("other_modes", ())).split(",")
            modes = [*values.get("modes", ()), *filter(None, (mode.strip() for mode in others))]
            data |= {"modes": modes} if modes else {}
        elif not text:
            continue
        elif field.looks == "box":
            data[field.name] = True
        elif field.looks == "whole":
            data[field.name] = whole(text)
        elif field.looks == "amount":
            data[field.name] = text.replace(",", ".")
        else:
            data[field.name] = text.rpartition("@")[2] if field.name == "block" else text
    return data


def _courses(values: Values) -> dict[str, Any]:
    runs, course = values.get("runs", ()), "".join(values.get("course", ())[-1:])
    if runs:
        return {"runs": list(runs)}
    return {"course": course} if course else {}


def whole(text: str) -> int | str:
    """A whole number as somebody types it; what is none stays as it is, to be quoted."""
    text = text.strip().removesuffix("%").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else text


def _missing(field: Field) -> str:
    if field.looks == "runs":
        return gettext("No course is chosen yet. Search for one, and choose a run or any run.")
    if field.looks == "microcredential":
        return gettext("No microcredential is chosen yet. Search for one, and choose it.")
    return gettext("This is needed. Fill it in, or cancel.")


def _made_up(title: str, kind: str, taken: Collection[str]) -> str:
    """A short name out of a title that nothing else has."""
    name = slugify(title, allow_unicode=True)[:60].strip("-_") or kind
    number, made = 1, name
    while made in taken:
        number += 1
        made = f"{name}-{number}"
    return made
