"""Drawings as pixels, through resvg, in the font that Knoll brings along: the same pixels on every machine."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image


def rasterised(svg: str, scale: float) -> bytes:
    """The bytes of a PNG file with `scale` pixels for each unit of the drawing."""
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=scale))


def pixels(svg: str, scale: float) -> Image.Image:
    """The pixels of a drawing."""
    from PIL import Image

    return Image.open(BytesIO(rasterised(svg, scale))).convert("RGB")
