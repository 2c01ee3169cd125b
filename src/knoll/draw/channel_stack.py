"""Channels: their grids next to each other, each with its number, and how many are not drawn."""

from __future__ import annotations

from collections.abc import Sequence

from knoll.draw.scene import Scene, beside, noted
from knoll.draw.text import LABEL, Words
from knoll.errors import ShapeError
from knoll.messages import say, sentence

SPACE = 20.0


def channel_stack(
    grids: Sequence[Scene],
    *,
    title: Words = "",
    axis: str = "c",
    channels: Sequence[int] | None = None,
    total: int | None = None,
) -> Scene:
    """Grids of the channels of one array, next to each other.

    Args:
        grids: a drawing for each channel that is shown.
        title: stands above them.
        axis: the name of the axis that counts channels.
        channels: the number of each of them; 0, 1, 2 … by default.
        total: how many channels the array has; where it has more than are drawn, that is said below.

    Raises ShapeError where there are not as many numbers as grids.

    >>> from knoll.draw import channel_stack, number_grid
    >>> stack = channel_stack([number_grid([[1, 2]]), number_grid([[3, 4]])], total=64)
    >>> "c = 1" in stack.svg(), "2 of 64" in stack.svg(language="en")
    (True, True)
    """
    numbers = range(len(grids)) if channels is None else channels
    if len(numbers) != len(grids):
        raise ShapeError(say("draw.as_many_names"), got=f"{len(grids)}, {len(numbers)}")
    named = [grid.titled(f"{axis} = {number}", LABEL) for grid, number in zip(grids, numbers, strict=True)]
    scene = beside(*named, gap=SPACE)
    if total is not None and total > len(grids):
        scene = noted(scene, sentence("draw.channels", drawn=len(grids), total=total))
    return scene.titled(title) if title else scene
