"""From a layer and its input to an animation."""

from __future__ import annotations

from knoll.analysis import Cells, written
from knoll.animate.windows import frames
from knoll.draw import Animation
from knoll.nn import Module
from knoll.nn.inspection import Input


def animate(layer: Module, *inputs: Input) -> Animation:
    """A layer at work on these numbers: its window walks over the input, and the output fills number by number.

    >>> import numpy as np
    >>> from knoll import nn
    >>> from knoll.animate import animate
    >>> len(animate(nn.MaxPool2d(2), np.arange(16.0).reshape(1, 1, 4, 4)).frames)
    4
    """
    return Animation(tuple(frames(Cells(layer, *inputs))), written(layer))
