"""From a layer and its input to an animation."""

from __future__ import annotations

from knoll.analysis import Cells, written
from knoll.animate.crop import numbers_for, readable
from knoll.animate.windows import frames
from knoll.draw import Animation
from knoll.messages import sentence
from knoll.nn import Module
from knoll.nn.inspection import Input


def animate(layer: Module, *inputs: Input) -> Animation:
    """A layer at work on these numbers: its window walks over the input, and the output fills number by number.

    For a shape in place of numbers, whole numbers from 0 to 9 are used. Of an image too large to read, the part that
    varies most is shown, which the title says.

    >>> import numpy as np
    >>> from knoll import nn
    >>> from knoll.animate import animate
    >>> len(animate(nn.MaxPool2d(2), np.arange(16.0).reshape(1, 1, 4, 4)).frames)
    4
    """
    x, crop = readable(layer, numbers_for(inputs[0]))
    title = sentence("animate.title", layer=written(layer), part=crop.words if crop else "")
    return Animation(tuple(frames(Cells(layer, x))), title)
