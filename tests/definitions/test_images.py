"""Images that authors bring: what is taken, what is refused, and that they come back unchanged."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.images import LARGEST_BYTES, NotAnImage, read_image
from microcred_plugin.definitions.models import BadgeImage, MicrocredentialVersion
from tests.definitions import SPRING, draft, make, refusal
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
        (7, "This must be a PNG file"),
        ("https://elsewhere.example/badge.png", "This must be a PNG file"),
        (f"data:image/gif;base64,{GIF}", "This must be a PNG file"),
        ("data:image/png;base64,AAA", "base64 of this image is damaged"),
        (f"data:image/png;base64,{GIF}", "not a PNG file, or a damaged one"),
        (png_data_url()[:-200], "damaged"),
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
