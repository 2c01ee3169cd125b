"""Frames of an embedding: each number of the input takes a whole row of the table."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.animate.axes import TABLE, axes_of, output_axes
from knoll.animate.crop import Crop
from knoll.animate.embedding import shortened
from knoll.animate.layout import Draft
from knoll.animate.sheets import bracketed, place, sheets
from knoll.animate.steps import MOST
from knoll.draw import Cell
from knoll.draw.numerals import numeral
from knoll.draw.palette import Role
from knoll.messages import Sentence, sentence
from knoll.nn import Module


def frames(cells: Cells, _crop: Crop | None = None) -> Iterator[Draft]:
    """A frame for each number of the first sample (of rows of numbers all): its row of the table, and where it goes."""
    x, y, layer = cells.array(cells.input), cells.result, cells.layer
    weight, known = layer.weight.detach().numpy(), np.zeros(y.shape, np.bool_)
    chosen = [at for at in np.ndindex(x.shape) if x.ndim < 3 or at[0] == 0][:MOST]
    for at in chosen:
        row = int(x[at])
        known[at] = True
        if at == chosen[-1]:
            known[...] = True
        taken: dict[Index, Role] = {(row, e): "winner" for e in range(weight.shape[1])}
        put: dict[Index, Role] = {(*at, e): "winner" for e in range(weight.shape[1])}
        drawn = [
            *sheets(
                x,
                sentence("animate.input"),
                name="input",
                role="input",
                marks={at: "winner"},
                at=at or None,
                axes=axes_of(layer, x.ndim),
            ),
            *sheets(weight, "weight", name=None, role="kernel", marks=taken, axes=TABLE),
            *sheets(
                y,
                sentence("animate.output"),
                name="output",
                role="output",
                marks=put,
                shown=known,
                at=(*at, 0),
                axes=output_axes(layer, y.ndim),
            ),
        ]
        yield Draft(
            drawn,
            _told(layer, bracketed(at, x.shape), row),
            also=tuple(Cell("output", place(each, y.shape)) for each in put),
        )


def _told(layer: Module, at: str, row: int) -> Sentence:
    """Which row is copied, and how a row that is too long is shortened before."""
    too_long = shortened(layer, row)
    if too_long is None:
        return sentence("animate.looked_up", at=at, row=row)
    norm, scale = map(numeral, too_long)
    most, p = numeral(layer.max_norm), numeral(layer.norm_type)
    return sentence("animate.looked_up_shortened", at=at, row=row, norm=norm, most=most, p=p, scale=scale)
