"""From a layer and its input to an animation."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence

from knoll import nn
from knoll.analysis import Cells, written
from knoll.animate import attention, conv_transpose, elements, loss, network, windows
from knoll.animate.crop import readable
from knoll.animate.numbers import numbers_for
from knoll.animate.sheets import ROOM
from knoll.draw import Animation, Frame
from knoll.graph import Array
from knoll.messages import sentence
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.nn.lazy import LazyModuleMixin
from knoll.nn.loss import Loss

TITLED = 7  # layers of a network that its title names

Frames = Callable[[Cells, float], Iterator[Frame]]

VIEWS: dict[type[Module], Frames] = {
    nn.Conv2d: windows.frames,
    nn.MaxPool2d: windows.frames,
    nn.AvgPool2d: windows.frames,
    nn.AdaptiveMaxPool2d: windows.frames,
    nn.AdaptiveAvgPool2d: windows.frames,
    nn.ConvTranspose2d: conv_transpose.frames,
    nn.MultiheadAttention: attention.frames,
    Loss: loss.frames,
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
    title = sentence("animate.title", layer=_title(layer), part=crop.words if crop else "")
    return Animation(tuple(_frames(layer, x)), title)


def _frames(layer: Module, arrays: Sequence[Array], room: float = ROOM) -> Iterator[Frame]:
    """The frames of one run; a lazy layer stays lazy, a copy of it meets the input."""
    own = copy.deepcopy(layer) if isinstance(layer, LazyModuleMixin) else layer
    cells = Cells(own, *arrays)
    return view_of(own)(cells, room)


def _title(layer: Module) -> str:
    """The layer as it is written; of a network the kinds of its layers."""
    children = [type(child).__name__ for child in layer.children()]
    if isinstance(layer, tuple(VIEWS)) or not children:
        return written(layer)
    shown = children if len(children) <= TITLED else [*children[: TITLED - 1], "…"]
    return f"{type(layer).__name__}: {' → '.join(shown)}"


def view_of(layer: Module) -> Frames:
    """How a layer is shown, by its class or the nearest class that it is derived from."""
    if not isinstance(layer, tuple(VIEWS)) and any(layer.children()):
        return network.frames
    return next((VIEWS[kind] for kind in type(layer).__mro__ if kind in VIEWS), elements.frames)
