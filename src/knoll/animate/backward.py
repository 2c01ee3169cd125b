"""Frames of the way back: where the gradient of each number of the output goes, and how dx and dw add up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index, Share, Spread
from knoll.animate.layout import Draft
from knoll.animate.sheets import Drawn, bracketed, place, sheets
from knoll.animate.steps import steps
from knoll.animate.words import joined
from knoll.draw.numerals import numeral
from knoll.draw.palette import Role
from knoll.errors import ArgumentError
from knoll.graph import Array, Shape
from knoll.messages import Sentence, say, sentence

SHOWN = 2  # parameters whose gradients are drawn


def frames(cells: Cells, dy: Array) -> Iterator[Draft]:
    """A frame for each number of the output; in the last one the gradients are whole.

    Raises ArgumentError where no gradient goes.
    """
    if not cells.output.spec.is_float or not cells.input.spec.is_float:
        raise ArgumentError(say("animate.no_gradient"), came=f"{cells.input.spec} → {cells.output.spec}")
    shape, chosen = cells.output.spec.shape, steps(cells.output.spec.shape)
    sums = _Sums(cells, dy, len(chosen) == dy.size)
    for index in chosen:
        spread = cells.spread(index, float(dy[index]))
        sums.add(spread, last=index == chosen[-1])
        title = sentence("animate.dy")
        arriving = sheets(dy, title, name="output", role="gradient", marks={index: "winner"}, at=index)
        drawn = [*arriving, *sums.drawn(spread)]
        yield Draft(drawn, _told(cells, spread), place(index, shape))


class _Sums:
    """The gradients of the input and of the parameters, as far as they have been added up."""

    def __init__(self, cells: Cells, dy: Array, every: bool) -> None:
        self.cells, self.dy, self.every = cells, dy, every
        self.dx = np.zeros(cells.input.spec.shape)
        self.parameters = {name: np.zeros(value.spec.shape) for value, name in cells.learned.items()}

    def add(self, spread: Spread, *, last: bool) -> None:
        """What one number adds; in the end everything, for numbers without a frame too."""
        _add(self.dx, spread.inputs)
        for name, shares in spread.parameters.items():
            _add(self.parameters[name], shares)
        if last and not self.every:
            whole = self.cells.gradients(self.dy.astype(self.cells.output.spec.dtype))
            self.dx = self.dy if self.cells.output is self.cells.input else whole.get(self.cells.input, self.dx)
            self.parameters |= {name: whole[value] for value, name in self.cells.learned.items() if value in whole}

    def drawn(self, spread: Spread) -> list[Drawn]:
        """dx, and the gradients of the first parameters, with what this number adds to."""
        touched = spread.inputs
        at = touched[0].index if touched else None
        grids = sheets(self.dx, "dx", name="input", role="input", marks=_marks(touched), at=at)
        for name in [*self.parameters][:SHOWN]:
            shares = spread.parameters.get(name, ())
            grids += _parameter(f"d {name}", self.parameters[name], shares)
        return grids


def _parameter(title: str, gradient: Array, shares: Sequence[Share]) -> list[Drawn]:
    """The gradient of a parameter; of kernels (k, c, r, s) those of the output channel that is touched."""
    marks = _marks(shares)
    if gradient.ndim == 4:
        k = shares[0].index[0] if shares else 0
        title, gradient = f"{title}[{k}]", gradient[k : k + 1]
        marks = {(0, *index[1:]): role for index, role in marks.items() if index[0] == k}
        return sheets(gradient, title, name=None, role="kernel", marks=marks, axes="ncrs")
    return sheets(
        gradient,
        title,
        name=None,
        role="kernel",
        marks=marks,
        axes=" k" if gradient.ndim == 1 else "kc" if gradient.ndim == 2 else None,
    )


def _marks(shares: Sequence[Share]) -> dict[Index, Role]:
    return {share.index: "gradient" if share.factor else "skipped" for share in shares}


def _add(gradient: Array, shares: Sequence[Share]) -> None:
    for share in shares:
        gradient[share.index] += share.amount


def _told(cells: Cells, spread: Spread) -> Sentence:
    """To how many numbers the gradient goes, and how much to the first of them."""
    at = bracketed(spread.index, cells.output.spec.shape)
    moved = [share for share in spread.inputs if share.factor]
    if not moved:
        return sentence("animate.goes_nowhere", at=at, dy=numeral(spread.dy))
    amounts = joined([_amount(cells.input.spec.shape, spread.dy, share) for share in moved[:3]], "; ")
    more = sentence("animate.more", count=len(moved) - 3) if len(moved) > 3 else ""
    return sentence("animate.goes", at=at, dy=numeral(spread.dy), count=len(moved), amounts=amounts, more=more)


def _amount(shape: Shape, dy: float, share: Share) -> str:
    factor = numeral(share.factor)
    factor = f"({factor})" if factor.startswith("−") else factor
    return f"dx{bracketed(share.index, shape)} += {numeral(dy)}·{factor} = {numeral(share.amount)}"
