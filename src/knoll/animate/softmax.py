"""Softmax: what each number along the axis gets of the whole."""

from __future__ import annotations

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.sheets import Drawn
from knoll.draw import bars
from knoll.draw.numerals import numeral
from knoll.messages import sentence
from knoll.nn import LogSoftmax, Softmax, Softmax2d, Softmin

MOST = 10


def shares(cells: Cells, cell: Cell) -> list[Drawn]:
    """The results along the axis as bars."""
    if not isinstance(cells.layer, Softmax | Softmax2d | Softmin | LogSoftmax) or len(cell.terms) > MOST:
        return []
    places = [term.source for term in cell.terms if term.source is not None]
    values = [float(cells.result[place]) for place in places]
    names = [f"x = {numeral(term.value)}" for term in cell.terms]
    chosen = places.index(cell.index) if cell.index in places else None
    return [bars(values, names, chosen=chosen, room=160).titled(sentence("animate.along"))]
