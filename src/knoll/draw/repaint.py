"""Frames as pixels: of each frame only the regions are painted again in which it differs from the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias

from knoll.draw.elements import Group, Leaf
from knoll.draw.extent import Box, extent, leaves
from knoll.draw.palette import Theme
from knoll.draw.raster import pixels
from knoll.draw.scene import Scene
from knoll.messages import Language
from knoll.pillow import Image

GRID = 8  # units; a region that begins on it has whole pixels, and its hatches begin where those of the whole do
MARGIN = 3.0  # units around what has changed

Placed: TypeAlias = "tuple[Leaf, float, float]"


def painted(scenes: Sequence[Scene], scale: float, theme: Theme, language: Language | None) -> Iterator[Image.Image]:
    """The pixels of scenes of one size, one after the other."""
    whole_pixels = (Fraction(scale).limit_denominator(1000) * GRID).denominator == 1
    before: list[Placed] = []
    image: Image.Image | None = None
    for scene in scenes:
        now = [leaf for element in scene.elements for leaf in leaves(element)]
        changed = _changed(before, now) if image is not None and whole_pixels else None
        if image is None or changed is None:
            image = pixels(scene.svg(theme, language), scene.size, scale)
        else:
            image = image.copy()
            for region in _regions([_box(leaf) for leaf in changed]):
                part = _part(now, region)
                patch = pixels(part.svg(theme, language), part.size, scale)
                image.paste(patch, (round(region.left * scale), round(region.top * scale)))
        yield image
        before = now


def _changed(before: Sequence[Placed], now: Sequence[Placed]) -> list[Placed] | None:
    """What only one of two frames shows; None where what both show has another order, or is shown more than once."""
    old, new = set(before), set(now)
    if len(old) < len(before) or len(new) < len(now):
        return None
    if [leaf for leaf in before if leaf in new] != [leaf for leaf in now if leaf in old]:
        return None
    return [leaf for leaf in before if leaf not in new] + [leaf for leaf in now if leaf not in old]


def _box(placed: Placed) -> Box:
    leaf, dx, dy = placed
    return extent(leaf).moved(dx, dy).wider(MARGIN)


def _regions(boxes: Sequence[Box]) -> list[Box]:
    """Boxes on the grid that cover these and do not overlap."""
    regions: list[Box] = []
    for box in boxes:
        low = (GRID * max(0, floor(edge / GRID)) for edge in (box.left, box.top))
        high = (GRID * ceil(edge / GRID) for edge in (box.right, box.bottom))
        grown = Box(*low, *high)
        while met := [other for other in regions if other.meets(grown)]:
            for other in met:
                regions.remove(other)
                grown = grown.joined(other)
        regions.append(grown)
    return regions


def _part(placed: Sequence[Placed], region: Box) -> Scene:
    """A region as a scene of its own."""
    seen = tuple(Group((leaf,), dx, dy) for leaf, dx, dy in placed if _box((leaf, dx, dy)).meets(region))
    moved = Group(seen, -region.left, -region.top)
    return Scene(region.right - region.left, region.bottom - region.top, (moved,))
