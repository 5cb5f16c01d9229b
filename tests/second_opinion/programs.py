"""The verifiers as programs: what they are asked, and what they answer."""

from __future__ import annotations

import json
import os
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.second_opinion.install import HERE, NODE_MODULES, PYTHON
from tests.second_opinion.issuers import stamp

STANDARDS = Path(
    os.environ.get("MICROCRED_STANDARDS", HERE.parents[2] / "shared" / "standards")
).resolve()
PROGRAMS = [[PYTHON, HERE / "python" / "verify.py"], ["node", HERE / "node" / "verify.js"]]

# By case and verifier: whether it accepts (None: it does not read such documents), and why not.
Verdicts = dict[str, dict[str, tuple[bool | None, str]]]

_MISSING = [
    what
    for what, path in {
        "tests/second_opinion/install.py has not been run": PYTHON,
        "tests/second_opinion/install.py has not been run with npm": NODE_MODULES,
        "the standards are not where MICROCRED_STANDARDS says": STANDARDS / "MANIFEST.json",
    }.items()
    if not path.exists()
]
needs_verifiers = pytest.mark.skipif(
    bool(_MISSING) and os.environ.get("MICROCRED_SECOND_OPINION") != "required",
    reason="; ".join(_MISSING),
)


def verdicts_of(
    folder: Path,
    cases: Mapping[str, bytes],
    served: Mapping[str, Any],
    now: datetime,
    served_otherwise: Mapping[str, Any] | None = None,
) -> Verdicts:
    """
    What each verifier says of each case, by the name of its file, at an instant.

    `served` is what is found at which address; `served_otherwise` what a case finds instead.
    """
    place = folder / "cases"
    place.mkdir(exist_ok=True)
    for old in place.iterdir():
        old.unlink()
    (folder / "served.json").write_text(json.dumps(served))
    for name, content in cases.items():
        (place / name).write_bytes(content)
    for name, otherwise in (served_otherwise or {}).items():
        stem = name.rpartition(".")[0]
        (place / f"{stem}.served.json").write_text(json.dumps(otherwise))
    found: Verdicts = defaultdict(dict)
    names = {name.rpartition(".")[0]: name for name in cases}
    with ThreadPoolExecutor() as pool:
        for output in pool.map(lambda program: run([*program, folder, stamp(now)]), PROGRAMS):
            for line in map(json.loads, output.splitlines()):
                found[names[line["name"]]][line["verifier"]] = (line["accepted"], line["reason"])
    return found


def run(command: list[str | Path]) -> str:
    """What a program of these prints."""
    result = subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"MICROCRED_STANDARDS": str(STANDARDS)},
    )
    assert result.returncode == 0, result.stderr
    return result.stdout
