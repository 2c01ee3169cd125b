"""Scenes as the frames of a GIF, APNG or WebP file."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Literal

from knoll.draw.moving import Timing
from knoll.draw.palette import Theme
from knoll.draw.repaint import painted
from knoll.draw.scene import Scene
from knoll.messages import Language
from knoll.pillow import Image

Format = Literal["GIF", "PNG", "WEBP"]
_OPTIONS: dict[Format, dict[str, bool | int]] = {
    "GIF": {},
    "PNG": {},
    "WEBP": {"lossless": True, "method": 2, "minimize_size": True},
}


def encoded(
    scenes: Sequence[Scene], timing: Timing, kind: Format, scale: float, theme: Theme, language: Language | None
) -> bytes:
    """The bytes of a file that shows the scenes in a loop."""
    chosen: Theme = "light" if theme == "auto" else theme
    images = list(painted(scenes, scale, chosen, language))
    first, *others = _with_one_palette(images) if kind == "GIF" else images
    stay = [round(1000 * timing.seconds)] * timing.frames
    stay[-1] += round(1000 * timing.rest)
    file = BytesIO()
    first.save(file, kind, save_all=True, append_images=others, duration=stay, loop=0, **_OPTIONS[kind])
    return file.getvalue()


def _with_one_palette(images: Sequence[Image.Image]) -> list[Image.Image]:
    """The images in the 255 colours that suit the first, the middle and the last best."""
    some = [images[0], images[len(images) // 2], images[-1]]
    sheet = Image.new("RGB", (some[0].width, sum(image.height for image in some)))
    for place, image in enumerate(some):
        sheet.paste(image, (0, place * image.height))
    palette = sheet.quantize(255, dither=Image.Dither.NONE)
    return [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
