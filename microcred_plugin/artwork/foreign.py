"""
Somebody else's drawing as a PNG: made in a process of its own, which may take only so much.

However carefully a drawing is read before, a library that draws can be brought to use all memory
or all of a stack; then that process ends, and no other one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# Of processor time; what took less than the first once does not take more than the second later.
SECONDS_TO_BE_TAKEN, SECONDS = 6, 15
MOST_BYTES = 1024**3

_SCRIPT = Path(__file__).with_name("raster.py")

# On a busy server a process waits for its turn, and that is not its own doing.
_WAITING_SECONDS = 45


class NotDrawn(Exception):
    """A drawing that took more time or memory than it may, or that the library can't draw."""


def png_of_foreign(svg: str, size: int, *, seconds: int = SECONDS) -> bytes:
    """
    A drawing that is not of this package's making as a square PNG, as `raster.png` makes it.

    Raises `NotDrawn` for whatever does not end in a PNG.
    """
    try:
        done = subprocess.run(
            [_interpreter(), "-I", str(_SCRIPT), str(size), str(seconds), str(MOST_BYTES)],
            input=svg.encode(),
            capture_output=True,
            timeout=_WAITING_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotDrawn(str(error)) from error
    if done.returncode != 0 or not done.stdout.startswith(b"\x89PNG"):
        raise NotDrawn(f"The drawing ended with {done.returncode}.")
    return done.stdout


def _interpreter() -> str:
    """Python itself: under uWSGI, `sys.executable` is uWSGI."""
    for name in ("python3", "python"):
        beside = Path(sys.prefix) / "bin" / name
        if beside.is_file():
            return str(beside)
    return sys.executable
