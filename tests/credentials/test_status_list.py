"""Status lists: the bits that were set, and no others."""

from __future__ import annotations

import gzip
from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microcred_plugin.credentials.errors import NotAStatusList
from microcred_plugin.credentials.status_list import SIZE, decode, encode, is_set


def packed(data: bytes) -> str:
    return "u" + urlsafe_b64encode(gzip.compress(data)).rstrip(b"=").decode()


@given(st.sets(st.integers(0, SIZE - 1), max_size=20))
def test_bits_that_were_set_are_set(indexes: set[int]) -> None:
    bits = decode(encode(indexes))
    bytes_with_any = [at for at, value in enumerate(bits) if value]
    candidates = [8 * at + bit for at in bytes_with_any for bit in range(8)]
    assert {index for index in candidates if is_set(bits, index)} == indexes


def test_first_index_is_the_left_most_bit() -> None:
    # Bitstring Status List 1.0, section 3.2.
    assert decode(encode([0], size=16)) == b"\x80\x00"
    assert decode(encode([7, 8], size=16)) == b"\x01\x80"


def test_list_is_read_by_other_software_and_always_the_same() -> None:
    text = encode([5, 1])
    assert text == encode(iter([1, 5, 5]))
    assert gzip.decompress(urlsafe_b64decode(text[1:] + "==")) == b"\x44" + bytes(SIZE // 8 - 1)


@pytest.mark.parametrize("indexes", [[-1], [SIZE]])
def test_index_outside_the_list_is_refused(indexes: list[int]) -> None:
    with pytest.raises(NotAStatusList):
        encode(indexes)
    with pytest.raises(NotAStatusList):
        is_set(bytes(SIZE // 8), indexes[0])


def test_list_that_ends_within_a_byte_is_refused() -> None:
    with pytest.raises(NotAStatusList):
        encode([], size=12)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "u",
        encode([])[1:],
        "z" + encode([])[1:],
        encode([])[:-6],
        encode([]) + "AAAA",
        encode([]) + "!",
        "u!" + encode([])[1:],
        packed(b"a") + packed(b"b")[1:],
        "u" + "A" * 100,
    ],
    ids=range(10),
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(NotAStatusList):
        decode(text)


def test_bomb_is_not_unpacked() -> None:
    with pytest.raises(NotAStatusList, match="more than"):
        decode(packed(bytes(200_000_000)))
    assert decode(packed(bytes(1000)), most_bytes=1000) == bytes(1000)
    with pytest.raises(NotAStatusList, match="more than"):
        decode(packed(bytes(1001)), most_bytes=1000)
