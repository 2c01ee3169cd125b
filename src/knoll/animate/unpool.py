"""Frames of max unpooling: each number of the input goes to the place that its index names, all other places stay 0."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.animate import elements
from knoll.animate.crop import Crop
from knoll.animate.layout import Draft
from knoll.animate.sheets import bracketed, place, sheets
from knoll.animate.steps import filled, steps
from knoll.draw import Cell
from knoll.draw.numerals import numeral
from knoll.draw.palette import Role
from knoll.messages import Sentence, sentence


def frames(cells: Cells, crop: Crop | None = None) -> Iterator[Draft]:
    """A frame for each number of the first channels of the input; of a part of an image one for each of the output."""
    if crop is not None:
        yield from elements.frames(cells, crop)
        return
    x, indices = (cells.array(value) for value in cells.trace.inputs[:2])
    y, size = np.zeros_like(cells.result), cells.result.shape[2:]
    chosen = steps(x.shape, filled(cells) if x.ndim == 4 else None)
    for at in chosen:
        target = tuple(map(int, np.unravel_index(int(indices[at]), size)))
        y[(*at[:2], *target)] = x[at]
        if at == chosen[-1]:
            y[...] = cells.result
        own: dict[Index, Role] = {at: "winner"}
        put: dict[Index, Role] = {(*at[:2], *target): "winner"}
        drawn = [
            *sheets(x, sentence("animate.input"), name="input", role="input", marks=own, at=at),
            *sheets(indices, sentence("animate.indices"), name=None, marks=own, at=at),
            *sheets(y, sentence("animate.output"), name="output", role="output", marks=put, at=at),
        ]
        told = _caption(bracketed(at, x.shape), numeral(float(x[at])), int(indices[at]), target, size[-1])
        yield Draft(drawn, told, also=(Cell("output", place(next(iter(put)), y.shape)),))


def _caption(at: str, value: str, index: int, target: Index, width: int) -> Sentence:
    if len(target) == 1:
        return sentence("animate.put_along", at=at, value=value, index=index)
    row, column = target
    return sentence("animate.put", at=at, value=value, index=index, row=row, column=column, width=width)
