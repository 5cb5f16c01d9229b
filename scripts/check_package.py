"""
Builds the package, installs the wheel into an empty environment, and loads it as LMS and as CMS.

All of it happens in a temporary folder, away from the source, so that a file which the wheel lacks
is missed. Needs `build`. What is wrong is said in a sentence; the exit code is then 1.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SITE = Path(__file__).resolve().parent / "site"
PACKAGE = "microcred_plugin"

# What version control, tools and earlier builds leave beside the source.
NOT_SOURCE = shutil.ignore_patterns(
    ".*", "__pycache__", "build", "dist", "node_modules", "*.egg-info", "*.pyc", "*.sqlite3"
)


def main() -> None:
    """Build, compare, install, load."""
    with tempfile.TemporaryDirectory(prefix="check-package-") as name:
        folder = Path(name)
        source, dist, site = folder / "source", folder / "dist", folder / "site"
        shutil.copytree(ROOT, source, ignore=NOT_SOURCE)
        _run(sys.executable, "-m", "build", "--outdir", dist, source, quiet=True)
        (wheel,) = dist.glob("*.whl")
        (sdist,) = dist.glob("*.tar.gz")
        _compare(source, wheel, sdist)
        python = _install(wheel, folder / "venv")
        shutil.copytree(SITE, site)
        # The CMS second, on the database that the LMS has migrated.
        for service in ("lms", "cms"):
            environment = os.environ | {"DJANGO_SETTINGS_MODULE": "settings", "SERVICE": service}
            environment.pop("PYTHONPATH", None)
            _run(python, "probe.py", cwd=site, env=environment)


def _compare(source: Path, wheel: Path, sdist: Path) -> None:
    """Every file of the package is in the wheel and in the sdist, and no other is in the wheel."""
    expected = {
        path.relative_to(source).as_posix()
        for path in (source / PACKAGE).rglob("*")
        if path.is_file()
    }
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    in_wheel = {name for name in names if ".dist-info/" not in name}
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    for where, missing in (("wheel", expected - in_wheel), ("sdist", expected - in_sdist)):
        if missing:
            sys.exit(
                f"The {where} lacks {', '.join(sorted(missing))}: "
                "see [tool.setuptools.package-data] in pyproject.toml."
            )
    if surplus := in_wheel - expected:
        sys.exit(f"The wheel has {', '.join(sorted(surplus))}, which the package has not.")
    if not any(name.endswith("/LICENSE") for name in names):
        sys.exit("The wheel lacks the licence.")
    print(f"{wheel.name} and {sdist.name}: all {len(expected)} files of {PACKAGE}.", flush=True)


def _install(wheel: Path, folder: Path) -> Path:
    """The interpreter of an environment with nothing but the wheel and what it asks for."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    _run(python, "-m", "pip", "install", "--quiet", wheel)
    _run(python, "-m", "pip", "check")
    return python


def _run(*command: str | Path, quiet: bool = False, **options: Any) -> None:
    """Run a command. If it fails, so does this script; `quiet` shows what it said only then."""
    if quiet:
        options |= {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    result = subprocess.run([str(part) for part in command], check=False, **options)
    if result.returncode:
        print(result.stdout or "", end="", flush=True)
        sys.exit(f"Failed: {' '.join(str(part) for part in command)}")


if __name__ == "__main__":
    main()
