"""Drawings as pixels, through resvg, in the fonts that Knoll brings along: the same pixels on every machine."""

from __future__ import annotations

from io import BytesIO

from knoll.draw.font import FAMILY, SANS, SIGNS, characters
from knoll.draw.text import CHINESE_FONTS, FONTS
from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.pillow import Image

LARGEST = 100_000_000  # pixels; a file of more is a mistake


def rasterised(svg: str, size: tuple[float, float], scale: float) -> bytes:
    """The bytes of a PNG file with `scale` pixels for each unit of a drawing of some width and height.

    Where Knoll's own fonts lack a character, the words are set in a font of the system.

    Raises ArgumentError where the file would have no pixels, or more than 100 million.
    """
    import resvg_py  # a large library, which drawings as SVG do not need

    w, h = (side * scale for side in size)
    if not (min(w, h) >= 1 and w * h <= LARGEST):
        raise ArgumentError(say("draw.scale", scale=scale), got=say("draw.pixels", width=f"{w:.0f}", height=f"{h:.0f}"))
    known = characters().issuperset(svg.replace("\n", ""))
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg.replace(FONTS, FAMILY if known else f"{CHINESE_FONTS},{FAMILY}"),
            zoom=scale,
            font_files=[str(SANS), str(SIGNS)],
            font_family=FAMILY,
            sans_serif_family=FAMILY,
            skip_system_fonts=known,
        )
    )


def pixels(svg: str, size: tuple[float, float], scale: float) -> Image.Image:
    """The pixels of a drawing."""
    return Image.open(BytesIO(rasterised(svg, size, scale))).convert("RGB")
