"""
Writes docs/reference from the code: `python scripts/make_reference.py`.

With `--check` it writes nothing, and says which page is not what the code says now.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from microcred_plugin import monitoring  # noqa: E402 - the path first
from microcred_plugin.evaluation.requirements import KINDS, Node  # noqa: E402
from microcred_plugin.settings import common  # noqa: E402

_SETTING = re.compile(
    r"\.\. setting_name: (?P<name>\w+)\n"
    r"\s+# \.\. setting_default: (?P<default>[^\n]+)\n"
    r"\s+# \.\. setting_description: (?P<description>(?:[^\n]+\n)(?:\s+#    [^\n]+\n)*)"
)


_ATTRIBUTE = re.compile(
    r"# \.\. custom_attribute_name: (?P<name>[\w.]+)\n"
    r"# \.\. custom_attribute_description: (?P<description>(?:[^\n]+\n)(?:#    [^\n]+\n)*)"
)


def settings_page() -> str:
    """Every setting with its default, from the annotations in settings/common.py."""
    rows = [
        "# Settings",
        "",
        "Each is a Django setting of the LMS and of Studio. The defaults do for most sites.",
        "",
        "| setting | default | what it does |",
        "|---|---|---|",
    ]
    for found in _SETTING.finditer(inspect.getsource(common)):
        description = " ".join(re.sub(r"\n\s*#", "\n", found["description"]).split())
        rows.append(f"| `{found['name']}` | `{found['default']}` | {description} |")
    return "\n".join(rows) + "\n"


def monitoring_page() -> str:
    """Every custom attribute, from the annotations in monitoring.py."""
    rows = [
        "# Monitoring",
        "",
        "The plugin's requests and tasks carry these attributes, through",
        "`edx_django_utils.monitoring`, in whatever the site's `OPENEDX_TELEMETRY` names: numbers",
        "and ids only. Evaluating a batch is a segment of its own, `microcred.evaluate`.",
        "",
        "| attribute | what it says |",
        "|---|---|",
    ]
    for found in _ATTRIBUTE.finditer(inspect.getsource(monitoring)):
        description = " ".join(found["description"].replace("\n#", "\n").split())
        rows.append(f"| `{found['name']}` | {description} |")
    return "\n".join(rows) + "\n"


def requirements_page() -> str:
    """Every kind of requirement with its fields, from the dataclasses."""
    rows = [
        "# Requirements",
        "",
        "A requirement tree is a mapping with a `kind`; groups hold more of them under `of`. Every",
        "node may carry a `title` that people read, and `credits`, what it is worth in a group of",
        "kind `credits`. `docs/how-to/write-definitions.md` shows whole trees.",
    ]
    for kind, node in KINDS.items():
        rows += ["", f"## {kind}", "", inspect.getdoc(node) or ""]
        if "runs" in {spec.name for spec in fields(node)}:
            rows += [
                "",
                "Either `runs`, a list of course keys, or `course`, written `Org+Course`, for",
                "every run of a course. Any of the runs will do.",
            ]
        own = list(_own_fields(node))
        if own:
            rows += ["", "| field | |", "|---|---|", *own]
    return "\n".join(rows) + "\n"


def _own_fields(node: type[Node]) -> Iterator[str]:
    common_to_all = {spec.name for spec in fields(Node)}
    for spec in fields(node):
        if spec.name == "of":
            yield "| `of` | the nodes in the group |"
        elif spec.name not in common_to_all:
            need = "needed" if spec.default is MISSING else "may be left out"
            yield f"| `{spec.name}` | {need} |"


PAGES: Mapping[str, str] = {
    "settings.md": settings_page(),
    "requirements.md": requirements_page(),
    "monitoring.md": monitoring_page(),
}


def main() -> int:
    folder = ROOT / "docs" / "reference"
    stale = []
    for name, text in PAGES.items():
        path = folder / name
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                stale.append(name)
        else:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for name in stale:
        print(f"docs/reference/{name} is out of date: run python scripts/make_reference.py")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
