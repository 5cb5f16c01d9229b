"""Somebody else's drawing as a PNG: made in a process of its own, which may take only so much."""

from __future__ import annotations

from pathlib import Path

from microcred_plugin.apart import NotDone, run_apart

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
        drawn = run_apart(
            _SCRIPT, size, seconds, MOST_BYTES, content=svg.encode(), seconds=_WAITING_SECONDS
        )
    except NotDone as error:
        raise NotDrawn(str(error)) from error
    if not drawn.startswith(b"\x89PNG"):
        raise NotDrawn("It is no PNG.")
    return drawn
