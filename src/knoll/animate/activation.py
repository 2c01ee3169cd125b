"""An activation: the point of one number on the curve, with the slope there."""

from __future__ import annotations

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.runs import cells_of
from knoll.animate.sheets import Drawn, Either
from knoll.draw import curve
from knoll.graph import Array
from knoll.messages import sentence
from knoll.nn import Embedding, LocalResponseNorm, LPPool1d, LPPool2d, RReLU

POINTS = 121
LEAST = 4.0  # how far the curve goes to both sides, at least


def graph_of(cells: Cells, cell: Cell) -> list[Drawn]:
    """The curve with its slope, and the point that slides along it."""
    is_drawn = isinstance(cells.layer, RReLU) and cells.layer.training
    if len(cell.terms) != 1 or is_drawn or isinstance(cells.layer, Embedding | LocalResponseNorm | LPPool1d | LPPool2d):
        return []
    (term,) = cell.terms
    x, y, slope = _curve(cells, cell)
    point = (term.value, cell.result, term.factor)
    name = type(cells.layer).__name__
    axes = ("x", sentence("animate.of_x", name=name))
    wide, narrow = (
        curve(x, y, slope=slope, point=point, title=name, names=axes, narrow=each) for each in (False, True)
    )
    return [Either(wide, narrow)]


def _curve(cells: Cells, cell: Cell) -> tuple[Array, Array, Array]:
    """The layer at points between and around its inputs, in the channel of the number."""
    given = cells.array(cells.input)
    channel = cell.index[1] if given.ndim > 1 else 0
    finite = np.abs(given[np.isfinite(given)])
    far = float(max(LEAST, min(finite.max(initial=0.0), 20.0)))
    xs = np.linspace(-far, far, POINTS).astype(given.dtype)
    wide = np.repeat(xs[:, None], given.shape[1], axis=1) if given.ndim > 1 else xs
    along = cells_of(cells.layer, wide)
    results = along.result
    slopes = along.gradients(np.ones_like(results)).get(along.input, np.zeros_like(results))  # whole numbers have none
    if given.ndim > 1:
        results, slopes = results[:, channel], slopes[:, channel]
    return xs, results, slopes
