"""QR codes."""

from __future__ import annotations

import io

import segno


def qr_code(text: str) -> str:
    """A QR code as an SVG document: dark on white, whatever it is shown on, so that it is read."""
    buffer = io.BytesIO()
    code = segno.make(text, error="m", micro=False)
    code.save(buffer, kind="svg", border=4, dark="#000", light="#fff", unit="", omitsize=True)
    return buffer.getvalue().decode()
