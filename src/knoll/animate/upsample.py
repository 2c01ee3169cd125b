"""Interpolation: how much each number of the input counts."""

from __future__ import annotations

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.sheets import Drawn
from knoll.draw import number_grid
from knoll.messages import sentence


def factors(_cells: Cells, cell: Cell) -> list[Drawn]:
    """The weights of the neighbours, as they lie in the image."""
    places = [term.source for term in cell.terms if term.source is not None]
    if len(places) < 2 or len(places) != len(cell.terms) or len(places[0]) != 4:
        return []
    rows, columns = (sorted({place[axis] for place in places}) for axis in (2, 3))
    if len(rows) * len(columns) != len(places):
        return []
    grid = np.array([term.factor for term in cell.terms]).reshape(len(rows), len(columns))
    return [number_grid(grid, role="kernel", indices=False).titled(sentence("animate.shares"))]
