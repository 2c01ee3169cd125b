"""A linear layer: a row of weights times the input, number by number."""

from __future__ import annotations

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.sheets import Drawn, Together, fitted
from knoll.draw import above, number_grid
from knoll.draw.numerals import calculated
from knoll.messages import sentence


def weights(_cells: Cells, cell: Cell) -> list[Drawn]:
    """The weights of this output, and each times its number of the input."""
    if any(term.weight is None or len(term.weight) != 2 for term in cell.terms):
        return []
    k = cell.index[-1]
    row = np.array([[term.factor for term in cell.terms]])
    products = np.array([[term.product for term in cell.terms]])
    parts = [float(products.sum()), *([] if cell.bias is None else [cell.bias]), cell.result]
    *added, result = calculated(*parts[:-1], result=parts[-1])
    total = f"Σ = {' + '.join(added)} = {result}".replace("+ −", "− ")

    def drawn(room: float) -> Together:
        own = number_grid(row, role="kernel", heat=True, axes=("k", "c"), indices=False, room=room)
        made = number_grid(products, indices=False, room=room)
        return (
            above(
                own.titled(sentence("animate.weights", k=k)),
                made.titled(sentence("animate.products_row", total=total), 14.0),
            ),
        )

    return [fitted(drawn)]
