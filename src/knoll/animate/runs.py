"""One run of a layer, as it is shown."""

from __future__ import annotations

import warnings

from knoll.analysis import Cells
from knoll.graph import Array
from knoll.nn import Module


def cells_of(layer: Module, *arrays: Array, training: bool | None = None) -> Cells:
    """The run of a layer that keeps its input: layers that work in place make results of their own meanwhile."""
    inside = [each for each in layer.modules() if getattr(each, "inplace", False) is True]
    for each in inside:
        each.inplace = False
    try:
        with warnings.catch_warnings(action="ignore"):  # they are about training, not about what is shown
            return Cells(layer, *arrays, training=training)
    finally:
        for each in inside:
            each.inplace = True
