"""The terms of sums of products: convolutions and linear layers."""

from __future__ import annotations

from itertools import product

from knoll.analysis.cell import Cell, Index, Term
from knoll.analysis.run import Run
from knoll.analysis.terms.parts import cell_with, computed, padded_term, taps, taps_over, term
from knoll.graph import Node, Value
from knoll.ops.convolution.patches import windows


def _sum(run: Run, node: Node, at: Index, index: Index, terms: list[Term], channel: int) -> Cell:
    """Products with the weights, and the bias of the channel."""
    bias = float(run.array(node.inputs[2])[channel]) if len(node.inputs) > 2 else None
    return cell_with(run, node, at, index, rule="sum", terms=tuple(terms), bias=bias)


def conv(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The numbers under the window, each with its weight."""
    x, w = node.inputs[:2]
    if not run.reaches(x):
        return None
    n, k, i, j = at
    slide = dict(node.attributes)
    groups = slide.pop("groups")
    first = k * groups // w.spec.shape[0] * w.spec.shape[1]
    rows, columns = windows((w.spec.shape[2], w.spec.shape[3]), **slide)
    weights = run.array(w)[k]
    terms = [
        padded_term(run, x, (n, first + c, row, column), 0.0, float(weights[c, r, s]), _weight_index(w, (k, c, r, s)))
        for c in range(w.spec.shape[1])
        for r, row in taps(rows, i)
        for s, column in taps(columns, j)
    ]
    return _sum(run, node, at, index, terms, k)


def _weight_index(w: Value, index: Index) -> Index:
    """Where a weight stands in the parameter, which has no rows along one axis."""
    found = computed(w, index) if w.node is not None else None
    return index if found is None else found[1]


def conv_transpose(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The numbers whose windows lie over the place, each with the weight of its tap."""
    x, w = node.inputs[:2]
    if not run.reaches(x):
        return None
    n, k, i, j = at
    slide = dict(node.attributes)
    size, groups = slide.pop("size"), slide.pop("groups")
    group, own = divmod(k, w.spec.shape[1])
    channels = range(group * x.spec.shape[1] // groups, (group + 1) * x.spec.shape[1] // groups)
    rows, columns = windows((w.spec.shape[2], w.spec.shape[3]), **slide)
    weights = run.array(w)
    over = [
        taps_over(window, length, count, i)
        for window, length, count, i in zip((rows, columns), size, x.spec.shape[2:], (i, j), strict=True)
    ]
    terms = [
        term(run, x, (n, c, row, column), float(weights[c, own, r, s]), _weight_index(w, (c, own, r, s)))
        for c, (row, r), (column, s) in product(channels, over[0], over[1])
    ]
    return _sum(run, node, at, index, terms, k)


def linear(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The features, each with its weight."""
    x, w = node.inputs[:2]
    if not run.reaches(x):
        return None
    *row, k = at
    weights = run.array(w)[k]
    terms = [term(run, x, (*row, i), float(weight), (k, i)) for i, weight in enumerate(weights)]
    return _sum(run, node, at, index, terms, k)
