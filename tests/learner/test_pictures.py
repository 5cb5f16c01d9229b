"""Badge images and what else pages load: what is served, how long it may be kept, and safely."""

from __future__ import annotations

import base64
import re
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from microcred_plugin.definitions import api as definitions
from microcred_plugin.definitions.models import BadgeImage, MicrocredentialVersion
from tests.definitions.drawings import svg, svg_data_url
from tests.factories import course, png_data_url, publish
from tests.learner.conftest import A, Someone

PNG = b"\x89PNG\r\n\x1a\n"


def path_of(made: object, name: str, number: int = 1) -> str:
    return f"/microcredentials/m/{made.uuid}/{number}/{name}"  # type: ignore[attr-defined]


def width_of(png: bytes) -> int:
    assert png.startswith(PNG)
    return int.from_bytes(png[16:20], "big")


def test_badge_is_drawn_with_the_title_of_its_version(someone: object, visitor: Client) -> None:
    made = publish("literacy", course(A), title="Reading <Tables> & Charts")
    response = visitor.get(path_of(made, "badge.svg"))
    assert response["Content-Type"] == "image/svg+xml"
    drawing = ElementTree.fromstring(response.content)
    text = " ".join("".join(drawing.itertext()).split())
    assert "Tables" in text
    # The colour of its organisation may change, or how badges are drawn.
    assert "max-age=86400" in response["Cache-Control"]
    assert "immutable" not in response["Cache-Control"]
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"


def test_colour_of_the_organisation_is_that_of_the_setting(
    someone: object, visitor: Client, settings: object
) -> None:
    made = publish("literacy", course(A))
    settings.MICROCRED_ORGANIZATION_COLORS = {}  # type: ignore[attr-defined]
    before = visitor.get(path_of(made, "badge.svg")).content
    settings.MICROCRED_ORGANIZATION_COLORS = {"NordU": "#0b5f58"}  # type: ignore[attr-defined]
    after = visitor.get(path_of(made, "badge.svg")).content
    assert b"#0b5f58" in after
    assert before != after


@pytest.mark.parametrize("size", [64, 128, 256, 512, 1024])
def test_png_has_the_size_that_is_asked_for(someone: object, visitor: Client, size: int) -> None:
    made = publish("literacy", course(A))
    response = visitor.get(path_of(made, "badge.png"), {"size": size})
    assert response["Content-Type"] == "image/png"
    assert width_of(response.content) == size


def test_png_is_made_once_and_then_comes_from_the_cache(someone: object, visitor: Client) -> None:
    made = publish("literacy", course(A))
    first = visitor.get(path_of(made, "badge.png")).content
    (key,) = [name for name in cache._cache if "microcred.badge." in name]  # type: ignore[attr-defined]
    cache.set(key.split(":", 2)[2], b"kept")
    assert visitor.get(path_of(made, "badge.png")).content == b"kept"
    assert width_of(first) == 512


@pytest.mark.parametrize("size", ["0", "63", "100000", "-1", "x", "", "512.0", "٥١٢"])
def test_size_that_is_none_of_a_few_is_not_found(
    someone: object, visitor: Client, size: str
) -> None:
    made = publish("literacy", course(A))
    assert visitor.get(path_of(made, "badge.png"), {"size": size}).status_code == 404


def test_image_of_the_author_is_served_as_it_is(someone: object, visitor: Client) -> None:
    made = publish("literacy", course(A), image=png_data_url(color="teal"))
    content = base64.b64decode(png_data_url(color="teal").split(",")[1])
    assert visitor.get(path_of(made, "badge.png")).content == content
    drawing = visitor.get(path_of(made, "badge.svg")).content.decode()
    assert png_data_url(color="teal") in drawing


def test_drawing_of_the_author_is_served_cleaned_and_as_png_in_every_size(
    someone: object, visitor: Client
) -> None:
    image = svg_data_url(svg("<script>alert(1)</script>"))
    made = publish("literacy", course(A), image=image)
    response = visitor.get(path_of(made, "badge.svg"))
    assert response["Content-Type"] == "image/svg+xml"
    assert "sandbox" in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert b"<circle" in response.content
    assert b"script" not in response.content
    for size in (64, 256):
        response = visitor.get(path_of(made, "badge.png"), {"size": size})
        assert response["Content-Type"] == "image/png"
        assert width_of(response.content) == size


def test_drawing_that_could_not_be_drawn_just_now_is_asked_for_again(
    someone: object, visitor: Client
) -> None:
    made = publish("literacy", course(A), image=svg_data_url())
    image = MicrocredentialVersion.objects.get(microcredential=made).image
    assert image is not None
    BadgeImage.objects.filter(pk=image.pk).update(content=b"<svg")
    response = visitor.get(path_of(made, "badge.png"))
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "Cache-Control" not in response


@pytest.mark.parametrize("name", ["badge.svg", "badge.png"])
def test_what_was_not_published_has_no_image(someone: object, visitor: Client, name: str) -> None:
    made = definitions.create_microcredential(slug="a", organization="NordU", title="A")
    definitions.create_draft(microcredential=made, content={"requirements": course(A)})
    assert visitor.get(path_of(made, name)).status_code == 404
    assert visitor.get(f"/microcredentials/m/{uuid4()}/1/{name}").status_code == 404


def test_image_costs_one_query_and_no_session(ada: Someone) -> None:
    made = publish("literacy", course(A))
    with CaptureQueriesContext(connection) as queries:
        assert ada.client.get(path_of(made, "badge.svg")).status_code == 200
    assert len(queries) == 1


# --- style sheet and script --------------------------------------------------------------------


def test_style_sheet_and_script_are_there_without_collecting_them(
    someone: object, visitor: Client
) -> None:
    page = visitor.get("/microcredentials/catalog/").content.decode()
    found = re.findall(r'"(/microcredentials/assets/[^"]+)"', page)
    assert len(found) == 2
    for path in found:
        response = visitor.get(path)
        assert response.status_code == 200
        assert response["Content-Type"].startswith(("text/css", "text/javascript"))
        assert "immutable" in response["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["0000/microcred.css", "0000/../../views.py", "x/views.py", "x/%2e%2e%2fviews.py"]
)
def test_nothing_else_of_the_package_is_served(someone: object, visitor: Client, path: str) -> None:
    assert visitor.get(f"/microcredentials/assets/{path}").status_code == 404


@pytest.mark.parametrize("path", ["", "catalog/", "m/{uuid}/", "course/{run}/"])
def test_page_lets_nothing_of_others_in_and_nobody_frame_it(ada: Someone, path: str) -> None:
    made = publish("literacy", course(A))
    response = ada.client.get(f"/microcredentials/{path.format(uuid=made.uuid, run=A)}")
    assert response.status_code == 200
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "private" in response["Cache-Control"]
    page = response.content.decode()
    assert not re.search(r'\son\w+=|style="|javascript:', page)
