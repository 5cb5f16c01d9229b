"""Drawings that authors bring: what they are cleaned of, and what is refused with a reason."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pytest

from microcred_plugin.definitions.errors import NotAnImage
from microcred_plugin.definitions.svg import clean_svg
from tests.definitions.drawings import ENTITIES, HARMLESS, REFUSED, svg
from tests.factories import png_data_url

NAMESPACE = "{http://www.w3.org/2000/svg}"
MAY_DO_SOMETHING = {
    "a", "animate", "audio", "foreignObject", "handler", "iframe", "listener", "metadata",
    "script", "set", "style",
}  # fmt: skip


def elements(content: bytes) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(content).iter())


def only(inside: str, name: str, **more: str) -> dict[str, str]:
    """The attributes of the only element with this name, cleaned."""
    (found,) = (one for one in elements(clean_svg(svg(inside, **more))) if one.tag.endswith(name))
    return dict(found.attrib)


def assert_harmless(content: bytes) -> None:
    """Nothing of it runs, moves, or is fetched; judged by what comes out alone."""
    for element in elements(content):
        assert element.tag.startswith(NAMESPACE)
        assert element.tag.removeprefix(NAMESPACE) not in MAY_DO_SOMETHING
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on")
            assert name not in ("style", "class", "{http://www.w3.org/XML/1998/namespace}base")
            if name == "href":
                assert re.match(r"#[\w.:-]+$|data:image/(png|jpeg);base64,[A-Za-z0-9+/=]+$", value)
            else:
                assert re.fullmatch(r"(?!.*(?:https?:|//|javascript)).*", value)
                assert all(call == "#" for call in re.findall(r"url\(\W?(.)", value))
    assert b"<!" not in content
    assert content.count(b"<?") == 0


@pytest.mark.parametrize("inside", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_nobody_sees_is_left_out(inside: str) -> None:
    content = clean_svg(svg(inside))
    assert_harmless(content)
    assert b"<circle" in content
    assert clean_svg(content) == content


@pytest.mark.parametrize(("inside", "sentence"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_be_missing_or_is_too_much_is_refused_with_the_reason(
    inside: str, sentence: str
) -> None:
    with pytest.raises(NotAnImage) as caught:
        clean_svg(svg(inside))
    assert sentence in str(caught.value)


@pytest.mark.parametrize("content", ENTITIES.values(), ids=ENTITIES.keys())
def test_file_that_defines_entities_is_refused(content: bytes) -> None:
    with pytest.raises(NotAnImage, match="defines entities"):
        clean_svg(content)


def test_declaration_that_drawing_programs_write_is_left_out() -> None:
    declared = (
        b'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" '
        b'"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    )
    assert clean_svg(declared + svg("")) == clean_svg(svg(""))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html><body/></html>", "begins with “html”"),
        (b'<svg xmlns="http://www.w3.org/1999/xhtml" viewBox="0 0 9 9"/>', "begins with “svg”"),
        (b"<svg", "not an SVG file, or a damaged one"),
        (b"<?xml version='1.0' encoding='no-such'?><svg/>", "not an SVG file, or a damaged one"),
        (svg("", 'viewBox="0 0 512 300"'), "this drawing is 512 by 300"),
        (svg("", 'width="10" height="20"'), "this drawing is 10 by 20"),
        (svg("", ""), "doesn't say how large it is"),
        (svg("", 'viewBox="0 0 0 0"'), "doesn't say how large it is"),
        (svg("", 'viewBox="0 0 inf inf"'), "doesn't say how large it is"),
        (svg("", 'viewBox="0 0 1e9 1e9"'), "doesn't say how large it is"),
        (svg("", 'width="100%" height="100%"'), "doesn't say how large it is"),
        (
            b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><script/></svg>',
            "nothing to be seen",
        ),
    ],
)
def test_file_that_is_no_square_drawing_is_refused_with_the_reason(
    content: bytes, sentence: str
) -> None:
    with pytest.raises(NotAnImage) as caught:
        clean_svg(content)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("given", "view_box"),
    [
        ('viewBox="-10,-10 20 20"', "-10 -10 20 20"),
        ('width="300px" height="300"', "0 0 300 300"),
        ('viewBox="0 0 100 100.2" width="9mm" height="1mm"', "0 0 100 100.2"),
    ],
)
def test_size_comes_from_the_view_box_or_else_from_the_pixels(given: str, view_box: str) -> None:
    root = ElementTree.fromstring(clean_svg(svg("", given)))
    assert root.attrib["viewBox"] == view_box
    assert not {"width", "height"} & set(root.attrib)


def test_sheet_becomes_attributes_and_what_is_nearer_counts_more() -> None:
    inside = """<style>
      /* as a drawing program writes it */
      #one { fill: green }
      .b, .a { fill: red; stroke: #123456 }
      .b { stroke: blue; mix-blend-mode: multiply }
      rect { fill: black; opacity: .5 }
    </style><rect id="one" class="a b" fill="white" style="stroke-width: 3"/>"""
    assert only(inside, "rect") == {
        "fill": "green",
        "stroke": "blue",
        "opacity": ".5",
        "stroke-width": "3",
        "id": "one",
    }


def test_style_of_an_element_counts_more_than_its_attributes() -> None:
    assert only('<rect fill="red" style="fill:blue;-inkscape-x:1"/>', "rect") == {"fill": "blue"}


def test_reference_inside_the_drawing_is_kept() -> None:
    inside = (
        '<linearGradient id="g"><stop offset="0" stop-color="red"/></linearGradient>'
        "<rect style=\"fill: url('#g')\"/>"
    )
    assert only(inside, "rect") == {"fill": "url('#g')"}
    assert only(inside, "linearGradient") == {"id": "g"}


def test_of_two_elements_with_one_name_the_first_keeps_it() -> None:
    content = clean_svg(svg('<g id="a"/><rect id="a"/><use href="#a"/>'))
    assert [one.tag for one in elements(content) if "id" in one.attrib] == [f"{NAMESPACE}g"]


def test_image_inside_is_kept_without_its_line_breaks() -> None:
    encoded = png_data_url().split(",")[1]
    broken = "\n".join(encoded[at : at + 76] for at in range(0, len(encoded), 76))
    found = only(f'<image xlink:href="data:image/png;base64,{broken}"/>', "image")
    assert found == {"href": f"data:image/png;base64,{encoded}"}


def test_text_with_a_group_of_styles_and_its_spaces_is_kept() -> None:
    inside = '<text xml:space="preserve" x="1">a <tspan dy="2">&lt;b&gt;</tspan> c</text>'
    content = clean_svg(svg(inside))
    assert b'<text x="1" xml:space="preserve">a <tspan dy="2">&lt;b&gt;</tspan> c</text>' in content
    assert clean_svg(content) == content


def test_data_of_a_drawing_program_is_left_out() -> None:
    inside = (
        '<n:namedview xmlns:n="urn:editor" n:path="C:/Users/Ada"><n:grid/></n:namedview>'
        '<g xmlns:n="urn:editor" n:label="Layer 1"><rect width="9"/></g>'
    )
    content = clean_svg(svg(inside))
    assert b"Ada" not in content
    assert b"Layer" not in content
    assert b'<g><rect width="9"/></g>' in content


def test_drawing_without_its_namespace_is_read_as_one() -> None:
    content = clean_svg(b'<svg viewBox="0 0 9 9"><rect width="9" height="9"/></svg>')
    assert ElementTree.fromstring(content).tag == f"{NAMESPACE}svg"


def test_drawing_in_another_encoding_comes_out_in_utf_8() -> None:
    text = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>é</text></svg>'
    assert "é".encode() in clean_svg(text.encode("utf-16"))


def test_base64_of_an_image_inside_is_read_strictly() -> None:
    damaged = base64.b64encode(b"x" * 10).decode()[:-1]
    with pytest.raises(NotAnImage, match="damaged"):
        clean_svg(svg(f'<image href="data:image/jpeg;base64,{damaged}"/>'))
