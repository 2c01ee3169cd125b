"""Frames of any layer: the numbers of the input that a number of the output is made of, and how."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.analysis import Cells, dependencies
from knoll.analysis.cell import Cell, Index
from knoll.animate.axes import axes_of, output_axes
from knoll.animate.batch_norm import averaged
from knoll.animate.crop import Crop
from knoll.animate.layout import Draft
from knoll.animate.panels import panel
from knoll.animate.region import Shown, of_elements
from knoll.animate.sheets import Drawn, Marks, place, sheets
from knoll.animate.steps import filling
from knoll.animate.words import calculation
from knoll.draw import Edges
from knoll.draw.number_grid import NO_PADDING
from knoll.draw.palette import Role
from knoll.graph import Array, Value
from knoll.messages import sentence


def frames(cells: Cells, crop: Crop | None = None) -> Iterator[Draft]:
    """A frame for each number of the output."""
    shape, part = cells.output.spec.shape, of_elements(cells, crop)
    for index, known in filling(shape, region=part.output):
        yield drafted(cells, index, known, part)


def drafted(cells: Cells, index: Index, known: Array, part: Shown) -> Draft:
    """The frame of one number, with what is known by then."""
    cell = cells.cell(index)
    drawn = [*_inputs(cells, cell, part), *panel(cells, cell), *_output(cells, cell, known, part)]
    return Draft(drawn, calculation(cells, cell), place(index, cells.output.spec.shape))


def _inputs(cells: Cells, cell: Cell, part: Shown) -> list[Drawn]:
    """The inputs, with what the number is made of marked."""
    marks = {**averaged(cells, cell), **sources(cell)}
    at = next(iter(sources(cell)), cell.index)
    x = cells.array(cells.input)
    several = any(value.spec.dtype.kind == "f" for value in cells.trace.inputs[1:])
    title = sentence("animate.input_numbered", number=1) if several else sentence("animate.input")
    axes = axes_of(cells.layer, x.ndim)
    grids = sheets(x, title, name="input", role="input", marks=marks, at=at, region=part.input, axes=axes)
    for number, value in enumerate(cells.trace.inputs[1:], 2):
        if value.spec.shape == x.shape:
            is_indices = value.spec.dtype.kind == "i"
            title = sentence("animate.indices") if is_indices else sentence("animate.input_numbered", number=number)
            role: Role = "plain" if is_indices else "input"
            grids += sheets(cells.array(value), title, name=None, role=role, marks=marks, at=at, region=part.input)
        elif value.spec.rank == x.ndim:
            title, beside = sentence("animate.input_numbered", number=number), _read(cells, value, cell.index)
            first = next(iter(beside), cell.index)
            grids += sheets(cells.array(value), title, name=None, role="input", marks=beside, at=first, axes=axes)
    return grids


def _read(cells: Cells, value: Value, index: Index) -> Marks:
    """The elements of another input that a number depends on."""
    found = np.argwhere(dependencies(cells.trace, index=index, source=value))
    return {tuple(map(int, place)): "kernel" for place in found}


def sources(cell: Cell) -> Marks:
    """The elements of the input that a number is made of; the only one, or the chosen one, stands out."""
    chosen = 0 if len(cell.terms) == 1 else cell.chosen
    return {
        term.source: "winner" if number == chosen else "kernel"
        for number, term in enumerate(cell.terms)
        if term.source is not None
    }


def _output(cells: Cells, cell: Cell, known: Array, part: Shown) -> list[Drawn]:
    """The output as far as it is filled."""
    return sheets(
        cells.result,
        sentence("animate.output"),
        name="output",
        role="output",
        marks={cell.index: "winner"},
        shown=known,
        padding=border(cells),
        at=cell.index,
        axes=output_axes(cells.layer, cells.output.spec.rank),
        region=part.output,
    )


def border(cells: Cells) -> Edges:
    """How much of the output a padding layer has added."""
    if (type(cells.layer).__name__[-5:], cells.output.spec.rank) not in (("Pad1d", 3), ("Pad2d", 4)):
        return NO_PADDING
    left, right, *rows = (max(int(side), 0) for side in cells.layer.padding)
    top, bottom = rows or (0, 0)
    return Edges(top, bottom, left, right)
