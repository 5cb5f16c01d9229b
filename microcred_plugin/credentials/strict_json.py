"""JSON as everybody reads it alike (RFC 7493, I-JSON): what comes from outside is read so."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from microcred_plugin.credentials.errors import NotJson

# A credential with its pictures inside has some hundreds of kilobytes.
MOST_BYTES = 4 * 1024 * 1024
MOST_DEPTH = 64

# One that does not end is taken to the end as well, and nothing is tried twice: otherwise each of
# its quotes would be looked at as a beginning, up to the end, again.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_BRACKET = re.compile(rb"[][{}]")


def read_json(data: bytes, *, most_bytes: int = MOST_BYTES, most_depth: int = MOST_DEPTH) -> Any:
    """
    The JSON in UTF-8, without what software reads in more than one way.

    Raises `NotJson` for a key that an object has twice, for NaN and infinite numbers, for half
    of a surrogate pair, for more bytes than `most_bytes`, and for more brackets in each other
    than `most_depth`.
    """
    if len(data) > most_bytes:
        raise NotJson(f"It has more than {most_bytes} bytes.")
    # Before it is parsed: the parser would go as deep as the brackets do.
    if _depth(data) > most_depth:
        raise NotJson(f"It is nested more than {most_depth} deep.")
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_without_duplicates,
            parse_constant=_no_number,
            parse_float=_finite,
        )
        # Written escaped, half of a surrogate pair is not found by decoding.
        if b"\\u" in data:
            json.dumps(value, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise NotJson(f"It is not JSON: {str(error)[:200]}") from error
    return value


def _depth(data: bytes) -> int:
    deepest = depth = 0
    for bracket in _BRACKET.findall(_STRING.sub(b"", data)):
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("an object has a key twice")
    return value


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _finite(text: str) -> float:
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text[:40]} is out of range")
    return number
