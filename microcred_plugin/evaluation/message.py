"""What the pure part has to say: a key and its parameters, never a sentence in one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

Param: TypeAlias = str | int | Decimal | date | datetime | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """
    One thing to say. `microcred_plugin.wording` has the sentence for each key.

    Parameters named `run`, `runs`, `course` and `microcredential` hold keys, which the wording
    replaces by the titles that people know.
    """

    key: str
    params: Mapping[str, Param] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """As it is kept in receipts: everything that JSON does not know becomes a string."""
        return {
            "key": self.key,
            "params": {name: _plain(value) for name, value in self.params.items()},
        }


def _plain(value: Param) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, tuple) else value


def message(key: str, **params: Param) -> Message:
    """Short for `Message(key, {...})`."""
    return Message(key, params)
