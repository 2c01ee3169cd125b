"""An embedding: the table, with the number that is copied from it."""

from __future__ import annotations

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell, Index
from knoll.animate.axes import TABLE
from knoll.animate.sheets import Drawn, sheets
from knoll.draw.palette import Role
from knoll.nn import Embedding, Module


def place_in_table(cell: Cell) -> tuple[int, int]:
    """Row and column of the number that is copied."""
    return int(cell.terms[0].value), cell.index[-1]


def shortened(layer: Module, row: int) -> tuple[float, float] | None:
    """The norm of a row that is longer than `max_norm`, and what the row is multiplied by; None where it stays.

    >>> import knoll
    >>> layer = Embedding(1, 2, max_norm=1.0)
    >>> layer.weight.data = knoll.tensor([[3.0, 4.0]])
    >>> [round(each, 3) for each in shortened(layer, 0) or ()]
    [5.0, 0.2]
    """
    if layer.max_norm is None:
        return None
    norm = float(np.linalg.norm(layer.weight.detach().numpy()[row].astype(np.float64), layer.norm_type))
    return (norm, float(layer.max_norm) / norm) if norm > layer.max_norm else None


def table(cells: Cells, cell: Cell) -> list[Drawn]:
    """The table, the row that is looked up marked in it."""
    if not isinstance(cells.layer, Embedding):
        return []
    weight, (row, column) = cells.layer.weight.detach().numpy(), place_in_table(cell)
    marks: dict[Index, Role] = {
        (row, each): "winner" if each == column else "kernel" for each in range(weight.shape[1])
    }
    return sheets(weight, "weight", name=None, role="kernel", marks=marks, axes=TABLE)
