"""Drawings as authors bring them, and as somebody would who means harm."""

from __future__ import annotations

import base64

from tests.factories import png_data_url


def svg(inside: str, view_box: str = 'viewBox="0 0 512 512"', more: str = "") -> bytes:
    """A drawing with a circle, and with this inside it."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{view_box} {more}>{inside}<circle cx="256" cy="256" r="200"/></svg>'
    ).encode()


def svg_data_url(content: bytes | None = None) -> str:
    """A drawing as it stands in a file of definitions."""
    content = svg('<path fill="teal" d="M0 0H512V512z"/>') if content is None else content
    return f"data:image/svg+xml;base64,{base64.b64encode(content).decode()}"


def doubling(times: int, element: str = "g", wrap: str = '<use href="#{name}"/>') -> str:
    """Each of them is two of the one before."""
    made = f'<{element} id="n0"><path d="M0 0H9V9z"/></{element}>'
    for at in range(1, times + 1):
        made += f'<{element} id="n{at}">{wrap.format(name=f"n{at - 1}") * 2}</{element}>'
    return made


MASKED = '<path mask="url(#{name})"/>'
FILLED = '<path fill="url(#{name})"/>'

# What a program would read, fetch or run, and nobody sees: it comes out harmless.
HARMLESS = {
    "script": "<script>alert(1)</script>",
    "script from elsewhere": '<script href="https://evil.example/x.js"/>',
    "script in an editor's clothes": '<x:script xmlns:x="http://www.w3.org/1999/xhtml">1</x:script>',
    "event attribute": '<rect width="9" height="9" onclick="alert(1)" onload="alert(2)"/>',
    "event attribute in capitals": '<rect width="9" height="9" ONLOAD="alert(1)"/>',
    "link to a script": '<a href="javascript:alert(1)"><rect width="9" height="9"/></a>',
    "link elsewhere": '<a xlink:href="https://evil.example/"><rect width="9" height="9"/></a>',
    "animation of a link": '<animate attributeName="href" to="javascript:alert(1)"/>',
    "set of an event": '<set attributeName="onmouseover" to="alert(1)"/>',
    "html in a foreign namespace": '<h:iframe xmlns:h="http://www.w3.org/1999/xhtml" src="/"/>',
    "metadata": "<metadata><rdf xmlns='urn:x'>home address</rdf></metadata>",
    "comment": "<!-- <script>alert(1)</script> -->",
    "processing instruction": '<?xml-stylesheet href="https://evil.example/x.css"?>',
    "script as text of a title": "<title><![CDATA[<script>alert(1)</script>]]></title>",
    "end of a title in a title": "<title>&lt;/title&gt;&lt;script&gt;</title>",
    "quote in an attribute": "<text font-family='a\" onload=\"alert'>x</text>",
    "another base": '<g xml:base="https://evil.example/"><rect width="9" height="9"/></g>',
    "style that moves": '<rect style="animation: x 1s; behavior: x" width="9" height="9"/>',
    "nothing to be copied": "<use/><image/>",
    "handler": '<handler type="application/ecmascript">alert(1)</handler>',
    "listener": '<listener event="load"/>',
    "audio": '<audio src="https://evil.example/x.ogg"/>',
}

# What would be missing in the picture, or can't be drawn: it is refused, and the sentence says why.
REFUSED = {
    "html inside": ("<foreignObject><p>x</p></foreignObject>", "“foreignObject”"),
    "frame": ('<iframe src="https://evil.example/"/>', "“iframe”"),
    "drawing in a drawing": ('<svg><rect width="9"/></svg>', "“svg”"),
    "image from elsewhere": ('<image href="https://evil.example/x.png"/>', "not in it"),
    "image from a disk": ('<image xlink:href="file:///etc/passwd"/>', "not in it"),
    "image beside it": ('<image href="photo.png"/>', "not in it"),
    "image without a protocol": ('<image href="//evil.example/x.png"/>', "not in it"),
    "drawing as an image": ('<image href="data:image/svg+xml;base64,PHN2Zz4="/>', "not in it"),
    "page as an image": ('<image href="data:text/html;base64,PHN2Zz4="/>', "not in it"),
    "damaged image": ('<image href="data:image/png;base64,AAAA"/>', "damaged"),
    "image that is too large": (f'<image href="{png_data_url(2049, 2049)}"/>', "too large"),
    "copy from elsewhere": ('<use href="https://evil.example/x.svg#a"/>', "not in it"),
    "colour from elsewhere": ('<rect fill="url(https://evil.example/x)"/>', "“fill” has the value"),
    "colour from elsewhere, escaped": (
        r'<rect fill="u\72l(https://evil.example/x)"/>',
        "“fill” has the value",
    ),
    "filter from elsewhere": ('<g filter="url(x.svg#f)"><path/></g>', "“filter” has the value"),
    "style from elsewhere": (
        "<rect style=\"fill: url( 'https://evil.example/x' )\"/>",
        "“fill” has the value",
    ),
    "style that calls": ('<rect style="fill: expression(alert(1))"/>', "“fill” has the value"),
    "style with a comment in it": (
        '<rect style="fill: u/**/rl(//evil.example)"/>',
        "has the value",
    ),
    "sheet from elsewhere": ('<style>@import "https://evil.example/x";</style>', "styles of this"),
    "font from elsewhere": (
        "<style>@font-face{src:url(https://evil.example/f)}</style>",
        "styles of this",
    ),
    "rule from elsewhere": (
        "<style>rect{fill:url(https://evil.example/x)}</style>",
        "“fill” has the value",
    ),
    "rule for what is inside": ("<style>g rect{fill:red}</style>", "styles of this"),
    "image as a filter": (
        '<filter id="f"><feImage href="https://evil.example/x"/></filter>',
        "“feImage”",
    ),
    "noise": ('<filter id="f"><feTurbulence numOctaves="9999"/></filter>', "“feTurbulence”"),
    "copies of copies": (f'<defs>{doubling(20)}</defs><use href="#n20"/>', "takes too long"),
    "masks of masks": (
        f'<g>{doubling(20, "mask", MASKED)}</g><path mask="url(#n20)"/>',
        "takes too long",
    ),
    "patterns of patterns": (
        f'<g>{doubling(20, "pattern", FILLED)}</g><path fill="url(#n20)"/>',
        "takes too long",
    ),
    "pattern for everything in a group": (
        f'<pattern id="p">{"<path/>" * 200}</pattern><g fill="url(#p)">{"<path/>" * 200}</g>',
        "takes too long",
    ),
    "filters everywhere": (
        '<filter id="f"><feGaussianBlur/></filter>' + '<path filter="url(#f)"/>' * 300,
        "takes too long",
    ),
    "copy of itself": ('<g id="a"><use href="#a"/></g>', "refers to itself (a)"),
    "copies of each other": (
        '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>',
        "refers to itself",
    ),
    "colours of each other": (
        '<linearGradient id="a" href="#b"/><linearGradient id="b" href="#a"/>',
        "refers to itself",
    ),
    "long chain": (
        "".join(f'<g id="n{at}"><use href="#n{at + 1}"/></g>' for at in range(3000)),
        "takes too long",
    ),
    "deep groups": ("<g>" * 60 + "<path/>" + "</g>" * 60, "more than 48 deep"),
    "very deep groups": ("<g>" * 40_000 + "</g>" * 40_000, "more than 48 deep"),
    "a million shapes": ("<path/>" * 20_000, "takes too long"),
    "unfinished": ("<g>", "damaged one, from line 1 on"),
    "unknown entity": ("<text>&nbsp;</text>", "damaged one, from line 1 on"),
}

LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&b;</text></svg>"""
FILE_OF_THE_SERVER = b"""<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&a;</text></svg>"""
OTHER_PARAMETERS = b"""<!DOCTYPE svg [<!ENTITY % a SYSTEM "https://evil.example/x.dtd"> %a;]>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>x</text></svg>"""
ENTITIES = {"laughs": LAUGHS, "file": FILE_OF_THE_SERVER, "parameters": OTHER_PARAMETERS}
