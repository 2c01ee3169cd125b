"""What stands between the input and the output of a frame: a row of weights, a curve, a mask, statistics, shares."""

from __future__ import annotations

from collections.abc import Callable

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.activation import graph_of
from knoll.animate.batch_norm import statistics
from knoll.animate.bilinear import factors_of_first
from knoll.animate.dropout import mask
from knoll.animate.embedding import table
from knoll.animate.linear import weights
from knoll.animate.sheets import Drawn
from knoll.animate.softmax import shares
from knoll.animate.upsample import factors

Panel = Callable[[Cells, Cell], list[Drawn]]

PANELS: dict[str, tuple[Panel, ...]] = {
    "sum": (weights, factors),
    "mean": (factors,),
    "normalise": (statistics,),
    "softmax": (shares,),
    "log_softmax": (shares,),
    "scale": (mask,),
    "function": (factors_of_first, table, mask, shares, graph_of),
}
"""By the rule that makes a number; the first one that has something to show."""


def panel(cells: Cells, cell: Cell) -> list[Drawn]:
    """What shows how the number comes about; nothing where the marks in the input say it all."""
    return next((found for show in PANELS.get(cell.rule, ()) if (found := show(cells, cell))), [])
