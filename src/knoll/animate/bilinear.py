"""A bilinear layer: what each number of the first input counts, which the second one and the weights make."""

from __future__ import annotations

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.sheets import Drawn, Together, fitted
from knoll.draw import number_grid
from knoll.draw.numerals import numeral
from knoll.explain.calculation import factor, joined
from knoll.messages import Sentence, sentence
from knoll.nn import Bilinear


def bias_of(cells: Cells, cell: Cell) -> float | None:
    """The number that is added for this output."""
    bias = cells.layer.bias
    return None if bias is None else float(bias.detach().numpy()[cell.index[-1]])


def factors_of_first(cells: Cells, cell: Cell) -> list[Drawn]:
    """The weights of this output, and beside them what each row of them makes of the second input."""
    if not isinstance(cells.layer, Bilinear):
        return []
    k = cell.index[-1]
    weight = cells.layer.weight.detach().numpy()[k]
    made = np.array([[term.factor] for term in cell.terms])

    def drawn(room: float) -> Together:
        own = number_grid(weight, role="kernel", heat=True, axes=("1", "2"), room=room)
        column = number_grid(made, axes=("1", ""))
        return own.titled(sentence("animate.weights", k=k)), column.titled(sentence("animate.factors"))

    return [fitted(drawn)]


def with_factor(cells: Cells, cell: Cell, told: Sentence) -> Sentence:
    """What is told of a number, and how the first factor of it comes about."""
    k = cell.index[-1]
    row = cells.layer.weight.detach().numpy()[k][cell.terms[0].source[-1]] if cell.terms[0].source else []
    second = cells.array(cells.trace.inputs[1])[cell.index[:-1]]
    products = [f"{numeral(float(w))}·{factor(float(x))}" for w, x in zip(row, second, strict=True)]
    made = numeral(cell.terms[0].factor)
    return sentence("animate.bilinear", told=told, k=k, factor=made, sum=joined(products))
