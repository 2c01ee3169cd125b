"""Interpolation: how much each number of the input counts, and where in the input the result lies."""

from __future__ import annotations

import math

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.sheets import Drawn
from knoll.draw import number_grid
from knoll.draw.numerals import numeral
from knoll.messages import Sentence, sentence
from knoll.nn import Upsample

LINEAR = ("linear", "bilinear")


def factors(cells: Cells, cell: Cell) -> list[Drawn]:
    """The weights of the neighbours, as they lie in the image; also that of a single one, so that nothing jumps."""
    places = [term.source for term in cell.terms if term.source is not None]
    if not isinstance(cells.layer, Upsample) or len(places) != len(cell.terms) or len(places[0]) not in (3, 4):
        return []
    axes = [sorted({place[axis] for place in places}) for axis in range(2, len(places[0]))]
    if math.prod(map(len, axes)) != len(places):
        return []
    grid = np.array([term.factor for term in cell.terms]).reshape(-1, len(axes[-1]))
    return [number_grid(grid, role="kernel", indices=False).titled(sentence("animate.shares"))]


def sampled(cells: Cells, cell: Cell, told: Sentence) -> Sentence:
    """What is told of a number, and the place in the input at which a linear interpolation takes it.

    It is the mean of the places of the neighbours, each counting by its weight.
    """
    layer, sources = cells.layer, [term.source for term in cell.terms]
    if not isinstance(layer, Upsample) or layer.mode not in LINEAR or None in sources:
        return told
    weights = [term.factor for term in cell.terms]
    places = [
        numeral(math.fsum(place * weight for place, weight in zip(along, weights, strict=True)))
        for along in [*zip(*(source for source in sources if source is not None), strict=True)][2:]
    ]
    if len(places) == 1:
        return sentence("animate.sampled_along", told=told, place=places[0])
    return sentence("animate.sampled", told=told, row=places[0], column=places[1])
