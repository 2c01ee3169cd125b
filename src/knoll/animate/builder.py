"""From a layer and its input to an animation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from knoll import nn
from knoll.analysis import Cells, written
from knoll.animate import elements, windows
from knoll.animate.crop import readable
from knoll.animate.numbers import numbers_for
from knoll.animate.sheets import ROOM
from knoll.draw import Animation, Frame
from knoll.messages import sentence
from knoll.nn import Module
from knoll.nn.inspection import Input

Frames = Callable[[Cells, float], Iterator[Frame]]

VIEWS: dict[type[Module], Frames] = {
    nn.Conv2d: windows.frames,
    nn.MaxPool2d: windows.frames,
    nn.AvgPool2d: windows.frames,
    nn.AdaptiveMaxPool2d: windows.frames,
    nn.AdaptiveAvgPool2d: windows.frames,
}
"""The layers whose frames show more than the numbers that each number is made of."""


def animate(layer: Module, *inputs: Input) -> Animation:
    """A layer at work on these numbers: its window walks over the input, and the output fills number by number.

    For a shape in place of numbers, small numbers that suit the layer are used. Of an image too large to read, the part
    that varies most is shown, which the title says.

    >>> import numpy as np
    >>> from knoll import nn
    >>> from knoll.animate import animate
    >>> len(animate(nn.MaxPool2d(2), np.arange(16.0).reshape(1, 1, 4, 4)).frames)
    4
    """
    x, crop = readable([layer], numbers_for(layer, inputs))
    title = sentence("animate.title", layer=written(layer), part=crop.words if crop else "")
    return Animation(tuple(view_of(layer)(Cells(layer, *x), ROOM)), title)


def view_of(layer: Module) -> Frames:
    """How a layer is shown, by its class or the nearest class that it is derived from."""
    return next((VIEWS[kind] for kind in type(layer).__mro__ if kind in VIEWS), elements.frames)
