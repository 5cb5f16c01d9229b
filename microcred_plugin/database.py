"""What the databases and versions of Django call differently; nothing about the product."""

from __future__ import annotations

from typing import Any

import django
from django.db import OperationalError, models

# MySQL: deadlock, lock wait timeout. PostgreSQL: the same two, and serialization failure.
_TRANSIENT_CODES = {1213, 1205, "40P01", "55P03", "40001"}


def check(condition: models.Q, name: str) -> models.CheckConstraint:
    """A check constraint; its argument was renamed in Django 5.1, before 4.2 could know it."""
    argument: dict[str, Any] = {"condition" if django.VERSION >= (5, 1) else "check": condition}
    return models.CheckConstraint(**argument, name=name)


def is_transient(error: OperationalError) -> bool:
    """Whether a statement failed only because somebody else held a lock: try it again."""
    code = error.args[0] if error.args else None
    sqlstate = getattr(error.__cause__, "sqlstate", None) or getattr(
        error.__cause__, "pgcode", None
    )
    return bool({code, sqlstate} & _TRANSIENT_CODES) or "database is locked" in str(error)
