"""An activation: the point of one number on the curve, with the slope there."""

from __future__ import annotations

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.runs import cells_of
from knoll.animate.sheets import Drawn, Either
from knoll.draw import curve
from knoll.explain.words import card_of
from knoll.graph import Array
from knoll.messages import sentence
from knoll.nn import Embedding, LocalResponseNorm, LPPool1d, LPPool2d, Module, RReLU

POINTS = 121
LEAST, MOST = 4.0, 20.0  # how far the curve goes to both sides
BEHIND = 1.2  # times a bend is still drawn


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
    return [Either((wide,), (narrow,))]


def _curve(cells: Cells, cell: Cell) -> tuple[Array, Array, Array]:
    """The layer at points between and around its inputs, in the channel of the number."""
    given = cells.array(cells.input)
    channel = cell.index[1] if given.ndim > 1 else 0
    finite = np.abs(given[np.isfinite(given)])
    far = max(LEAST, *(min(float(each), MOST) for each in (finite.max(initial=0.0), *_behind_bends(cells.layer))))
    xs = np.linspace(-far, far, POINTS).astype(given.dtype)
    wide = np.repeat(xs[:, None], given.shape[1], axis=1) if given.ndim > 1 else xs
    along = cells_of(cells.layer, wide)
    results = along.result
    slopes = along.gradients(np.ones_like(results)).get(along.input, np.zeros_like(results))  # whole numbers have none
    if given.ndim > 1:
        results, slopes = results[:, channel], slopes[:, channel]
    return xs, results, slopes


def _behind_bends(layer: Module) -> list[float]:
    """How far a curve goes that shows what comes behind the bends that it has room for."""
    card = card_of(layer)
    return [BEHIND * abs(each) for each in (card.bends(layer) if card else ()) if abs(each) < MOST]
