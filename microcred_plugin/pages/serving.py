"""
Style sheet and script of the pages, served by the plugin itself.

So they are there as soon as the package is installed, whether or not anybody has collected static
files since; and the name that a page uses for them changes with their content.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

FOLDER = Path(__file__).parent / "assets"
TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


@cache
def assets() -> dict[str, tuple[str, bytes, str]]:
    """By name: digest, content and type."""
    return {
        path.name: (_digest(path), path.read_bytes(), TYPES[path.suffix])
        for path in sorted(FOLDER.iterdir())
        if path.suffix in TYPES
    }


def digest_of(name: str) -> str:
    """The digest that the address of this asset has."""
    return assets()[name][0]


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()[:16]
