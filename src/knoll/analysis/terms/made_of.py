"""The terms of one number, by the operation that computes it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from knoll.analysis.cell import Cell, Index, Term
from knoll.analysis.dependencies import dependencies
from knoll.analysis.run import Run
from knoll.analysis.standardised import standardised
from knoll.analysis.terms import elements, products, reductions, windows
from knoll.analysis.terms.parts import computed
from knoll.graph import Node, Op
from knoll.ops.activation.softmax import log_softmax, softmax
from knoll.ops.convolution.conv import conv2d
from knoll.ops.convolution.conv_transpose import conv_transpose2d
from knoll.ops.convolution.unfold import fold2d
from knoll.ops.elementwise.arithmetic import divide, multiply
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.normalisation.batch_norm import batch_norm
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d
from knoll.ops.pooling.fractional_max_pool import fractional_max_pool2d
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.ops.reduction.reduce import mean, sum_
from knoll.ops.resample.resample import resample2d

Rule = Callable[[Run, Node, Index, Index], Cell | None]
"""Run, node, index of its result, index of the layer's output → the cell; None where the operation does not read the
input itself, but what another operation made of it."""


def made_of(run: Run, index: Index) -> Cell:
    """The cell at `index` of the output of a run."""
    number = run.number(run.output, index)
    found = computed(run.output, index)
    if found is None:  # the constant of a padding
        return Cell(index, "copy", (Term(None, number),), number)
    value, at = found
    if value.node is None:
        return Cell(index, "copy", (Term(at if value is run.input else None, number),), number)
    rule = RULES.get(value.node.op)
    cell = rule(run, value.node, at, index) if rule is not None else None
    return _function(run, index) if cell is None else cell


def _function(run: Run, index: Index) -> Cell:
    """What the number depends on, each element with its slope."""
    slope = run.slopes(index).get(run.input, np.zeros(run.input.spec.shape))
    places = [tuple(map(int, place)) for place in np.argwhere(dependencies(run.trace, index=index))]
    terms = (Term(at, run.number(run.input, at), float(slope[at])) for at in places)
    cell = Cell(index, "function", tuple(terms), run.number(run.output, index))
    return standardised(run.layer, cell, run.input.spec.dtype) or cell


RULES: dict[Op, Rule] = {
    conv2d: products.conv,
    conv_transpose2d: products.conv_transpose,
    linear: products.linear,
    resample2d: windows.resample,
    max_pool2d: windows.max_pool,
    adaptive_max_pool2d: windows.adaptive_max_pool,
    max_unpool2d: windows.max_unpool,
    fractional_max_pool2d: windows.fractional_max_pool,
    fold2d: windows.fold,
    batch_norm: elements.batch_norm,
    multiply: elements.scale,
    softmax: elements.softmax,
    log_softmax: elements.softmax,
    sum_: reductions.reduced,
    mean: reductions.reduced,
    divide: reductions.divided,
}
