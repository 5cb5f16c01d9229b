"""Images that authors bring: what is taken, what is refused, and that they come back unchanged."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.images import LARGEST_BYTES, NotAnImage, read_image, read_upload
from microcred_plugin.definitions.models import BadgeImage, MicrocredentialVersion
from tests.definitions import SPRING, draft, make, refusal
from tests.definitions.drawings import svg, svg_data_url
from tests.factories import course, png_data_url
from tests.fakes import FakeHost

pytestmark = pytest.mark.django_db

GIF = "R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs="


def refused(image: object) -> str:
    said = refusal(definitions.create_draft, microcredential=make(), content={"image": image})
    assert set(said) == {"image"}
    return said["image"]


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (7, "This must be a PNG or SVG file"),
        ("https://elsewhere.example/badge.png", "This must be a PNG or SVG file"),
        (f"data:image/gif;base64,{GIF}", "This must be a PNG or SVG file"),
        ("data:image/png;base64,AAA", "base64 of this image is damaged"),
        (f"data:image/png;base64,{GIF}", "in the format GIF. Save the image as PNG or SVG"),
        (png_data_url()[:-200], "not a PNG file, or a damaged one"),
        (png_data_url(200, 100), "200 by 100 pixels"),
        (png_data_url(64, 64), "has to be from 128 to 2048"),
        (png_data_url(2049, 2049), "has to be from 128 to 2048"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_what_is_no_badge_image_is_refused_with_the_reason(image: object, sentence: str) -> None:
    assert sentence in refused(image)


def test_image_that_is_too_large_is_refused_without_unpacking_it() -> None:
    content = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(LARGEST_BYTES)).decode()
    for given in (content, "A" * 5_000_000):
        with pytest.raises(NotAnImage, match="512 kB at most"):
            read_image(f"data:image/png;base64,{given}")


def test_image_that_claims_to_be_enormous_is_refused_by_its_header() -> None:
    content = bytearray(base64.b64decode(png_data_url().split(",")[1]))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    assert refused(f"data:image/png;base64,{base64.b64encode(bytes(content)).decode()}")


def test_same_image_of_two_versions_is_kept_once(host: FakeHost) -> None:
    first = draft(make("first"), course(SPRING), image=png_data_url())
    second = draft(make("second"), course(SPRING), image=png_data_url())
    assert first.image_id == second.image_id
    assert BadgeImage.objects.count() == 1


def test_image_goes_through_a_file_and_comes_back_as_it_was(host: FakeHost) -> None:
    microcredential = make()
    draft(microcredential, course(SPRING), image=png_data_url(color="teal"))
    text = definitions.export_definitions([microcredential])
    (imported,) = definitions.import_definitions(text)
    assert imported.result == "unchanged"
    assert definitions.export_definitions([microcredential]) == text
    assert png_data_url(color="teal") in text


FILE = """\
format: microcredentials/1
microcredentials:
  - slug: data-literacy
    organization: NordU
    title: Data Literacy
    image: {image}
    requirements: {{kind: course, runs: ["course-v1:NordU+DL101+2026_Spring"]}}
"""


def test_image_beside_the_file_is_read_by_its_name(host: FakeHost, tmp_path: Path) -> None:
    content = base64.b64decode(png_data_url().split(",")[1])
    (tmp_path / "badge.png").write_bytes(content)
    definitions.import_definitions(FILE.format(image="badge.png"), folder=tmp_path)
    version = MicrocredentialVersion.objects.select_related("image").get()
    assert version.image is not None
    assert bytes(version.image.content) == content


@pytest.mark.parametrize("name", ["missing.png", "../secret.png", "/etc/hostname", "."])
def test_only_a_file_beside_the_definitions_is_read(
    host: FakeHost, tmp_path: Path, name: str
) -> None:
    (tmp_path / "secret.png").write_bytes(base64.b64decode(png_data_url().split(",")[1]))
    folder = tmp_path / "definitions"
    folder.mkdir()
    with pytest.raises(definitions.DefinitionRefused, match="There is no file") as caught:
        definitions.import_definitions(FILE.format(image=name), folder=folder)
    assert caught.value.faults[0].path == "microcredentials[0].image (line 6)"
    assert not BadgeImage.objects.exists()


@pytest.mark.parametrize("name", ["badge.svg", "badge.png"])
def test_drawing_beside_the_file_is_read_by_what_it_is(
    host: FakeHost, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(svg("<script>alert(1)</script>"))
    definitions.import_definitions(FILE.format(image=name), folder=tmp_path)
    image = BadgeImage.objects.get()
    assert image.content_type == "image/svg+xml"
    assert b"script" not in bytes(image.content)


def test_photograph_beside_the_file_is_named_as_what_it_is(host: FakeHost, tmp_path: Path) -> None:
    (tmp_path / "badge.png").write_bytes(b"\xff\xd8\xff\xe0 a photograph")
    with pytest.raises(definitions.DefinitionRefused, match="in the format JPEG"):
        definitions.import_definitions(FILE.format(image="badge.png"), folder=tmp_path)


def test_drawing_goes_through_a_file_and_comes_back_as_it_was(host: FakeHost) -> None:
    microcredential = make()
    draft(microcredential, course(SPRING), image=svg_data_url())
    text = definitions.export_definitions([microcredential])
    (imported,) = definitions.import_definitions(text)
    assert imported.result == "unchanged"
    assert definitions.export_definitions([microcredential]) == text
    assert BadgeImage.objects.count() == 1


@pytest.mark.parametrize(
    "inside",
    [
        pytest.param(
            '<pattern id="p" width="200000" height="200000" patternUnits="userSpaceOnUse"><path '
            'd="M0 0H9V9z"/></pattern><path fill="url(#p)" d="M0 0H512V512z"/>',
            id="all memory",
        ),
        pytest.param(
            '<circle r="1e9" stroke="red" stroke-dasharray="1"/>', id="what the library can't"
        ),
    ],
)
def test_drawing_that_cannot_be_drawn_is_refused_before_it_is_kept(inside: str) -> None:
    assert "takes too long to draw" in refused(svg_data_url(svg(inside)))
    assert not BadgeImage.objects.exists()


# --- uploads -----------------------------------------------------------------------------------


def uploaded(content: bytes, name: str = "badge.png", said: str = "image/png") -> BadgeImage:
    return read_upload(SimpleUploadedFile(name, content, content_type=said))


def png(**options: object) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (128, 128), "navy").save(content, "PNG", **options)
    return content.getvalue()


def with_chunk(content: bytes, kind: bytes, data: bytes) -> bytes:
    """A PNG with one more chunk after its header."""
    chunk = struct.pack(">I", len(data)) + kind + data
    chunk += struct.pack(">I", zlib.crc32(kind + data))
    return content[:33] + chunk + content[33:]


def claiming(width: int, height: int) -> bytes:
    """A PNG whose header says that it is this large."""
    header = b"IHDR" + struct.pack(">II", width, height) + png()[24:29]
    return png()[:12] + header + struct.pack(">I", zlib.crc32(header)) + png()[33:]


MOVING = png(save_all=True, append_images=[Image.new("RGB", (128, 128), "teal")])
PNG_ATTACKS = {
    "enormous": (claiming(2**31 - 1, 2**31 - 1), "not a PNG file, or a damaged one"),
    "large enough for a warning": (claiming(12_000, 12_000), "not a PNG file, or a damaged one"),
    "larger than it is": (claiming(2000, 2000), "not a PNG file, or a damaged one"),
    "cut off": (png()[:-60], "not a PNG file, or a damaged one"),
    "only its first bytes": (b"\x89PNG\r\n\x1a\n", "not a PNG file, or a damaged one"),
    "moving": (MOVING, "This image moves"),
    "much text in little space": (
        with_chunk(png(), b"zTXt", b"Comment\0\0" + zlib.compress(bytes(200_000_000), 9)),
        "not a PNG file, or a damaged one",
    ),
    "wrong checksum": (png()[:29] + bytes(4) + png()[33:], "not a PNG file, or a damaged one"),
    "nothing": (b"", "neither a PNG nor an SVG"),
    "photograph": (b"\xff\xd8\xff\xe0 and so on", "in the format JPEG"),
    "moving picture": (base64.b64decode(GIF), "in the format GIF"),
    "document": (b"%PDF-1.7 and so on", "in the format PDF"),
    "packed drawing": (b"\x1f\x8b and so on", "in the format SVGZ"),
    "program": (b"MZ and so on", "neither a PNG nor an SVG"),
    "page": (b"<!doctype html><script>alert(1)</script>", "not an SVG file, or a damaged one"),
}


@pytest.mark.parametrize(("content", "sentence"), PNG_ATTACKS.values(), ids=PNG_ATTACKS.keys())
def test_file_that_is_no_image_is_refused_with_the_reason(content: bytes, sentence: str) -> None:
    with pytest.raises(NotAnImage) as caught:
        uploaded(content)
    assert sentence in str(caught.value)


def test_file_that_is_too_large_is_not_even_read() -> None:
    file = SimpleUploadedFile("badge.png", bytes(LARGEST_BYTES + 1))
    with pytest.raises(NotAnImage, match="512 kB at most"):
        read_upload(file)
    assert file.tell() == 0


def test_file_that_is_larger_than_it_says_is_too_large() -> None:
    file = SimpleUploadedFile("badge.png", bytes(LARGEST_BYTES + 1))
    file.size = 10
    with pytest.raises(NotAnImage, match="512 kB at most"):
        read_upload(file)


def test_content_decides_what_a_file_is() -> None:
    assert uploaded(png(), "badge.svg", "image/svg+xml").content_type == "image/png"
    assert uploaded(svg(""), "badge.png", "image/png").content_type == "image/svg+xml"
    assert uploaded(b"\xef\xbb\xbf\n" + svg("")).content_type == "image/svg+xml"


def test_drawing_is_kept_by_what_is_left_of_it() -> None:
    assert uploaded(svg("<script/>")).digest == uploaded(svg("<!-- made by hand -->")).digest
    assert uploaded(svg("")).digest != uploaded(svg("<g/>")).digest


def test_uploaded_image_is_kept_until_a_draft_takes_it_up_by_its_digest() -> None:
    image = uploaded(svg(""))
    definitions.keep_image(image)
    definitions.keep_image(uploaded(svg("")))
    content = definitions.content_from({"title": "A", "image": image.digest})
    made = definitions.create_draft(microcredential=make(), content=content)
    assert made.image_id == image.digest
    assert BadgeImage.objects.count() == 1
