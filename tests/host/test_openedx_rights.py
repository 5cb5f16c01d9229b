"""Which of the platform's two systems says who may author, with stand-ins for its modules."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from microcred_plugin.host.openedx import OpenEdxHost

RUN = "course-v1:Org+C1+Spring"

pytestmark = pytest.mark.django_db


def put(monkeypatch: pytest.MonkeyPatch, name: str, **values: Any) -> None:
    """Have a module of this name, and what is above it, with these values in it."""
    parts = name.split(".")
    for end in range(1, len(parts) + 1):
        above = ".".join(parts[:end])
        if above not in sys.modules:
            monkeypatch.setitem(sys.modules, above, ModuleType(above))
    module = ModuleType(name)
    vars(module).update(values)
    monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Any:
    user = get_user_model().objects.create(username="ana")

    def by_role(_user: Any, _run: Any, service_variant: str | None = None) -> bool:
        return service_variant == "cms"

    put(monkeypatch, "common.djangoapps.student.auth", has_studio_write_access=by_role)
    put(monkeypatch, "openedx.core.toggles")
    put(monkeypatch, "openedx.core.djangoapps.authz.decorators")
    return lambda: OpenEdxHost().may_author(user.pk, [RUN])


def switch(monkeypatch: pytest.MonkeyPatch, is_on: bool) -> None:
    put(monkeypatch, "openedx.core.toggles", enable_authz_course_authoring=lambda _run: is_on)


def answer(monkeypatch: pytest.MonkeyPatch, may: bool) -> list[tuple[str, str]]:
    asked: list[tuple[str, str]] = []

    def by_authz(_user: Any, permission: str, run: Any) -> bool:
        asked.append((permission, str(run)))
        return may

    put(
        monkeypatch, "openedx.core.djangoapps.authz.decorators", user_has_course_permission=by_authz
    )
    return asked


def test_platform_that_has_roles_only_is_asked_as_studio_asks(ask: Any) -> None:
    assert ask() == {RUN}


def test_course_that_is_not_switched_over_is_asked_by_its_roles(
    ask: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(monkeypatch, False)
    asked = answer(monkeypatch, may=False)
    assert ask() == {RUN}
    assert asked == []


@pytest.mark.parametrize("may", [True, False])
def test_course_that_is_switched_over_is_asked_by_its_permissions_alone(
    ask: Any, monkeypatch: pytest.MonkeyPatch, may: bool
) -> None:
    switch(monkeypatch, True)
    asked = answer(monkeypatch, may)
    assert ask() == ({RUN} if may else frozenset())
    assert asked == [("courses.edit_course_content", RUN)]


def test_permissions_that_cannot_be_asked_give_no_right(
    ask: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    switch(monkeypatch, True)
    assert ask() == frozenset()
    assert "can't be asked" in caplog.text
