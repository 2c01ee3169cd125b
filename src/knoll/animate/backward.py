"""Frames of the backward pass: where the gradient of each number of the output goes, and how dx and dw add up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell, Index
from knoll.analysis.dependencies import depends
from knoll.animate.axes import TABLE, output_axes
from knoll.animate.crop import Crop
from knoll.animate.layout import Draft
from knoll.animate.network import followed
from knoll.animate.region import Shown, sent_back
from knoll.animate.sheets import Drawn, bracketed, place, sheets
from knoll.animate.steps import OUTPUTS, filled, steps
from knoll.draw.number_grid import Region
from knoll.draw.numerals import numeral
from knoll.draw.palette import Role
from knoll.errors import ArgumentError
from knoll.graph import Array, Shape, Value
from knoll.messages import Sentence, say, sentence
from knoll.nn import Conv1d, ConvTranspose1d, Embedding, Linear, Module

DX = "dx"
SHOWN = 2  # parameters whose gradients are drawn
TOLD = 3  # numbers that a caption names


def frames(cells: Cells, dy: Array, crop: Crop | None = None) -> Iterator[Draft]:
    """A frame for each number of the output, of a large image those of a part; in the last one the gradients are whole.

    Raises ArgumentError where no gradient goes.
    """
    _check(cells)
    shape, part = cells.output.spec.shape, sent_back(cells, crop)
    deep = any(cells.layer.children())
    channels = filled(cells) if len(shape) == 4 else None
    chosen = followed(cells, crop) if deep else steps(shape, channels, part.output)
    sums = _Sums(cells)
    for index in chosen:
        slopes = sums.slopes(index)
        sums.add(slopes, float(dy[index]))
        told = _caption(cells, index, float(dy[index]), slopes)
        if index == chosen[-1] and len(chosen) < dy.size:
            sums.add_all(dy)
            told = sentence("animate.complete", told=told)
        yield Draft(
            [*_arriving(cells.layer, dy, index, part), *sums.drawn(index, slopes, part)], told, place(index, shape)
        )


def drafted(cells: Cells, index: Index, part: Shown) -> Draft:
    """The frame of one number whose gradient is 1, that of all others being 0. Raises ArgumentError."""
    _check(cells)
    dy, sums = np.zeros(cells.output.spec.shape, np.float32), _Sums(cells)
    dy[index] = 1
    slopes = sums.slopes(index)
    sums.add(slopes, 1.0)
    drawn = [*_arriving(cells.layer, dy, index, part), *sums.drawn(index, slopes, part)]
    return Draft(drawn, _caption(cells, index, 1.0, slopes), place(index, dy.shape))


def _check(cells: Cells) -> None:
    if not cells.output.spec.is_float or not (cells.input.spec.is_float or cells.learned):
        raise ArgumentError(say("animate.no_gradient"), got=f"{cells.input.spec} → {cells.output.spec}")


def _arriving(layer: Module, dy: Array, index: Index, part: Shown) -> list[Drawn]:
    """The gradient of the output, with the number whose share goes on."""
    marks: dict[Index, Role] = {index: "winner"}
    title, region, axes = sentence("animate.dy"), part.output, output_axes(layer, dy.ndim)
    return sheets(
        dy, title, name="output", role="gradient", marks=marks, at=index, axes=axes, region=region, most=OUTPUTS
    )


@dataclass(frozen=True, slots=True)
class _Slope:
    """The slope of one number of the output by an array: where it is not zero, in reading order, and how much."""

    places: Array
    values: Array
    shape: Shape

    @classmethod
    def of(cls, array: Array) -> _Slope:
        places = np.argwhere(array)
        return cls(places, array[tuple(places.T)], array.shape)

    @classmethod
    def of_terms(cls, terms: Sequence[tuple[Index | None, float]], shape: Shape) -> _Slope:
        """Of places, each with a factor; a place may come several times."""
        factors: dict[Index, float] = {}
        for at, factor in terms:
            if at is not None and factor:
                factors[at] = factors.get(at, 0.0) + factor
        kept = sorted(at for at, factor in factors.items() if factor)
        return cls(np.array(kept, int).reshape(len(kept), len(shape)), np.array([factors[at] for at in kept]), shape)

    def marks(self, role: Role, region: Region | None = None) -> dict[Index, Role]:
        """The places, of an image those in a region."""
        return _marked(self.places, role, region)


class _Sums:
    """The gradients of the input and of the first parameters, as far as they have been added up, by name."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        learned = [*cells.learned.items()][:SHOWN]
        of_input = {cells.input: DX} if cells.input.spec.is_float else {}  # numbers of rows have no gradient
        self.names: dict[Value, str] = of_input | {value: f"d {name}" for value, name in learned}
        self.sums: dict[str, Array] = {name: np.zeros(value.spec.shape) for value, name in self.names.items()}

    def slopes(self, index: Index) -> dict[str, _Slope]:
        """The slope of one number of the output by each of them."""
        cell = self.cells.cell(index)
        if not any(self.cells.layer.children()) and not cell.of_losses and cell.rule in _FACTORS:
            return {name: self._of_terms(cell, value, name) for value, name in self.names.items()}
        seed = np.zeros(self.cells.output.spec.shape, self.cells.output.spec.dtype)
        seed[index] = 1
        return {name: _Slope.of(slope) for name, slope in self._gradients(seed).items()}

    def _of_terms(self, cell: Cell, value: Value, name: str) -> _Slope:
        """The slopes of a number that is a sum: the factors of its terms, by a weight what it is multiplied by."""
        shape = value.spec.shape
        if name == DX:
            factors = _FACTORS[cell.rule](cell)
            return _Slope.of_terms([(term.source, f) for term, f in zip(cell.terms, factors, strict=True)], shape)
        if name == "d bias":
            channel = cell.index[-1 if isinstance(self.cells.layer, Linear) else 1]
            return _Slope.of_terms([((channel,), 1.0)], shape)
        return _Slope.of_terms([(term.weight, term.value) for term in cell.terms], shape)

    def _gradients(self, dy: Array) -> dict[str, Array]:
        if self.cells.output is self.cells.input:
            return {DX: dy}
        found = self.cells.gradients(dy, self.names)
        return {name: found.get(value, np.zeros(value.spec.shape)) for value, name in self.names.items()}

    def add(self, slopes: Mapping[str, _Slope], dy: float) -> None:
        """What one number adds."""
        for name, slope in slopes.items():
            self.sums[name][tuple(slope.places.T)] += dy * slope.values

    def add_all(self, dy: Array) -> None:
        """What all numbers add, those without a frame too."""
        self.sums = self._gradients(dy.astype(self.cells.output.spec.dtype))

    def drawn(self, index: Index, slopes: Mapping[str, _Slope], part: Shown) -> list[Drawn]:
        """dx, and the gradients of the first parameters, with what this number adds to."""
        grids = self._of_input(index, slopes[DX], part.input) if DX in slopes else []
        for name in [name for name in slopes if name != DX]:
            grids += _parameter(self.cells.layer, name, self.sums[name], slopes[name].marks("gradient"))
        return grids

    def _of_input(self, index: Index, slope: _Slope, region: Region | None) -> list[Drawn]:
        seen = depends(self.cells.output, index, self.cells.input, self.cells.trace.constants)
        marks = _marked(np.argwhere(seen), "skipped", region) | slope.marks("gradient", region)
        at = next(iter(marks), None)
        return sheets(self.sums[DX], DX, name="input", role="input", marks=marks, at=at, region=region)


_FACTORS: dict[str, Callable[[Cell], list[float]]] = {
    "sum": lambda cell: [term.factor for term in cell.terms],
    "scale": lambda cell: [term.factor for term in cell.terms],
    "mean": lambda cell: [term.factor / (cell.divisor or 1.0) for term in cell.terms],
    "max": lambda cell: [float(number == cell.chosen) for number in range(len(cell.terms))],
    "copy": lambda cell: [1.0 for _ in cell.terms],
}
"""By the rule of a number: its slope by each of its terms."""


def _marked(places: Array, role: Role, region: Region | None) -> dict[Index, Role]:
    """The places with a role, of an image those in a region."""
    if region is not None:
        inside = [(part.start <= at) & (at < part.stop) for at, part in zip(places[:, -2:].T, region, strict=True)]
        places = places[np.logical_and(*inside)]
    return dict.fromkeys(map(tuple, places.tolist()), role)


def _parameter(layer: Module, title: str, gradient: Array, marks: Mapping[Index, Role]) -> list[Drawn]:
    """The gradient of a parameter; of kernels (k, c, r, s) or (k, c, s) those of the output channel that is touched."""
    if gradient.ndim == 4 or (isinstance(layer, Conv1d | ConvTranspose1d) and gradient.ndim == 3):
        k = next(iter(marks), (0,))[0]
        own: dict[Index, Role] = {(0, *index[1:]): role for index, role in marks.items() if index[0] == k}
        return sheets(
            gradient[k : k + 1],
            f"{title}[{k}]",
            name=None,
            role="kernel",
            marks=own,
            axes="ncrs" if gradient.ndim == 4 else "ncs",
        )
    axes = TABLE if isinstance(layer, Embedding) else {1: " k", 2: "kc"}.get(gradient.ndim)
    return sheets(gradient, title, name=None, role="kernel", marks=marks, axes=axes)


def _caption(cells: Cells, index: Index, dy: float, slopes: Mapping[str, _Slope]) -> Sentence:
    """To how many numbers the gradient goes, and how much to those that get most."""
    name, slope = next(iter(slopes.items()))
    at, count = bracketed(index, cells.output.spec.shape), len(slope.places)
    if not count:
        return sentence("animate.goes_nowhere", at=at, dy=numeral(dy))
    most = sorted(np.argsort(-np.abs(slope.values), kind="stable")[:TOLD].tolist())
    told = [(tuple(slope.places[i].tolist()), float(slope.values[i])) for i in most]
    amounts = tuple(_amount(name + bracketed(place, slope.shape), factor, dy) for place, factor in told)
    more = sentence("animate.more", count=count - TOLD) if count > TOLD else ""
    if name != DX:
        whose = name.removeprefix("d ")
        return sentence(
            "animate.goes_weight", at=at, dy=numeral(dy), count=count, name=whose, amounts=amounts, more=more
        )
    return sentence("animate.goes", at=at, dy=numeral(dy), count=count, amounts=amounts, more=more)


def _amount(at: str, slope: float, dy: float) -> str:
    factor, amount = numeral(slope), numeral(dy * slope)
    factor = f"({factor})" if factor.startswith("−") else factor
    return f"{at} += {numeral(dy)}·{factor} = {amount}"
