"""
Drawings that authors bring: read, and written anew with what is known to be harmless.

Nothing of the file is passed on as it stands. So there is no script in it, nothing that moves,
nothing that a browser would fetch from anywhere; writing what was read gives the same bytes again.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _
from PIL import Image

from microcred_plugin.definitions.errors import NotAnImage
from microcred_plugin.definitions.fields import shown
from microcred_plugin.definitions.svg_bounds import DEEPEST, Element, check_bounds
from microcred_plugin.definitions.svg_styles import (
    Rule,
    Sheet,
    checked_value,
    read_sheet,
    read_styles,
)
from microcred_plugin.definitions.svg_vocabulary import (
    ATTRIBUTES,
    ELEMENTS,
    LINKING,
    SVG,
    TEXTS,
    UNSEEN,
    XLINK,
    XML,
)

LARGEST_SIDE_INSIDE = 2048

_ID = re.compile(r"[\w.:-]{1,200}")
_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?:px)?")
_IMAGE_INSIDE = re.compile(r"data:image/(png|jpe?g);base64,([A-Za-z0-9+/=\s]+)", re.IGNORECASE)
_DRAWN = frozenset(
    {"circle", "ellipse", "image", "line", "path", "polygon", "polyline", "rect", "text", "use"}
)
# Whoever shows the image says how large; what else the root says of its place has no meaning.
_OF_ROOT = frozenset({"height", "preserveAspectRatio", "transform", "viewBox", "width", "x", "y"})
# Programs round; less than this nobody sees.
_ALMOST = 0.005


def clean_svg(content: bytes) -> bytes:
    """The drawing in this file, cleaned. Raises `NotAnImage`, saying what would do."""
    root = _Reader().read(content)
    sheet = Sheet(rule for element in _all(root) for rule in _sheet_of(element))
    cleaned = _Cleaner(sheet).cleaned_root(root)
    check_bounds(cleaned)
    return "".join(_written(cleaned)).encode()


# --- reading -----------------------------------------------------------------------------------


class _Reader:
    """The elements of a file, with their names as they are in SVG; of what is foreign, nothing."""

    def __init__(self) -> None:
        self._root: Element | None = None
        self._open: list[Element] = []
        self._skipped = 0

    def read(self, content: bytes) -> Element:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.SkippedEntityHandler = self._entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise NotAnImage(
                _(
                    "This is not an SVG file, or a damaged one, from line {line} on. Export the "
                    "drawing as SVG again."
                ).format(line=parser.CurrentLineNumber)
            ) from error
        assert self._root is not None
        return self._root

    def _doctype(self, _name: str, _system: object, _public: object, has_subset: int) -> None:
        if has_subset:
            self._entity()

    def _entity(self, *_given: object) -> None:
        raise NotAnImage(
            _(
                "This file defines entities, which a badge image can't have. Export the drawing "
                "as plain SVG, without the drawing program's own data."
            )
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _space, local = name.rpartition(" ")
        if self._root is None and (local != "svg" or namespace not in ("", SVG)):
            raise NotAnImage(
                _("This file begins with “{name}”, so it is not an SVG file.").format(
                    name=local[:80]
                )
            )
        if self._skipped or namespace not in ("", SVG) or local in UNSEEN:
            self._skipped += 1
            return
        if self._root is not None and local not in ELEMENTS and local not in ("a", "style"):
            raise NotAnImage(
                _(
                    "There is a “{name}” in this drawing, which a badge image can't have. Export "
                    "it as plain SVG, with texts and effects turned into paths; or save it as PNG."
                ).format(name=local[:80])
            )
        if len(self._open) > DEEPEST:
            raise NotAnImage(
                _("This drawing has groups in groups, more than {most} deep. Ungroup them.").format(
                    most=DEEPEST
                )
            )
        # A link is a group that somebody can click on.
        element = Element("g" if local == "a" else local, dict(_own_attributes(attributes)))
        if self._open:
            self._open[-1].content.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _name: str) -> None:
        if self._skipped:
            self._skipped -= 1
        else:
            self._open.pop()

    def _text(self, text: str) -> None:
        if not self._skipped and self._open and self._open[-1].name in (*TEXTS, "style"):
            self._open[-1].content.append(text)


def _own_attributes(attributes: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The attributes that are SVG's; a link has one name, whichever way it is written."""
    for name, value in attributes.items():
        namespace, _space, local = name.rpartition(" ")
        if namespace == "":
            yield local, value
        elif namespace == XLINK and local == "href" and "href" not in attributes:
            yield "href", value
        elif namespace == XML and local == "space" and value == "preserve":
            yield "xml:space", value


def _all(root: Element) -> Iterator[Element]:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        yield element
        waiting += reversed(element.children)


def _sheet_of(element: Element) -> Iterator[Rule]:
    if element.name == "style":
        yield from read_sheet("".join(text for text in element.content if isinstance(text, str)))


# --- cleaning ----------------------------------------------------------------------------------


class _Cleaner:
    """Makes an element of what may be in one."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._ids: set[str] = set()

    def cleaned_root(self, root: Element) -> Element:
        view_box = _square(root.attributes)
        cleaned = self._cleaned(root)
        kept = {name: value for name, value in cleaned.attributes.items() if name not in _OF_ROOT}
        cleaned.attributes = {"viewBox": view_box, **kept}
        if not any(element.name in _DRAWN for element in _all(cleaned)):
            raise NotAnImage(_("There is nothing to be seen in this drawing."))
        return cleaned

    def _cleaned(self, element: Element) -> Element:
        cleaned = Element(element.name, self._attributes(element))
        for one in element.content:
            if isinstance(one, str):
                cleaned.content.append(one)
            elif one.name != "style" and _is_complete(one):
                cleaned.content.append(self._cleaned(one))
        return cleaned

    def _attributes(self, element: Element) -> dict[str, str]:
        given = element.attributes
        wanted = {
            **{name: checked_value(name, given[name]) for name in given if name in ATTRIBUTES},
            **self._sheet.of(element.name, given),
            **read_styles(given.get("style", "")),
        }
        found = {name: wanted[name] for name in sorted(wanted) if wanted[name]}
        if "xml:space" in given:
            found["xml:space"] = "preserve"
        name = given.get("id", "")
        # Of two with the same name, it would be anybody's guess which one is meant.
        if _ID.fullmatch(name) and name not in self._ids:
            self._ids.add(name)
            found["id"] = name
        if "href" in given and element.name in LINKING:
            found["href"] = _link(element.name, given["href"])
        return found


def _is_complete(element: Element) -> bool:
    """Whether there is anything to draw: an image or a copy of nothing is nothing."""
    return element.name not in ("image", "use") or bool(element.attributes.get("href", "").strip())


def _link(name: str, value: str) -> str:
    value = value.strip()
    if name == "image":
        return _image_inside(value)
    if value.startswith("#") and _ID.fullmatch(value[1:]):
        return value
    raise _outside(value)


def _image_inside(value: str) -> str:
    """An image that is put into a drawing, if it is one; written without its line breaks."""
    match = _IMAGE_INSIDE.fullmatch(value)
    if match is None:
        raise _outside(value)
    kind = "png" if match[1].lower() == "png" else "jpeg"
    encoded = "".join(match[2].split())
    try:
        content = base64.b64decode(encoded, validate=True)
        with Image.open(io.BytesIO(content), formats=[kind.upper()]) as image:
            is_small = max(image.size) <= LARGEST_SIDE_INSIDE
            if is_small:
                image.load()
    except Exception as error:  # a damaged file makes Pillow raise whatever its place raises
        raise NotAnImage(
            _("An image inside this drawing is damaged, or neither PNG nor JPEG. Put it in again.")
        ) from error
    if not is_small:
        raise NotAnImage(
            _(
                "An image inside this drawing is too large: it may be {most} pixels wide and high "
                "at most. Make it smaller before you put it in."
            ).format(most=LARGEST_SIDE_INSIDE)
        )
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"


def _outside(value: str) -> NotAnImage:
    return NotAnImage(
        _(
            "This drawing refers to {name}, which is not in it. Embed what it shows (as PNG or "
            "JPEG), and export it again."
        ).format(name=shown(value))
    )


def _square(attributes: dict[str, str]) -> str:
    """The `viewBox` of the drawing, which has to be square."""
    numbers = re.split(r"[\s,]+", attributes.get("viewBox", "").strip())
    if numbers == [""]:
        numbers = ["0", "0", attributes.get("width", ""), attributes.get("height", "")]
    matches = [_NUMBER.fullmatch(number.strip()) for number in numbers]
    values = [float(match[1]) for match in matches if match]
    if len(values) != 4 or not all(abs(value) < 1e6 for value in values) or min(values[2:]) < 1e-3:
        raise NotAnImage(
            _(
                "This drawing doesn't say how large it is. Export it with a “viewBox”, or with a "
                "width and a height in pixels."
            )
        )
    width, height = values[2:]
    if abs(width - height) > _ALMOST * max(width, height):
        raise NotAnImage(
            _("A badge is square; this drawing is {width:g} by {height:g}.").format(
                width=width, height=height
            )
        )
    return " ".join(f"{value:.6g}" for value in values)


# --- writing -----------------------------------------------------------------------------------


def _written(element: Element, *, is_root: bool = True) -> Iterator[str]:
    yield f"<{element.name}"
    if is_root:
        yield f' xmlns="{SVG}"'
    for name, value in element.attributes.items():
        yield f" {name}={quoteattr(value)}"
    if not element.content:
        yield "/>"
        return
    yield ">"
    for one in element.content:
        if isinstance(one, str):
            yield escape(one)
        else:
            yield from _written(one, is_root=False)
    yield f"</{element.name}>"
