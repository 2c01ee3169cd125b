"""Scenes as the frames of a GIF, APNG or WebP file."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Literal

from knoll.draw.moving import Timing
from knoll.draw.palette import Theme
from knoll.draw.raster import pixels
from knoll.draw.scene import Scene
from knoll.messages import Language

Format = Literal["GIF", "PNG", "WEBP"]


def encoded(
    scenes: Sequence[Scene], timing: Timing, kind: Format, scale: float, theme: Theme, language: Language | None
) -> bytes:
    """The bytes of a file that shows the scenes in a loop."""
    first, *others = [
        pixels(scene.svg("dark" if theme == "dark" else "light", language), scene.size, scale) for scene in scenes
    ]
    stay = [round(1000 * timing.seconds)] * timing.frames
    stay[-1] += round(1000 * timing.rest)
    file = BytesIO()
    options = {"WEBP": {"lossless": True}, "PNG": {"default_image": False}}.get(kind, {})
    first.save(file, kind, save_all=True, append_images=others, duration=stay, loop=0, **options)
    return file.getvalue()
