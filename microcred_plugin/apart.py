"""
A script in a process of its own, for what somebody else brought: it may take only so much.

However carefully something is read before, a library can be brought to use all memory or all of a
stack; then that process ends, and no other one. The script sets its bounds itself, before it
imports anything that could be brought to that.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


class NotDone(Exception):
    """A script that did not end, or not well."""


def run_apart(script: Path, *arguments: object, content: bytes, seconds: float) -> bytes:
    """
    What the script writes, given `content`; it is waited for so many seconds, busy or not.

    Raises `NotDone`.
    """
    try:
        done = subprocess.run(
            [_interpreter(), "-I", str(script), *map(str, arguments)],
            input=content,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotDone(str(error)) from error
    if done.returncode != 0:
        raise NotDone(f"It ended with {done.returncode}.")
    return done.stdout


def _interpreter() -> str:
    """Python itself: under uWSGI, `sys.executable` is uWSGI."""
    for name in ("python3", "python"):
        beside = Path(sys.prefix) / "bin" / name
        if beside.is_file():
            return str(beside)
    return sys.executable
