"""Dropout: the mask that was drawn."""

from __future__ import annotations

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.sheets import Drawn, sheets
from knoll.graph import Array
from knoll.messages import sentence


def mask(cells: Cells, cell: Cell) -> list[Drawn]:
    """What each number is multiplied by: 0 drops it."""
    slopes = drawn(cells)
    if slopes is None:
        return []
    return sheets(slopes, sentence("animate.mask"), name=None, marks={cell.index: "winner"}, at=cell.index)


def drawn(cells: Cells) -> Array | None:
    """The slope of every number, where the layer is a dropout that is being trained."""
    if "Dropout" not in type(cells.layer).__name__ or not cells.layer.training:
        return None
    return cells.gradients(np.ones_like(cells.result)).get(cells.input)
