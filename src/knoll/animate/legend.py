"""What the looks of the places of a field mean that are not plainly read, in words below the drawing."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.animate.field import Field
from knoll.draw import Scene
from knoll.draw.number_grid import Region
from knoll.draw.scene import noted
from knoll.messages import Sentence, sentence


def explained(grid: Scene, field: Field, region: Region | None = None) -> Scene:
    """The grid of a field, or of a region of it, with a line for each look."""
    for words in _meanings(field, region):
        grid = noted(grid, words)
    return grid


def _meanings(field: Field, region: Region | None) -> Iterator[Sentence]:
    rows, columns = region or (range(axis.size) for axis in field.axes)
    inside = (
        range(field.edges.top, field.axes[0].size - field.edges.bottom),
        range(field.edges.left, field.axes[1].size - field.edges.right),
    )
    if any(
        drawn.start < own.start or drawn.stop > own.stop for drawn, own in zip((rows, columns), inside, strict=True)
    ):
        yield sentence("animate.hatched")
    roles = {*field.unseen(region).values()}
    if "dropped" in roles:
        yield sentence("animate.crossed")
    if "skipped" in roles:
        yield sentence("animate.white")
