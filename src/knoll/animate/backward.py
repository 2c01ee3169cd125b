"""Frames of the way back: where the gradient of each number of the output goes, and how dx and dw add up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.analysis.dependencies import depends
from knoll.animate.layout import Draft
from knoll.animate.sheets import Drawn, bracketed, place, sheets
from knoll.animate.steps import steps
from knoll.draw.numerals import numeral
from knoll.draw.palette import Role
from knoll.errors import ArgumentError
from knoll.graph import Array
from knoll.messages import Sentence, say, sentence

DX = "dx"
SHOWN = 2  # parameters whose gradients are drawn


def frames(cells: Cells, dy: Array) -> Iterator[Draft]:
    """A frame for each number of the output; in the last one the gradients are whole.

    Raises ArgumentError where no gradient goes.
    """
    if not cells.output.spec.is_float or not cells.input.spec.is_float:
        raise ArgumentError(say("animate.no_gradient"), came=f"{cells.input.spec} → {cells.output.spec}")
    shape, chosen = cells.output.spec.shape, steps(cells.output.spec.shape)
    sums = _Sums(cells)
    for index in chosen:
        slopes = sums.slopes(index)
        sums.add(slopes, float(dy[index]))
        if index == chosen[-1] and len(chosen) < dy.size:
            sums.add_all(dy)
        title = sentence("animate.dy")
        arriving = sheets(dy, title, name="output", role="gradient", marks={index: "winner"}, at=index)
        drawn = [*arriving, *sums.drawn(index, slopes)]
        yield Draft(drawn, _told(cells, index, float(dy[index]), slopes[DX]), place(index, shape))


class _Sums:
    """The gradients of the input and of the parameters, as far as they have been added up, by name."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.names = {cells.input: DX} | {value: f"d {name}" for value, name in cells.learned.items()}
        self.sums: dict[str, Array] = {name: np.zeros(value.spec.shape) for value, name in self.names.items()}

    def slopes(self, index: Index) -> dict[str, Array]:
        """The slope of one number of the output by each of them."""
        seed = np.zeros(self.cells.output.spec.shape, self.cells.output.spec.dtype)
        seed[index] = 1
        return self._gradients(seed)

    def _gradients(self, dy: Array) -> dict[str, Array]:
        if self.cells.output is self.cells.input:
            return {DX: dy}
        found = self.cells.gradients(dy)
        return {name: found.get(value, np.zeros(value.spec.shape)) for value, name in self.names.items()}

    def add(self, slopes: Mapping[str, Array], dy: float) -> None:
        """What one number adds."""
        for name, slope in slopes.items():
            self.sums[name] = self.sums[name] + dy * slope

    def add_all(self, dy: Array) -> None:
        """What all numbers add, those without a frame too."""
        self.sums = self._gradients(dy.astype(self.cells.output.spec.dtype))

    def drawn(self, index: Index, slopes: Mapping[str, Array]) -> list[Drawn]:
        """dx, and the gradients of the first parameters, with what this number adds to."""
        seen = depends(self.cells.output, index, self.cells.input)
        marks = _marks(seen, "skipped") | _marks(slopes[DX], "gradient")
        grids = sheets(self.sums[DX], DX, name="input", role="input", marks=marks, at=next(iter(marks), None))
        for name in [name for name in slopes if name != DX][:SHOWN]:
            grids += _parameter(name, self.sums[name], _marks(slopes[name], "gradient"))
        return grids


def _marks(slope: Array, role: Role) -> dict[Index, Role]:
    """The places where a slope is not zero."""
    return {tuple(place): role for place in np.argwhere(slope).tolist()}


def _parameter(title: str, gradient: Array, marks: Mapping[Index, Role]) -> list[Drawn]:
    """The gradient of a parameter; of kernels (k, c, r, s) those of the output channel that is touched."""
    if gradient.ndim == 4:
        k = next(iter(marks), (0,))[0]
        own: dict[Index, Role] = {(0, *index[1:]): role for index, role in marks.items() if index[0] == k}
        return sheets(gradient[k : k + 1], f"{title}[{k}]", name=None, role="kernel", marks=own, axes="ncrs")
    axes = {1: " k", 2: "kc"}.get(gradient.ndim)
    return sheets(gradient, title, name=None, role="kernel", marks=marks, axes=axes)


def _told(cells: Cells, index: Index, dy: float, slope: Array) -> Sentence:
    """To how many numbers the gradient goes, and how much to the first of them."""
    at, moved = bracketed(index, cells.output.spec.shape), np.argwhere(slope).tolist()
    if not moved:
        return sentence("animate.goes_nowhere", at=at, dy=numeral(dy))
    amounts = "; ".join(_amount(slope, dy, tuple(place)) for place in moved[:3])
    more = sentence("animate.more", count=len(moved) - 3) if len(moved) > 3 else ""
    return sentence("animate.goes", at=at, dy=numeral(dy), count=len(moved), amounts=amounts, more=more)


def _amount(slope: Array, dy: float, place: Index) -> str:
    factor, amount = numeral(float(slope[place])), numeral(dy * float(slope[place]))
    factor = f"({factor})" if factor.startswith("−") else factor
    return f"dx{bracketed(place, slope.shape)} += {numeral(dy)}·{factor} = {amount}"
