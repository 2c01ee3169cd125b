"""What a layer is given, as a drawing: each of its inputs as grids of numbers under its name."""

from __future__ import annotations

import inspect
from collections.abc import Sequence

import numpy as np

from knoll.analysis.transformer_arguments import OF_POSITIONS, samples_axis
from knoll.animate.axes import axes_of
from knoll.animate.layout import Draft, laid_out
from knoll.animate.sheets import ROOM, Drawn, sheets
from knoll.draw import Scene
from knoll.draw.text import Words
from knoll.graph import Array
from knoll.messages import sentence
from knoll.nn import Module
from knoll.nn.layers.loss import Loss

LIMIT = 10  # rows and columns of a grid
TITLES: dict[str, Words] = {
    "input": sentence("animate.input"),
    "log_input": sentence("animate.input"),
    "indices": sentence("animate.indices"),
    "target": sentence("animate.target"),
    "var": sentence("animate.variance_row"),
}
"""Arguments that animations name with a word; others have their own name."""


def inputs_picture(layer: Module, arrays: Sequence[Array], room: float = ROOM) -> Scene:
    """The inputs of a layer, in an order that is that of its `forward`; `room` is how wide the drawing may be.

    Of a batch the first sample is drawn; arrays of the same numbers are drawn once.

    >>> import numpy as np
    >>> from knoll import nn
    >>> inputs_picture(nn.Softmax(dim=1), [np.array([[2.0, 1.0, 0.0]])]).svg("light", "en").count("<text")
    10
    """
    named: list[tuple[Array, list[str]]] = []
    for name, array in zip(inspect.signature(layer.forward).parameters, arrays, strict=False):
        names = next((names for other, names in named if np.array_equal(other, array)), None)
        if names is None:
            named.append((array, names := []))
        names.append(name)
    drawn: list[Drawn] = []
    for array, names in named:
        axes = _axes(layer, array, arrays[0].ndim)
        drawn += sheets(_sample(layer, array), _title(names), name=None, role="input", axes=axes, limit=LIMIT)
    return next(laid_out((Draft(drawn, ""),), room)).scene


def _title(names: list[str]) -> Words:
    return TITLES.get(names[0], names[0]) if len(names) == 1 else ", ".join(names)


def _sample(layer: Module, array: Array) -> Array:
    """What is drawn of an array: of tokens those of the first sample."""
    if isinstance(layer, OF_POSITIONS) and array.ndim == 3:
        return array[:, 0] if samples_axis(layer) else array[0]
    return array


def _axes(layer: Module, array: Array, rank: int) -> str | None:
    """The axes of tokens, and of an array with one number for each sample, or for each place of one."""
    if isinstance(layer, OF_POSITIONS):
        return "le"
    if isinstance(layer, Loss) and array.ndim < rank:
        return {1: " n", 2: "nl", 3: "nhw"}.get(array.ndim)
    return axes_of(layer, array.ndim)
