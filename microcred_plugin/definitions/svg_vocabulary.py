"""
What an author's drawing may be made of: elements, attributes and styles of SVG.

What is on no list here is left out where nobody sees it, and else refused by its name: a list of
what is known to be harmless stays right when SVG grows.
"""

from __future__ import annotations

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"

TEXTS = frozenset({"text", "tspan", "title", "desc"})

PRIMITIVES = frozenset(
    {
        "feBlend", "feColorMatrix", "feComposite", "feDropShadow", "feFlood", "feGaussianBlur",
        "feMerge", "feMergeNode", "feOffset",
    }
)  # fmt: skip

ELEMENTS = (
    TEXTS
    | PRIMITIVES
    | {
        "circle", "clipPath", "defs", "ellipse", "filter", "g", "image", "line", "linearGradient",
        "mask", "path", "pattern", "polygon", "polyline", "radialGradient", "rect", "stop",
        "symbol", "use",
    }
)  # fmt: skip

# Scripts, data and movements: without them, the still picture is the same.
UNSEEN = frozenset(
    {
        "animate", "animateColor", "animateMotion", "animateTransform", "audio", "cursor",
        "discard", "handler", "listener", "metadata", "mpath", "script", "set", "view",
    }
)  # fmt: skip

# Those whose link is to something that is drawn or taken over.
LINKING = frozenset({"image", "linearGradient", "pattern", "radialGradient", "use"})

# What may stand in an attribute, in a `style`, and in a style sheet.
STYLES = frozenset(
    {
        "alignment-baseline", "baseline-shift", "clip-path", "clip-rule", "color",
        "color-interpolation", "color-interpolation-filters", "direction", "display",
        "dominant-baseline", "fill", "fill-opacity", "fill-rule", "filter", "flood-color",
        "flood-opacity", "font-family", "font-size", "font-stretch", "font-style",
        "font-variant", "font-weight", "image-rendering", "letter-spacing", "mask", "mask-type",
        "opacity", "overflow", "paint-order", "shape-rendering", "stop-color", "stop-opacity",
        "stroke", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin",
        "stroke-miterlimit", "stroke-opacity", "stroke-width", "text-anchor", "text-decoration",
        "text-rendering", "unicode-bidi", "vector-effect", "visibility", "word-spacing",
        "writing-mode",
    }
)  # fmt: skip

ATTRIBUTES = STYLES | {
    "clipPathUnits", "cx", "cy", "d", "dx", "dy", "edgeMode", "filterUnits", "fx", "fy",
    "gradientTransform", "gradientUnits", "height", "in", "in2", "k1", "k2", "k3", "k4",
    "lengthAdjust", "maskContentUnits", "maskUnits", "mode", "offset", "operator",
    "patternContentUnits", "patternTransform", "patternUnits", "points", "preserveAspectRatio",
    "primitiveUnits", "r", "result", "rotate", "rx", "ry", "spreadMethod", "stdDeviation",
    "textLength", "transform", "type", "values", "viewBox", "width", "x", "x1", "x2", "y", "y1",
    "y2",
}  # fmt: skip

# What a value may call; `url` only with the name of something in the same drawing.
FUNCTIONS = frozenset(
    {
        "hsl", "hsla", "matrix", "rgb", "rgba", "rotate", "scale", "skewx", "skewy", "translate",
        "url",
    }
)  # fmt: skip
