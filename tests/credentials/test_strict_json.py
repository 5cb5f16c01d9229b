"""JSON that two programs would read differently is not read at all."""

from __future__ import annotations

import pytest

from microcred_plugin.credentials.errors import NotJson
from microcred_plugin.credentials.strict_json import read_json


def test_json_is_read() -> None:
    text = '{"a": [1, 2.5, true, null, "ø\\u00f8\\ud83c\\udf93]{\\"["], "b": {"a": {}}}'
    assert read_json(text.encode()) == {
        "a": [1, 2.5, True, None, 'øø🎓]{"['],
        "b": {"a": {}},
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"a": 1, "a": 1}',
        b'[{"b": {"a": 1, "\\u0061": 2}}]',
        b"NaN",
        b"[-Infinity]",
        b"1e999",
        b"9" * 5000,
        b'"\\ud800"',
        b'{"\\udc00": 1}',
        b'"\xff"',
        b"\xef\xbb\xbf{}",
        '"ø"'.encode("utf-16"),
        b'"\n"',
        b"[1,]",
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 100_000,
        b"[" * 1_000_000,
        b'"' + b"x" * 5_000_000 + b'"',
        b'"' * 99_999,
        b'"\\' * 50_000,
    ],
    ids=lambda data: repr(data[:16]),
)
def test_what_is_not_read_alike_everywhere_is_refused(data: bytes) -> None:
    with pytest.raises(NotJson):
        read_json(data)


def test_bounds_are_what_they_are_said_to_be() -> None:
    assert read_json(b"[[[]]]", most_bytes=6, most_depth=3) == [[[]]]
    with pytest.raises(NotJson, match="bytes"):
        read_json(b"[[[]]]", most_bytes=5)
    with pytest.raises(NotJson, match="deep"):
        read_json(b"[[[]]]", most_depth=2)
