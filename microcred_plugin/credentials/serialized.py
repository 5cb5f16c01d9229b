"""How documents are written: the same text for what is stored, served and baked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def to_text(document: Mapping[str, Any]) -> str:
    """A document as JSON, in the order in which it was put together, without needless spaces."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
