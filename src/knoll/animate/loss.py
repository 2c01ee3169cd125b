"""Frames of a loss: what each element or sample adds, then the mean or the sum of all."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np

from knoll.analysis import Cells
from knoll.analysis.cell import Cell, Index
from knoll.analysis.dependencies import dependencies
from knoll.analysis.made_up import OF_LABELS
from knoll.animate.crop import Crop
from knoll.animate.inputs import TITLES
from knoll.animate.layout import Draft
from knoll.animate.sheets import Drawn, bracketed, place, sheets
from knoll.animate.steps import filling
from knoll.draw.elements import Cell as DrawnCell
from knoll.draw.number_grid import Region
from knoll.draw.numerals import calculated, numeral
from knoll.draw.palette import Role
from knoll.explain.calculation import joined
from knoll.explain.losses import loss_told
from knoll.explain.losses.told import names_of
from knoll.graph import Array
from knoll.messages import Sentence, sentence


def frames(cells: Cells, crop: Crop | None = None) -> Iterator[Draft]:
    """A frame for each loss, of a large image for those of a part, and one for what is made of them all."""
    part = None if crop is None else (crop.rows, crop.columns)
    layer = copy.copy(cells.layer)
    layer.reduction = "none"
    each = Cells(layer, *(cells.array(value) for value in cells.trace.inputs))
    whole, shape = cells.layer.reduction, each.result.shape
    known = np.ones(shape, np.bool_)
    for index, known in filling(shape, region=part):
        cell = each.cell(index)
        drawn = [*_inputs(each, cell, part), *_losses(each, index, known, part, alone=whole == "none")]
        at = place(index, shape)
        told = loss_told(each, index, bracketed(index, shape))
        yield Draft(drawn, told, at) if whole == "none" else Draft(drawn, told, also=(DrawnCell("losses", at),))
    if whole != "none":
        yield _reduced(cells, each, known, part)


def _inputs(each: Cells, cell: Cell, part: Region | None) -> list[Drawn]:
    """All inputs with what this loss is made of; of the classes the right one stands out."""
    grids = []
    for value, title in zip(each.trace.inputs, names_of(each.layer), strict=False):
        array = each.array(value)
        axes = _axes(each, array)
        region = part if array.shape[-2:] == each.input.spec.shape[-2:] else None
        grids += sheets(
            array,
            TITLES.get(title, title),
            name=None,
            role="input",
            marks=_marks(each, cell, array, is_input=value is each.input),
            at=cell.index or None,
            axes=axes,
            region=region,
        )
    return grids


def _marks(each: Cells, cell: Cell, array: Array, *, is_input: bool) -> dict[Index, Role]:
    """What this loss is made of."""
    if not cell.terms:
        return {}
    if not is_input and array.shape == each.result.shape:
        return {cell.index: "winner"}
    if array.shape != each.input.spec.shape:
        return {}
    label, sources = _label(each, cell), _sources(each, cell)
    return {source: "winner" if len(sources) == 1 or source[1:2] == label else "kernel" for source in sources}


def _sources(each: Cells, cell: Cell) -> list[Index]:
    """The elements of the input that a loss is made of, by whatever operations lie between."""
    if all(term.source is not None for term in cell.terms):
        return [term.source for term in cell.terms if term.source is not None]
    return [tuple(map(int, place)) for place in np.argwhere(dependencies(each.trace, index=cell.index))]


def _axes(each: Cells, array: Array) -> str | None:
    """The axes of an array with one number for each sample, or for each place of one."""
    rank = each.input.spec.rank
    return {1: " n", 2: "nl", 3: "nhw"}.get(array.ndim) if array.ndim == rank - 1 else None


def _label(each: Cells, cell: Cell) -> Index | None:
    """The class of the sample."""
    if not isinstance(each.layer, OF_LABELS):
        return None
    target = each.array(each.trace.inputs[1])
    return (int(target[cell.index]),) if target.dtype.kind == "i" and target.shape == each.result.shape else None


def _losses(each: Cells, index: Index | None, known: Array, part: Region | None, *, alone: bool) -> list[Drawn]:
    return sheets(
        each.result,
        sentence("animate.losses"),
        name="output" if alone else "losses",
        role="output" if alone else "plain",
        marks={} if index is None else {index: "winner"},
        shown=known,
        at=index,
        axes=_axes(each, each.result),
        region=part,
    )


def _reduced(cells: Cells, each: Cells, known: Array, part: Region | None) -> Draft:
    """The last frame: the mean, or the sum."""
    cell = cells.cell(())
    result = sheets(
        cells.result,
        sentence("animate.loss_title"),
        name="output",
        role="output",
        marks={(): "winner"},
    )
    nothing = Cell((), "function", (), 0.0)
    drawn = [*_inputs(each, nothing, part), *_losses(each, None, known, part, alone=False), *result]
    return Draft(drawn, _reduction(cell), place((), ()))


def _reduction(cell: Cell) -> Sentence:
    *products, result = calculated(*(term.product for term in cell.terms), result=cell.result)
    terms = joined(products)
    if cell.rule == "mean":
        bracketed_terms = f"({terms})" if len(cell.terms) > 1 else terms
        return sentence("animate.loss_mean", sum=bracketed_terms, divisor=numeral(cell.divisor or 0), result=result)
    return sentence("animate.loss_sum" if cell.rule == "sum" else "animate.loss_made", sum=terms, result=result)
