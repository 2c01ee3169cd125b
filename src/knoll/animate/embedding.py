"""An embedding: the table, with the number that is copied from it."""

from __future__ import annotations

from knoll.analysis import Cells
from knoll.analysis.cell import Cell, Index
from knoll.animate.axes import TABLE
from knoll.animate.sheets import Drawn, sheets
from knoll.draw.palette import Role
from knoll.nn import Embedding


def place_in_table(cell: Cell) -> tuple[int, int]:
    """Row and column of the number that is copied."""
    return int(cell.terms[0].value), cell.index[-1]


def table(cells: Cells, cell: Cell) -> list[Drawn]:
    """The table, the row that is looked up marked in it."""
    if not isinstance(cells.layer, Embedding):
        return []
    weight, (row, column) = cells.layer.weight.detach().numpy(), place_in_table(cell)
    marks: dict[Index, Role] = {
        (row, each): "winner" if each == column else "kernel" for each in range(weight.shape[1])
    }
    return sheets(weight, "weight", name=None, role="kernel", marks=marks, axes=TABLE)
