"""The first number of a layer's output, worked out from the numbers that it was given."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import numpy as np

from knoll.analysis import Cells
from knoll.explain.captions import caption
from knoll.explain.losses import loss_told
from knoll.messages import Sentence
from knoll.nn import Module
from knoll.nn.inspection import Input
from knoll.nn.layers.loss import Loss
from knoll.tensor import Tensor

RULES = ("sum", "mean", "max", "copy")  # for which there are words


def worked_out(layer: Module, inputs: Sequence[Input]) -> Sentence | None:
    """How the first number of the output comes about; None where there is none, or no words for it."""
    if isinstance(layer, Loss):
        return _first_loss(layer, inputs)
    cells = Cells(layer, *inputs, training=False)
    shape = cells.output.spec.shape
    if not cells.output.spec.size or not shape or cells.cell((0,) * len(shape)).rule not in RULES:
        return None
    if shape[:1] == cells.input.spec.shape[:1] and len(shape) > 1:  # a sample alone gives what it gives in a batch
        cells = Cells(layer, *map(_first, inputs), training=False)
    return caption(cells.cell((0,) * len(shape)))


def _first_loss(layer: Module, inputs: Sequence[Input]) -> Sentence | None:
    """The first of the losses, before they are reduced."""
    one_by_one = copy.copy(layer)
    one_by_one.reduction = "none"
    each = Cells(one_by_one, *inputs, training=False)
    index = (0,) * each.result.ndim
    return loss_told(each, index, f"{[*index]}" if index else "") if each.result.size else None


def _first(given: Input) -> Input:
    """The first sample of a batch."""
    return given[:1] if isinstance(given, np.ndarray | Tensor) else given
