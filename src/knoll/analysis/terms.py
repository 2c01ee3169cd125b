"""The terms of one number, by the operation that computes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from knoll.analysis.cell import Cell, Index, Normalisation, Term
from knoll.analysis.dependencies import dependencies
from knoll.analysis.run import Run, copied, unravelled
from knoll.analysis.standardised import standardised
from knoll.graph import Node, Op, Value, Window
from knoll.graph.reads import Transposed
from knoll.graph.windows import AdaptiveWindow
from knoll.ops.activation.softmax import log_softmax, softmax
from knoll.ops.convolution.conv import conv2d
from knoll.ops.convolution.conv_transpose import conv_transpose2d
from knoll.ops.convolution.patches import windows
from knoll.ops.convolution.unfold import blocks, fold2d
from knoll.ops.elementwise.arithmetic import divide, multiply
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.normalisation.batch_norm import batch_norm
from knoll.ops.pooling.adaptive_max_pool import adaptive_max_pool2d, adaptive_windows
from knoll.ops.pooling.fractional_max_pool import fractional_max_pool2d, starts
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.pooling.max_pool import windows as pooling_windows
from knoll.ops.pooling.max_unpool import max_unpool2d
from knoll.ops.reduction.reduce import mean, sum_
from knoll.ops.resample.axes import Average, Axis
from knoll.ops.resample.resample import resample2d, tables
from knoll.ops.shapes.reshape import convert

Rule = Callable[[Run, Node, Index, Index], Cell | None]
"""Run, node, index of its result, index of the layer's output → the cell; None where the operation does not read the
input itself, but what another operation made of it."""


def made_of(run: Run, index: Index) -> Cell:
    """The cell at `index` of the output of a run."""
    number = run.number(run.output, index)
    found = _computed(run.output, index)
    if found is None:  # the constant of a padding
        return Cell(index, "copy", (Term(None, number),), number)
    value, at = found
    if value.node is None:
        return Cell(index, "copy", (Term(at if value is run.input else None, number),), number)
    rule = RULES.get(value.node.op)
    cell = rule(run, value.node, at, index) if rule is not None else None
    return _function(run, index) if cell is None else cell


def _computed(value: Value, index: Index) -> tuple[Value, Index] | None:
    """The value that computes an element, and the element's index there, behind all movements."""
    found: tuple[Value, Index] | None = (value, index)
    while found is not None and found[0].node is not None and (found[0].node.moves or found[0].node.op is convert):
        found = _one_back(found[0], found[0].node, found[1])
    return found


def _one_back(value: Value, node: Node, index: Index) -> tuple[Value, Index] | None:
    """The operand, and its element, that an element is a copy of; None for the constant of a padding."""
    for operand, reads in zip(node.inputs, node.reads(value.index), strict=True):
        place = int(copied(reads, operand.spec.shape, value.spec.shape)[index])
        if place >= 0:
            return operand, unravelled(place, operand.spec.shape)
    return None


def _term(run: Run, value: Value, index: Index, factor: float = 1.0, weight: Index | None = None) -> Term:
    """The term of an element of an operand."""
    return Term(run.source(value, index), run.number(value, index), factor, weight)


def _cell(run: Run, node: Node, at: Index, index: Index, **parts: object) -> Cell:
    return Cell(index=index, result=run.number(node.outputs[0], at), **parts)  # type: ignore[arg-type]  # fields


# Sums of products


def _sum(run: Run, node: Node, at: Index, index: Index, terms: list[Term], channel: int) -> Cell:
    """Products with the weights, and the bias of the channel."""
    bias = float(run.array(node.inputs[2])[channel]) if len(node.inputs) > 2 else None
    return _cell(run, node, at, index, rule="sum", terms=tuple(terms), bias=bias)


def _conv(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
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
        _padded(run, x, (n, first + c, row, column), 0.0, float(weights[c, r, s]), _weight_index(w, (k, c, r, s)))
        for c in range(w.spec.shape[1])
        for r, row in _taps(rows, i)
        for s, column in _taps(columns, j)
    ]
    return _sum(run, node, at, index, terms, k)


def _weight_index(w: Value, index: Index) -> Index:
    """Where a weight stands in the parameter, which has no rows along one axis."""
    found = _computed(w, index) if w.node is not None else None
    return index if found is None else found[1]


def _taps(window: Window, position: int) -> Iterator[tuple[int, int]]:
    """The number of each tap of a window, and its place on the axis, which may lie in the padding."""
    start = window.start(position)
    return ((tap, start + tap * window.dilation) for tap in range(window.kernel))


def _padded(
    run: Run, x: Value, element: Index, padding: float, factor: float = 1.0, weight: Index | None = None
) -> Term:
    """The term of an element of an image, or of the padding around it."""
    if all(0 <= i < size for i, size in zip(element, x.spec.shape, strict=True)):
        return _term(run, x, element, factor, weight)
    return Term(None, padding, factor, weight)


def _conv_transpose(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
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
        [(place, (i - window.start(place)) // window.dilation) for place in _windows_over(window, length, count, i)]
        for window, length, count, i in zip((rows, columns), size, x.spec.shape[2:], (i, j), strict=True)
    ]
    terms = [
        _term(run, x, (n, c, row, column), float(weights[c, own, r, s]), _weight_index(w, (c, own, r, s)))
        for c, (row, r), (column, s) in product(channels, over[0], over[1])
    ]
    return _sum(run, node, at, index, terms, k)


def _windows_over(window: Window, length: int, count: int, place: int) -> list[int]:
    """The windows that lie over a place."""
    seen = Transposed(window, length).seen(count)[place]
    return [int(i) for i in seen[seen >= 0]]


def _linear(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    x, w = node.inputs[:2]
    if not run.reaches(x):
        return None
    *row, k = at
    weights = run.array(w)[k]
    terms = [_term(run, x, (*row, i), float(weight), (k, i)) for i, weight in enumerate(weights)]
    return _sum(run, node, at, index, terms, k)


# Pooling and weighing


def _resample(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    (x,) = node.inputs
    if not run.reaches(x):
        return None
    n, c, *position = at
    ways = (node.attributes["rows"], node.attributes["columns"])
    entries, divisor = list[list[tuple[int, float]]](), 1.0
    for way, table, place in zip(ways, tables(x.spec.shape, x.spec.dtype, *ways), position, strict=True):
        start, count = int(table.starts[place]), int(table.counts[place])
        weights = np.ones(count) if table.weights is None else table.weights[start : start + count]
        places = _averaged(way, place, x.spec.shape[2 + len(entries)]) or [
            *zip(table.of(place), weights.tolist(), strict=True)
        ]
        entries.append(places)
        divisor *= float(table.divisors[place])
    down, across = entries
    terms = [_padded(run, x, (n, c, i, j), 0.0, r * s) for (i, r), (j, s) in product(down, across)]
    if all(term.factor == 1.0 for term in terms):
        return _cell(run, node, at, index, rule="mean", terms=tuple(terms), divisor=divisor)
    return _cell(run, node, at, index, rule="sum", terms=tuple(terms))


def _averaged(way: Axis, place: int, size: int) -> list[tuple[int, float]]:
    """The places under a window whose padding counts, without what hangs over the padding."""
    if not isinstance(way, Average) or not way.counts_padding:
        return []
    start = way.window.start(place)
    return [(i, 1.0) for i in range(start, min(start + way.window.kernel, size + way.window.after))]


def _max_pool(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    rows, columns = pooling_windows(**node.attributes)
    return _largest(run, node, at, index, [p for _, p in _taps(rows, at[2])], [p for _, p in _taps(columns, at[3])])


def _adaptive_max_pool(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    shares = adaptive_windows(node.inputs[0].spec, node.attributes["size"])
    down, across = (_shared(share, place) for share, place in zip(shares, at[2:], strict=True))
    return _largest(run, node, at, index, down, across)


def _fractional_max_pool(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The windows where they were drawn."""
    x, samples = node.inputs
    kernel, size, drawn = node.attributes["kernel"], node.attributes["size"], run.array(samples)[at[:2]]
    first = [
        int(starts(drawn[1 - axis], x.spec.shape[2 + axis], size[axis], kernel[axis])[at[2 + axis]]) for axis in (0, 1)
    ]
    rows, columns = ([*range(start, start + taps)] for start, taps in zip(first, kernel, strict=True))
    return _largest(run, node, at, index, rows, columns)


def _shared(share: AdaptiveWindow, place: int) -> list[int]:
    return [*range(int(share.starts()[place]), int(share.stops()[place]))]


def _largest(run: Run, node: Node, at: Index, index: Index, rows: list[int], columns: list[int]) -> Cell | None:
    """The candidates of a window, and the one whose index the operation gives."""
    x = node.inputs[0]
    if not run.reaches(x):
        return None
    n, c, *_ = at
    places = [*product(rows, columns)]
    terms = tuple(_padded(run, x, (n, c, i, j), -np.inf) for i, j in places)
    winner = divmod(int(run.array(node.outputs[1])[at]), x.spec.shape[3])
    chosen = places.index(winner) if winner in places else None
    return _cell(run, node, at, index, rule="max", terms=terms, chosen=chosen)


def _max_unpool(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The last value whose index names the place."""
    x, indices = node.inputs
    if not run.reaches(x):
        return None
    n, c, i, j = at
    named = np.argwhere(run.array(indices)[n, c] == i * node.specs[0].shape[3] + j)
    terms = (_term(run, x, (n, c, *map(int, named[-1]))),) if len(named) else ()
    return _cell(run, node, at, index, rule="copy", terms=terms)


def _fold(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The number that each window over a pixel has for it."""
    (x,) = node.inputs
    if not run.reaches(x):
        return None
    n, c, i, j = at
    (r, s), size = node.attributes["kernel"], node.attributes["size"]
    slide = {name: node.attributes[name] for name in ("kernel", "stride", "padding", "dilation")}
    counts = blocks(size, **slide)
    sides = [
        Window(*(slide[name][axis] for name in ("kernel", "stride", "padding", "padding", "dilation")))
        for axis in (0, 1)
    ]
    over = [
        [
            (place, (position - side.start(place)) // side.dilation)
            for place in _windows_over(side, length, count, position)
        ]
        for side, length, count, position in zip(sides, size, counts, (i, j), strict=True)
    ]
    terms = tuple(
        _term(run, x, (n, (c * r + row) * s + column, down * counts[1] + across))
        for (down, row), (across, column) in product(*over)
    )
    return _cell(run, node, at, index, rule="sum" if len(terms) > 1 else "copy", terms=terms)


# Element by element


def _batch_norm(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    x, *channel = node.inputs
    if not run.reaches(x):
        return None
    mean_, variance, scale, shift = ([float(run.array(v)[at[1]]) for v in channel] + [1.0, 0.0])[:4]
    normalisation = Normalisation(mean_, variance, node.attributes["epsilon"], scale, shift)
    return _cell(run, node, at, index, rule="normalise", terms=(_term(run, x, at),), normalisation=normalisation)


def _scale(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The product of an element and a number that does not come from the input: the mask of a dropout."""
    x, mask = node.inputs
    if not run.reaches(x) or mask.node is not None or mask.spec.shape != x.spec.shape:
        return None
    return _cell(run, node, at, index, rule="scale", terms=(_term(run, x, at, run.number(mask, at)),))


def _softmax(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    (x,) = node.inputs
    if not run.reaches(x) or x.spec.rank == 0:
        return None
    axis = node.attributes["axis"] % x.spec.rank
    terms = tuple(_term(run, x, (*at[:axis], i, *at[axis + 1 :])) for i in range(x.spec.shape[axis]))
    return _cell(run, node, at, index, rule=node.op.name, terms=terms, chosen=at[axis])


# Reductions, as losses end with


def _reduced(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The terms of a sum or a mean: elements of the input, or the losses that were made of it."""
    (x,) = node.inputs
    mask = dependencies(run.trace, node.outputs[0], at, x)
    places = [tuple(map(int, place)) for place in np.argwhere(mask)]
    own = run.reaches(x)
    terms = tuple(_term(run, x, place) if own else Term(place, run.number(x, place)) for place in places)
    divisor = float(len(terms)) if node.op is mean else None
    rule = "mean" if node.op is mean else "sum"
    return _cell(run, node, at, index, rule=rule, terms=terms, divisor=divisor, of_losses=not own)


def _divided(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """A sum that is divided by what the labels count, or by the number of samples."""
    whole, count = node.inputs
    inner = whole.node
    if inner is None or inner.op is not sum_ or count.spec.size != 1:
        return None
    cell = _reduced(run, inner, at, index)
    divisor = float(run.array(count).ravel()[0])
    return cell and replace(cell, rule="mean", divisor=divisor, result=run.number(node.outputs[0], at))


def _function(run: Run, index: Index) -> Cell:
    """What the number depends on, each element with its slope."""
    slope = run.slopes(index).get(run.input, np.zeros(run.input.spec.shape))
    places = [tuple(map(int, place)) for place in np.argwhere(dependencies(run.trace, index=index))]
    terms = (Term(at, run.number(run.input, at), float(slope[at])) for at in places)
    cell = Cell(index, "function", tuple(terms), run.number(run.output, index))
    return standardised(run.layer, cell, run.input.spec.dtype) or cell


RULES: dict[Op, Rule] = {
    conv2d: _conv,
    conv_transpose2d: _conv_transpose,
    linear: _linear,
    resample2d: _resample,
    max_pool2d: _max_pool,
    adaptive_max_pool2d: _adaptive_max_pool,
    max_unpool2d: _max_unpool,
    fractional_max_pool2d: _fractional_max_pool,
    fold2d: _fold,
    batch_norm: _batch_norm,
    multiply: _scale,
    softmax: _softmax,
    log_softmax: _softmax,
    sum_: _reduced,
    mean: _reduced,
    divide: _divided,
}
