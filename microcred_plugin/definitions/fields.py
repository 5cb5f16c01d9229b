"""Whether a field of a model can hold what somebody wrote, and in a sentence why it can't."""

from __future__ import annotations

import reprlib
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from microcred_plugin.definitions.errors import Fault

Row = TypeVar("Row", bound=models.Model)


def put(row: Row, name: str, value: Any) -> list[Fault]:
    """
    Set a field of a row that is not saved yet; what is wrong with the value, if anything is.

    Nothing is guessed: Django would take a list for a text, and 12.7 for 12.
    """
    field = row._meta.get_field(name)
    assert isinstance(field, models.Field)
    try:
        setattr(row, name, _cleaned(field, value))
    except ValidationError as error:
        return [Fault(name, " ".join(error.messages))]
    return []


def shown(value: Any) -> str:
    """A value as it is quoted to authors, cut short."""
    return reprlib.repr(value)


def wrong_with_text(value: Any) -> str | None:
    """What is wrong with a value that should be a text, if anything is."""
    if not isinstance(value, str):
        return _("This must be a text; it is {value}. If that is the text, quote it.").format(
            value=shown(value)
        )
    # Not every database keeps these: characters of control, and halves of a character.
    if any((one < " " and one not in "\t\n\r") or "\ud800" <= one <= "\udfff" for one in value):
        return _("There is a control character in this text. Take it out.")
    return None


def _cleaned(field: models.Field[Any, Any], value: Any) -> Any:
    if isinstance(field, (models.CharField, models.TextField)):
        _check_text(field, value)
    elif isinstance(field, models.BooleanField):
        if not isinstance(value, bool):
            raise ValidationError(
                _("This must be true or false; it is {value}.").format(value=shown(value))
            )
    elif isinstance(field, models.IntegerField):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int)):
            raise ValidationError(
                _("This must be a whole number; it is {value}.").format(value=shown(value))
            )
    elif isinstance(field, models.DecimalField) and isinstance(value, bool):
        raise ValidationError(_("This must be a number; it is {value}.").format(value=shown(value)))
    try:
        cleaned = field.clean(value, None)
    except ValidationError as error:
        is_no_number = getattr(error, "code", "") == "invalid"
        if not isinstance(field, models.DecimalField) or not is_no_number:
            raise
        sentence = _("This must be a number; it is {value}.")
        raise ValidationError(sentence.format(value=shown(value))) from error
    if isinstance(field, models.DecimalField) and cleaned is not None and cleaned < 0:
        raise ValidationError(_("This must not be less than 0; it is {value}.").format(value=value))
    return cleaned


def _check_text(field: models.Field[Any, Any], value: Any) -> None:
    wrong = wrong_with_text(value)
    if wrong is not None:
        raise ValidationError(wrong)
    if not field.blank and not value.strip():
        raise ValidationError(_("This must not be empty."))
    known = [str(choice) for choice, _label in field.flatchoices]
    if known and value not in known:
        raise ValidationError(
            _("This must be one of {known}; it is {value}.").format(
                known=", ".join(known), value=shown(value)
            )
        )
