"""Pictures with a credential inside."""

from __future__ import annotations

import io
import zlib
from struct import pack

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from microcred_plugin.credentials.baking import bake, unbake
from microcred_plugin.credentials.errors import NotBaked

KEYWORD = b"openbadgecredential"


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGBA", (16, 16), "teal").save(file, "PNG")
    return file.getvalue()


PICTURE = picture()


def chunk(kind: bytes, data: bytes) -> bytes:
    return pack(">I", len(data)) + kind + data + pack(">I", zlib.crc32(kind + data))


def with_chunks(*chunks: bytes) -> bytes:
    """The picture, and these after its header of 33 bytes."""
    return PICTURE[:33] + b"".join(chunks) + PICTURE[33:]


def itxt(rest: bytes) -> bytes:
    return chunk(b"iTXt", KEYWORD + rest)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_what_was_baked_comes_out(text: str) -> None:
    assert unbake(bake(PICTURE, text)) == text


def test_picture_is_the_same_and_other_software_finds_the_credential() -> None:
    baked = bake(PICTURE, '{"name": "Bodø 🎓"}')
    with Image.open(io.BytesIO(baked)) as image, Image.open(io.BytesIO(PICTURE)) as before:
        assert image.text == {"openbadgecredential": '{"name": "Bodø 🎓"}'}
        assert image.tobytes() == before.tobytes()
    assert baked.replace(itxt(b"\0\0\0\0\0" + '{"name": "Bodø 🎓"}'.encode()), b"") == PICTURE


def test_picture_without_a_credential_has_none() -> None:
    assert unbake(PICTURE) is None
    assert unbake(with_chunks(chunk(b"iTXt", b"openbadges\0\0\0\0\0{}"))) is None


@pytest.mark.parametrize("kind", [b"iTXt", b"tEXt", b"zTXt"])
def test_credential_that_was_there_is_replaced(kind: bytes) -> None:
    before = with_chunks(*[chunk(kind, KEYWORD + b"\0\0\0\0\0old")] * 2)
    assert unbake(bake(before, "new")) == "new"
    assert bake(before, "new") == bake(PICTURE, "new")


def test_credential_may_have_a_language_and_another_keyword() -> None:
    assert unbake(with_chunks(itxt(b"\0\0\0en\0badge\0{}"))) == "{}"


@pytest.mark.parametrize(
    "png",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="nothing in it"),
        pytest.param(b"<svg/>", id="no PNG"),
        pytest.param(PICTURE[:-1], id="cut short"),
        pytest.param(PICTURE[:40], id="cut short within a part"),
        pytest.param(PICTURE[:-12], id="no end"),
        pytest.param(PICTURE[:8] + PICTURE[33:], id="no header"),
        pytest.param(with_chunks(PICTURE[8:33]), id="header twice"),
        pytest.param(with_chunks(itxt(b"\0\0\0\0\0{}")[:-1] + b"x"), id="checksum"),
        pytest.param(with_chunks(b"\xff\xff\xff\xffiTXt"), id="length"),
        pytest.param(with_chunks(*[itxt(b"\0\0\0\0\0{}")] * 2), id="two"),
        pytest.param(
            with_chunks(itxt(b"\0\0\0\0\0{}"), chunk(b"tEXt", KEYWORD + b"\0{}")), id="two kinds"
        ),
        pytest.param(
            with_chunks(itxt(b"\0\1\0\0\0" + zlib.compress(bytes(100_000_000)))), id="iTXt bomb"
        ),
        pytest.param(
            with_chunks(chunk(b"zTXt", KEYWORD + b"\0\0" + zlib.compress(bytes(100_000_000)))),
            id="zTXt bomb",
        ),
        pytest.param(with_chunks(chunk(b"tEXt", KEYWORD + b"\0{}")), id="tEXt"),
        pytest.param(with_chunks(itxt(b"")), id="keyword only"),
        pytest.param(with_chunks(itxt(b"\0\0\0\0")), id="no text"),
        pytest.param(with_chunks(itxt(b"\0\0\0\0\0\xff")), id="no UTF-8"),
        pytest.param(with_chunks(itxt(b"\0\0\0\0\0" + b"x" * 5_000_000)), id="long"),
        pytest.param(with_chunks(*[chunk(b"tIME", b"")] * 20_000), id="many parts"),
        pytest.param(with_chunks(chunk(b"IDAT", bytes(20_000_000))), id="large"),
    ],
)
def test_picture_that_is_not_baked_as_it_has_to_be_is_refused(png: bytes) -> None:
    with pytest.raises(NotBaked):
        unbake(png)


def test_zipped_text_about_something_else_is_left_alone() -> None:
    bomb = with_chunks(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000))))
    assert unbake(bomb) is None
    assert unbake(bake(bomb, "{}")) == "{}"


@pytest.mark.parametrize("text", ["", "x" * 5_000_000])
def test_text_that_nobody_could_read_back_is_not_baked(text: str) -> None:
    with pytest.raises(NotBaked):
        bake(PICTURE, text)
