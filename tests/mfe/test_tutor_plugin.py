"""
What the Tutor plugin hands to Tutor. Tutor itself is no dependency, so its hooks are stand-ins
here; docs/how-to/learner-home.md and authoring.md say which releases it was rendered with.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import jinja2
import pytest
from cryptography.fernet import Fernet, MultiFernet

from microcred_plugin.mfe import sources

MODULE = "microcred_plugin.mfe.tutor_plugin"


class Filter:
    def __init__(self) -> None:
        self.items: list[Any] = []

    def add_item(self, item: Any) -> None:
        self.items.append(item)

    def apply(self, value: list[Any]) -> list[Any]:
        return [*value, *self.items]


class Action:
    def __init__(self) -> None:
        self.callbacks: list[Any] = []

    def add(self) -> Any:
        return self.callbacks.append


class Tutor:
    """The hooks that the plugin may use, and what it says."""

    def __init__(self) -> None:
        self.filters: defaultdict[str, Filter] = defaultdict(Filter)
        self.config_loaded = Action()
        self.said: list[str] = []

    def modules(self) -> dict[str, ModuleType]:
        names = (
            "CONFIG_DEFAULTS",
            "CONFIG_UNIQUE",
            "ENV_PATCHES",
            "ENV_TEMPLATE_ROOTS",
            "ENV_TEMPLATE_VARIABLES",
            "PLUGINS_LOADED",
        )
        hooks = module(
            "tutor.hooks",
            Filters=SimpleNamespace(**{name: self.filters[name] for name in names}),
            Actions=SimpleNamespace(CONFIG_LOADED=self.config_loaded),
        )
        fmt = module("tutor.fmt", echo_alert=self.said.append)
        tutor = module("tutor", hooks=hooks, fmt=fmt)
        return {"tutor": tutor, "tutor.hooks": hooks, "tutor.fmt": fmt}

    def mfe(self, *names: str) -> dict[str, ModuleType]:
        hooks = module("tutormfe.hooks", **{name: self.filters[name] for name in names})
        return {"tutormfe": module("tutormfe", hooks=hooks), "tutormfe.hooks": hooks}

    def rendered(self, patch: str, **variables: Any) -> str:
        (text,) = [text for name, text in self.filters["ENV_PATCHES"].items if name == patch]
        return jinja2.Template(text, undefined=jinja2.StrictUndefined).render(**variables)

    def patches(self) -> set[str]:
        return {name for name, _text in self.filters["ENV_PATCHES"].items}

    def load_config(self) -> list[str]:
        for callback in self.config_loaded.callbacks:
            callback({})
        return self.said


def module(name: str, **members: Any) -> ModuleType:
    made = ModuleType(name)
    vars(made).update(members)
    return made


@pytest.fixture
def tutor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Tutor]:
    tutor = Tutor()
    for name, made in tutor.modules().items():
        monkeypatch.setitem(sys.modules, name, made)
    monkeypatch.delitem(sys.modules, MODULE, raising=False)
    # As if it were not installed.
    monkeypatch.setitem(sys.modules, "tutormfe.hooks", None)
    yield tutor
    sys.modules.pop(MODULE, None)


def load(tutor: Tutor, monkeypatch: pytest.MonkeyPatch, *mfe_hooks: str) -> None:
    """As Tutor does: by the entry point. `mfe_hooks`: what tutor-mfe has; none, it is missing."""
    if mfe_hooks:
        for name, made in tutor.mfe(*mfe_hooks).items():
            monkeypatch.setitem(sys.modules, name, made)
        tutor.filters["PLUGINS_LOADED"].add_item("mfe")
    (entry_point,) = entry_points(group="tutor.plugin.v1", name="microcredentials")
    assert entry_point.value == MODULE
    entry_point.load()


IMAGE = "openedx-dockerfile-post-python-requirements"
SETTINGS = "openedx-common-settings"
LEARNER_HOME = "mfe-env-config-runtime-definitions-learner-dashboard"
AUTHORING = "mfe-env-config-runtime-definitions-authoring"
SITE = "mfe-site-custom-app-imports"


def test_as_with_tutor_20_and_21(tutor: Tutor, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tutor, monkeypatch, "PLUGIN_SLOTS")
    plugins = {(app, slot): plugin for app, slot, plugin in tutor.filters["PLUGIN_SLOTS"].items}
    slot = "org.openedx.frontend.learner_dashboard.widget_sidebar.v1"
    assert "RenderWidget: MicrocredentialsWidget" in plugins.pop(("learner-dashboard", slot))
    assert plugins == {
        ("authoring", "org.openedx.frontend.authoring.additional_course_plugin.v1"): (
            "MicrocredentialsForCourses.inPagesAndResources"
        ),
        ("authoring", "org.openedx.frontend.authoring.course_outline_sidebar.v1"): (
            "MicrocredentialsForCourses.inOutlineSidebar"
        ),
    }
    assert len(tutor.filters["PLUGIN_SLOTS"].items) == 3
    assert tutor.patches() == {IMAGE, SETTINGS, LEARNER_HOME, AUTHORING}
    assert not tutor.filters["ENV_TEMPLATE_ROOTS"].items
    assert tutor.load_config() == []


def test_as_with_tutor_22(tutor: Tutor, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tutor, monkeypatch, "PLUGIN_SLOTS", "FRONTEND_SLOTS")
    assert tutor.patches() == {IMAGE, SETTINGS, LEARNER_HOME, AUTHORING, SITE}
    (operation,) = tutor.filters["FRONTEND_SLOTS"].items
    assert "'org.openedx.frontend.slot.learnerDashboard.widgetSidebar.v1'" in operation
    imports = tutor.rendered(SITE)
    assert "import MicrocredentialsWidget from './microcredentials';" in imports
    # The module that this imports is rendered into the site.
    (root,) = tutor.filters["ENV_TEMPLATE_ROOTS"].items
    (template,) = [path for path in Path(root).rglob("*") if path.is_file()]
    assert template.relative_to(root).as_posix() == "mfe/build/mfe/site/src/microcredentials.jsx"
    rendered = jinja2.Template(template.read_text(encoding="utf-8")).render(
        **dict(tutor.filters["ENV_TEMPLATE_VARIABLES"].items)
    )
    assert rendered.strip() == sources.frontend_base_module().strip()
    assert tutor.load_config() == []


@pytest.mark.parametrize(
    ("patch", "app", "defined"),
    [
        (LEARNER_HOME, "learner-dashboard", "MicrocredentialsWidget"),
        (AUTHORING, "authoring", "MicrocredentialsForCourses"),
    ],
)
def test_each_micro_frontend_has_what_its_slots_name(
    tutor: Tutor, monkeypatch: pytest.MonkeyPatch, patch: str, app: str, defined: str
) -> None:
    load(tutor, monkeypatch, "PLUGIN_SLOTS")
    rendered = tutor.rendered(patch)
    assert rendered == "\n" + sources.fpf_definitions(app)
    assert rendered.count(f"\nconst {defined} = await (async () => {{") == 1
    for its_app, _slot, plugin in tutor.filters["PLUGIN_SLOTS"].items:
        assert (defined in plugin) == (its_app == app)


def test_without_tutor_mfe_it_says_so_and_does_the_rest(
    tutor: Tutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(tutor, monkeypatch)
    assert tutor.patches() == {IMAGE, SETTINGS}
    assert not tutor.filters["PLUGIN_SLOTS"].items
    (said,) = tutor.load_config()
    assert "tutor plugins enable mfe" in said
    assert "neither Learner Home nor Studio" in said


def test_too_old_a_tutor_mfe_is_named(tutor: Tutor, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tutor, monkeypatch, "MFE_APPS")
    assert tutor.patches() == {IMAGE, SETTINGS}
    (said,) = tutor.load_config()
    assert "too old" in said


@pytest.mark.parametrize("wanted", ["openedx-microcredentials==1.2", ""])
def test_image_has_what_the_setting_names(
    tutor: Tutor, monkeypatch: pytest.MonkeyPatch, wanted: str
) -> None:
    load(tutor, monkeypatch)
    run = tutor.rendered(IMAGE, MICROCREDENTIALS_REQUIREMENT=wanted)
    assert run.count("RUN") == run.count(f"pip install '{wanted}'") == (1 if wanted else 0)


def settings_of(tutor: Tutor, secrets: list[str]) -> dict[str, Any]:
    """What the patch leaves in the platform's settings."""
    found: dict[str, Any] = {}
    exec(tutor.rendered(SETTINGS, MICROCREDENTIALS_KEY_SECRETS=secrets), found)
    return found


def test_site_can_sign_at_once(tutor: Tutor, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tutor, monkeypatch)
    [(name, [template])] = tutor.filters["CONFIG_UNIQUE"].items
    assert name == "MICROCREDENTIALS_KEY_SECRETS"
    # As Tutor's filter: letters and digits.
    environment = jinja2.Environment()
    environment.filters["random_string"] = lambda length: "aB3" * (length // 3) + "x" * (length % 3)
    secret = environment.from_string(template).render()
    assert len(secret) == 32
    [key] = settings_of(tutor, [secret])["MICROCRED_KEY_ENCRYPTION_KEYS"]
    fernet = Fernet(key)
    assert fernet.decrypt(fernet.encrypt(b"a key")) == b"a key"


def test_keys_of_a_site_can_be_replaced(tutor: Tutor, monkeypatch: pytest.MonkeyPatch) -> None:
    load(tutor, monkeypatch)
    new, old = settings_of(tutor, ["n" * 32, "o" * 32])["MICROCRED_KEY_ENCRYPTION_KEYS"]
    before = Fernet(old).encrypt(b"a key")
    assert MultiFernet([Fernet(new), Fernet(old)]).decrypt(before) == b"a key"


ORIGINS = {
    "an index": (None, "openedx-microcredentials==1.2"),
    "a repository": (
        {
            "url": "https://example.com/m.git",
            "vcs_info": {"vcs": "git", "commit_id": "c0ffee", "requested_revision": "main"},
        },
        "openedx-microcredentials @ git+https://example.com/m.git@c0ffee",
    ),
    "an archive": (
        {"url": "https://example.com/m.whl", "archive_info": {}},
        "openedx-microcredentials @ https://example.com/m.whl",
    ),
    "a folder": ({"url": "file:///home/op/m", "dir_info": {"editable": True}}, ""),
}


@pytest.mark.parametrize("origin", ORIGINS)
def test_image_gets_the_package_from_where_tutor_has_it(
    tutor: Tutor, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    note, wanted = ORIGINS[origin]
    load(tutor, monkeypatch)
    installed = SimpleNamespace(
        version="1.2", read_text=lambda _name: None if note is None else json.dumps(note)
    )
    monkeypatch.setattr(sys.modules[MODULE], "distribution", lambda _name: installed)
    assert sys.modules[MODULE].requirement() == wanted
