"""The first number of a layer's output, worked out from the numbers that it was given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knoll.analysis import Cells
from knoll.explain.captions import caption
from knoll.messages import Sentence
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.tensor import Tensor

RULES = ("sum", "mean", "max", "copy")  # for which there are words


def worked_out(layer: Module, inputs: Sequence[Input]) -> Sentence | None:
    """How the first number of the output comes about; None where there is none, or no words for it."""
    cells = Cells(layer, *inputs, training=False)
    shape = cells.output.spec.shape
    if not cells.output.spec.size or not shape or cells.cell((0,) * len(shape)).rule not in RULES:
        return None
    if shape[:1] == cells.input.spec.shape[:1] and len(shape) > 1:  # a sample alone gives what it gives in a batch
        cells = Cells(layer, *map(_first, inputs), training=False)
    return caption(cells.cell((0,) * len(shape)))


def _first(given: Input) -> Input:
    """The first sample of a batch."""
    return given[:1] if isinstance(given, np.ndarray | Tensor) else given
