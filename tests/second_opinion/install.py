"""
Makes the environments of the second opinion: a virtual one for Python, node_modules for Node.

Each is made anew only when its pinned versions have changed; otherwise this takes no time.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PYTHON = HERE / "python" / ".venv" / "bin" / "python"
NODE_MODULES = HERE / "node" / "node_modules"


def main() -> None:
    """Make what is missing or out of date."""
    requirements = HERE / "python" / "requirements.txt"
    if _is_stale(PYTHON.parent.parent, requirements):
        print("Installing the verifiers for Python …", flush=True)
        _run(sys.executable, "-m", "venv", "--clear", PYTHON.parent.parent)
        pip = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        _run(*pip, "install", "--no-deps", "--requirement", requirements)
        _run(*pip, "check")
        _mark(PYTHON.parent.parent, requirements)
    lock = HERE / "node" / "package-lock.json"
    if _is_stale(NODE_MODULES, lock):
        npm = shutil.which("npm")
        if npm is None:
            sys.exit("The verifiers for Node need npm and Node 20 or newer, and there is no npm.")
        print("Installing the verifiers for Node …", flush=True)
        _run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent", cwd=lock.parent)
        _mark(NODE_MODULES, lock)


def _is_stale(folder: Path, pins: Path) -> bool:
    installed = folder / "installed"
    return not installed.exists() or installed.read_bytes() != pins.read_bytes()


def _mark(folder: Path, pins: Path) -> None:
    shutil.copyfile(pins, folder / "installed")


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    try:
        subprocess.run(command, check=True, cwd=cwd)
    except subprocess.CalledProcessError as error:
        sys.exit(f"That failed, with exit code {error.returncode}: {' '.join(map(str, command))}")


if __name__ == "__main__":
    main()
