"""The fields of a definition as the editor has them: their labels, and how they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from microcred_plugin.definitions.api import RegressionPolicy

Text = str | Promise


class Control(str, Enum):
    """What a field is filled in with."""

    LINE = "line"
    TEXT = "text"
    WHOLE = "whole"
    AMOUNT = "amount"
    CHOICE = "choice"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Field:
    """A field of the editor; `suggestions` are offered, and others may be written."""

    name: str
    label: Text
    help: Text = ""
    control: Control = Control.LINE
    choices: tuple[tuple[str, Text], ...] = ()
    suggestions: tuple[Text, ...] = ()
    unit: Text = ""
    is_required: bool = False
    default: str = ""
    is_wide: bool = False


_POLICIES = (
    (RegressionPolicy.KEEP.value, _("they keep it")),
    (RegressionPolicy.SUSPEND.value, _("it is suspended until they meet it again")),
    (RegressionPolicy.REVOKE.value, _("it is revoked")),
)

IDENTITY = (
    Field("title", _("Title"), _("What somebody has shown, in a few words."), is_required=True),
    Field(
        "description",
        _("Description"),
        _("What a holder can do, for somebody who has never heard of your courses."),
        Control.TEXT,
    ),
    Field(
        "language",
        _("Language of these texts"),
        _("As a code, such as en, de or pt-br."),
        suggestions=tuple(code for code, _name in settings.LANGUAGES),
        default="en",
    ),
)

WORK = (
    Field(
        "workload_hours",
        _("Workload"),
        _("All the time that it takes a learner, work at home included."),
        Control.AMOUNT,
        unit=_("hours"),
    ),
    Field("credit_value", _("Credit"), _("If it gives any."), Control.AMOUNT),
    Field("credit_kind", _("Kind of credit"), suggestions=("ECTS", "CEU", "PDU", "CPD", "ECVET")),
    Field(
        "level",
        _("Level"),
        _("Such as 5."),
    ),
    Field(
        "level_framework",
        _("Framework of the level"),
        _("Whose levels these are."),
        suggestions=("EQF", "QF-EHEA", "AQF", "NQF"),
    ),
    Field(
        "assessment_type",
        _("How it is assessed"),
        suggestions=(
            _("Written examination"),
            _("Oral examination"),
            _("Graded assignments"),
            _("Project"),
            _("Portfolio"),
            _("Practical demonstration"),
        ),
        is_wide=True,
    ),
    Field(
        "supervision",
        _("Supervision and identity check"),
        _("Who sees that it is the learner's own work."),
        suggestions=(
            _("Unsupervised, no identity check"),
            _("Supervised, no identity check"),
            _("Supervised online, with identity check"),
            _("Supervised on site, with identity check"),
        ),
        is_wide=True,
    ),
    Field(
        "participation",
        _("Form of participation"),
        suggestions=(_("Online"), _("On site"), _("Blended"), _("At work")),
    ),
    Field(
        "quality_assurance",
        _("Quality assurance"),
        _("Who sees to it that it is worth what it says, and how."),
        is_wide=True,
    ),
    Field(
        "prerequisites",
        _("What one should know before"),
        _("For learners who wonder whether it is for them. Nothing of it is checked."),
        Control.TEXT,
    ),
)

RULES = (
    Field(
        "validity_months",
        _("Valid for"),
        _("Leave empty if it never expires."),
        Control.WHOLE,
        unit=_("months"),
    ),
    Field(
        "grace_days",
        _("May be renewed until"),
        _("So many days after it has expired, what is met anew prolongs the same award."),
        Control.WHOLE,
        unit=_("days after"),
    ),
    Field(
        "policy",
        _("If somebody no longer meets it"),
        _("When a grade is corrected, for instance."),
        Control.CHOICE,
        choices=_POLICIES,
    ),
    Field(
        "needs_approval",
        _("Somebody has to approve each award"),
        _("Those who meet everything wait until a person says yes."),
        Control.FLAG,
    ),
    Field(
        "supersedes",
        _("Takes the place of"),
        _("A lower level of the same: on dashboards this one is shown in its place."),
        Control.CHOICE,
    ),
)

FIELDS = (*IDENTITY, *WORK, *RULES)


def read(posted: QueryDict) -> dict[str, Any]:
    """
    What was filled in, as plain data for a draft; what can't be read as a number stays a text.

    `supersedes` is a uuid, which the caller replaces.
    """
    content: dict[str, Any] = {}
    for field in FIELDS:
        typed = posted.get(field.name, "").replace("\r\n", "\n").strip()
        if field.control is Control.FLAG:
            content[field.name] = field.name in posted
        elif typed or field.is_required:
            content[field.name] = _value(field, typed)
    return content


def _value(field: Field, typed: str) -> Any:
    if field.control is Control.WHOLE and typed.removeprefix("-").isdecimal() and len(typed) < 12:
        return int(typed)
    return typed.replace(",", ".") if field.control is Control.AMOUNT else typed


@dataclass(frozen=True, slots=True)
class Filled:
    """A field with what stands in it, and what is wrong with that."""

    field: Field
    value: str
    wrong: tuple[str, ...] = ()
    theirs: str | None = None
    choices: tuple[tuple[str, Text], ...] = ()

    @property
    def is_checked(self) -> bool:
        return self.value == "True"


def filled(
    fields: Iterable[Field],
    values: Mapping[str, Any],
    *,
    wrong: Mapping[str, Iterable[str]] | None = None,
    theirs: Mapping[str, str] | None = None,
    choices: Mapping[str, tuple[tuple[str, Text], ...]] | None = None,
) -> tuple[Filled, ...]:
    """The fields with their values; `theirs` says what somebody else has saved meanwhile."""
    return tuple(
        Filled(
            field,
            shown(values.get(field.name)) or field.default,
            tuple((wrong or {}).get(field.name, ())),
            (theirs or {}).get(field.name),
            (choices or {}).get(field.name, field.choices),
        )
        for field in fields
    )


def shown(value: Any) -> str:
    """A value as it stands in its field."""
    return "" if value is None else str(value)
