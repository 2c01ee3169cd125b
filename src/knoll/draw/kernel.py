"""A kernel: the weights of one output channel, around zero, and its bias."""

from __future__ import annotations

from numpy.typing import ArrayLike

from knoll.draw.channel_stack import SPACE, channel_stack
from knoll.draw.matrix import values_of
from knoll.draw.number_grid import number_grid
from knoll.draw.scene import Scene, beside
from knoll.draw.text import LABEL, Words
from knoll.messages import sentence

CHANNELS = 4


def kernel(
    weight: ArrayLike,
    *,
    bias: float | None = None,
    title: Words = "",
    channels: int = CHANNELS,
    name: str | None = None,
) -> Scene:
    """Kernel of shape (rows, columns) or (channels, rows, columns): a grid for each channel, blue +, orange −.

    Args:
        weight: the weights of one output channel.
        bias: what is added to the sum; nothing by default.
        title: stands above it.
        channels: the largest number of channels that are drawn.
        name: the array's name, by which `Scene.box` finds its cells: (row, column) or (channel, row, column).

    Raises ShapeError for another number of dimensions, DTypeError where the array holds no numbers.

    >>> from knoll.draw import kernel
    >>> kernel([[1, 0], [0, -1]], bias=0.5).svg().count("<text")
    12
    """
    values = values_of(weight, 2, 3)
    if values.ndim == 2:
        scene = number_grid(values, axes=("r", "s"), role="kernel", heat=True, name=name)
    else:
        drawn = [
            number_grid(plane, axes=("r", "s"), role="kernel", heat=True, name=name, prefix=(c,))
            for c, plane in enumerate(values[:channels])
        ]
        scene = channel_stack(drawn, total=len(values))
    if bias is not None:
        added = number_grid([[bias]], role="kernel", heat=True, axes=("", ""), indices=False).titled(
            sentence("draw.bias"), LABEL
        )
        scene = beside(scene, added, gap=SPACE)
    return scene.titled(title) if title else scene
