"""The terms of pooling, resizing and folding: numbers under a window, or the windows over a number."""

from __future__ import annotations

from itertools import product

import numpy as np

from knoll.analysis.cell import Cell, Index
from knoll.analysis.run import Run
from knoll.analysis.terms.parts import cell_with, padded_term, taps, taps_over, term
from knoll.graph import Node
from knoll.graph.windows import AdaptiveWindow
from knoll.ops.convolution.patches import windows
from knoll.ops.convolution.unfold import blocks
from knoll.ops.pooling.adaptive_max_pool import adaptive_windows
from knoll.ops.pooling.fractional_max_pool import starts
from knoll.ops.pooling.max_pool import windows as pooling_windows
from knoll.ops.resample.axes import Average, Axis
from knoll.ops.resample.resample import tables


def resample(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The numbers that a row and a column of the new size are made of, and the weight of each."""
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
    terms = [padded_term(run, x, (n, c, i, j), 0.0, r * s) for (i, r), (j, s) in product(down, across)]
    if all(term.factor == 1.0 for term in terms):
        return cell_with(run, node, at, index, rule="mean", terms=tuple(terms), divisor=divisor)
    return cell_with(run, node, at, index, rule="sum", terms=tuple(terms))


def _averaged(way: Axis, place: int, size: int) -> list[tuple[int, float]]:
    """The places under a window whose padding counts, without what hangs over the padding."""
    if not isinstance(way, Average) or not way.counts_padding:
        return []
    start = way.window.start(place)
    return [(i, 1.0) for i in range(start, min(start + way.window.kernel, size + way.window.after))]


def max_pool(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The numbers under the window, and the largest."""
    rows, columns = pooling_windows(**node.attributes)
    return _largest(run, node, at, index, [p for _, p in taps(rows, at[2])], [p for _, p in taps(columns, at[3])])


def adaptive_max_pool(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The numbers of an adaptive window, and the largest."""
    sides = adaptive_windows(node.inputs[0].spec, node.attributes["size"])
    down, across = (_under(window, position) for window, position in zip(sides, at[2:], strict=True))
    return _largest(run, node, at, index, down, across)


def fractional_max_pool(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The windows where they were drawn."""
    x, samples = node.inputs
    kernel, size, drawn = node.attributes["kernel"], node.attributes["size"], run.array(samples)[at[:2]]
    first = [
        int(starts(drawn[1 - axis], x.spec.shape[2 + axis], size[axis], kernel[axis])[at[2 + axis]]) for axis in (0, 1)
    ]
    rows, columns = ([*range(start, start + taps)] for start, taps in zip(first, kernel, strict=True))
    return _largest(run, node, at, index, rows, columns)


def _under(window: AdaptiveWindow, position: int) -> list[int]:
    return [*range(int(window.starts()[position]), int(window.stops()[position]))]


def _largest(run: Run, node: Node, at: Index, index: Index, rows: list[int], columns: list[int]) -> Cell | None:
    """The candidates of a window, and the one whose index the operation gives."""
    x = node.inputs[0]
    if not run.reaches(x):
        return None
    n, c, *_ = at
    places = [*product(rows, columns)]
    terms = tuple(padded_term(run, x, (n, c, i, j), -np.inf) for i, j in places)
    winner = divmod(int(run.array(node.outputs[1])[at]), x.spec.shape[3])
    chosen = places.index(winner) if winner in places else None
    return cell_with(run, node, at, index, rule="max", terms=terms, chosen=chosen)


def max_unpool(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The last value whose index names the place."""
    x, indices = node.inputs
    if not run.reaches(x):
        return None
    n, c, i, j = at
    named = np.argwhere(run.array(indices)[n, c] == i * node.specs[0].shape[3] + j)
    terms = (term(run, x, (n, c, *map(int, named[-1]))),) if len(named) else ()
    return cell_with(run, node, at, index, rule="copy", terms=terms)


def fold(run: Run, node: Node, at: Index, index: Index) -> Cell | None:
    """The number that each window over a pixel has for it."""
    (x,) = node.inputs
    if not run.reaches(x):
        return None
    n, c, i, j = at
    (r, s), size = node.attributes["kernel"], node.attributes["size"]
    slide = {name: node.attributes[name] for name in ("kernel", "stride", "padding", "dilation")}
    counts = blocks(size, **slide)
    up, left = slide["padding"]
    sides = windows(**{**slide, "padding": ((up, up), (left, left))})
    over = [
        taps_over(side, length, count, position)
        for side, length, count, position in zip(sides, size, counts, (i, j), strict=True)
    ]
    terms = tuple(
        term(run, x, (n, (c * r + row) * s + column, down * counts[1] + across))
        for (down, row), (across, column) in product(*over)
    )
    return cell_with(run, node, at, index, rule="sum" if len(terms) > 1 else "copy", terms=terms)
