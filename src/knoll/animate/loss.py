"""Frames of a loss: what each element or sample adds, then the mean or the sum of all."""

from __future__ import annotations

import copy
import inspect
import math
from collections.abc import Callable, Iterator

import numpy as np

from knoll.analysis import Cells, arguments_of
from knoll.analysis.arguments import signature
from knoll.analysis.cell import Cell, Index
from knoll.analysis.dependencies import dependencies
from knoll.analysis.made_up import OF_LABELS
from knoll.animate.crop import Crop
from knoll.animate.formulas import joined
from knoll.animate.inputs import TITLES
from knoll.animate.layout import Draft
from knoll.animate.sheets import Drawn, bracketed, place, sheets
from knoll.animate.steps import Region, filling
from knoll.draw.elements import Cell as DrawnCell
from knoll.draw.numerals import numeral, numerals
from knoll.draw.palette import Role
from knoll.graph import Array
from knoll.messages import Sentence, sentence
from knoll.nn import Module

FORMULAS = {
    "L1Loss": "|x − t|",
    "MSELoss": "(x − t)²",
    "BCELoss": "−t·ln x − (1 − t)·ln(1 − x)",
    "BCEWithLogitsLoss": "−t·ln σ(x) − (1 − t)·ln(1 − σ(x))",
    "SoftMarginLoss": "ln(1 + exp(−t·x))",
    "CrossEntropyLoss": "−ln softmax(x)[t]",
    "NLLLoss": "−x[t]",
    "KLDivLoss": "t·(ln t − x)",
    "PoissonNLLLoss": "exp(x) − t·x",
    "GaussianNLLLoss": "½·(ln v + (x − t)² / v)",
    "MarginRankingLoss": "max(0, −t·(x − x2))",
    "TripletMarginLoss": "max(0, 1 + d(anchor, positive) − d(anchor, negative))",
    "TripletMarginWithDistanceLoss": "max(0, 1 + d(anchor, positive) − d(anchor, negative))",
    "MultiMarginLoss": "Σ max(0, 1 − x[t] + x[i]) / c",
    "MultiLabelMarginLoss": "Σ max(0, 1 − x[t] + x[i]) / c",
    "MultiLabelSoftMarginLoss": "Σ (−t·ln σ(x) − (1 − t)·ln(1 − σ(x))) / c",
}
"""What a loss with its default arguments is, x being the input, t the target, v the variance, c the classes."""
WORKED: dict[str, Callable[[float, float, float], str]] = {
    "L1Loss": lambda x, t, _: f"|{_difference(x, t)}|",
    "MSELoss": lambda x, t, _: f"({_difference(x, t)})²",
    "BCELoss": lambda x, t, _: {0.0: f"−ln(1 − {numeral(x)})", 1.0: f"−ln {numeral(x)}"}.get(t, ""),
    "BCEWithLogitsLoss": lambda x, t, _: {0.0: f"−ln(1 − σ({numeral(x)}))", 1.0: f"−ln σ({numeral(x)})"}.get(t, ""),
    "CrossEntropyLoss": lambda _x, _t, loss: f"−ln {numeral(math.exp(-loss))}",
}
"""The same formulas with their numbers, from x, t and the loss; exp(−loss) is the softmax of the right class."""
LETTERS = {"var": "v", "input2": "x2"}


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
        yield (
            Draft(drawn, _caption(each, cell), at)
            if whole == "none"
            else Draft(drawn, _caption(each, cell), also=(DrawnCell("losses", at),))
        )
    if whole != "none":
        yield _reduced(cells, each, known, part)


def _inputs(each: Cells, cell: Cell, part: Region | None) -> list[Drawn]:
    """All inputs with what this loss is made of; of the classes the right one stands out."""
    grids = []
    for value, title in zip(each.trace.inputs, _names(each.layer), strict=False):
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


def _names(layer: Module) -> tuple[str, ...]:
    """What the inputs are called."""
    return tuple(inspect.signature(layer.forward).parameters)


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


def _caption(each: Cells, cell: Cell) -> Sentence:
    at, result, formula = bracketed(cell.index, each.result.shape), numeral(cell.result), _formula(each.layer)
    arrays = [each.array(value) for value in each.trace.inputs]
    named = dict(zip(_names(each.layer), arrays, strict=False))
    target = named.get("target")
    further = {LETTERS[name]: array for name, array in named.items() if name in LETTERS}
    if target is None or target.shape != each.result.shape or any(len(x.shape) > target.ndim for x in further.values()):
        return sentence("animate.loss", at=at, formula=formula, result=result)
    label, values = target[cell.index], [numeral(float(arrays[0][source])) for source in _sources(each, cell)]
    x = joined(values, ", ") + "".join(
        f", {letter} = {numeral(_number_of(x, each, cell))}" for letter, x in further.items()
    )
    if formula and not further:
        formula += _worked(each, cell, float(label))
    return sentence("animate.loss_of", at=at, x=x, t=numeral(label), formula=formula, result=result)


def _worked(each: Cells, cell: Cell, target: float) -> str:
    """The formula with the numbers of this loss; nothing where it is not written out."""
    work = next((WORKED[kind.__name__] for kind in type(each.layer).__mro__ if kind.__name__ in WORKED), None)
    sources = _sources(each, cell)
    if work is None or not (len(sources) == 1 or _label(each, cell)) or not math.isfinite(cell.result):
        return ""
    text = work(float(each.array(each.input)[sources[0]]), target, cell.result)
    return f"{text} = " if text else ""


def _difference(x: float, t: float) -> str:
    first, second = numerals(x, t)
    return f"{first} − {second}".replace("− −", "+ ")


def _number_of(array: Array, each: Cells, cell: Cell) -> float:
    """The number that belongs to a loss."""
    return float(np.broadcast_to(array, each.result.shape)[cell.index])


def _formula(layer: Module) -> str:
    """What the loss computes, where its arguments are those that the formula stands for."""
    defaults = {name: each.default for name, each in signature(type(layer)).items()}
    usual = all(value == defaults[name] for name, value in arguments_of(layer).items() if name != "reduction")
    name = next((kind.__name__ for kind in type(layer).__mro__ if kind.__name__ in FORMULAS), "")
    return f"{FORMULAS[name]} = " if name and usual else ""


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
    *products, result = numerals(*(term.product for term in cell.terms), cell.result)
    terms = joined(products)
    if cell.rule == "mean":
        bracketed_terms = f"({terms})" if len(cell.terms) > 1 else terms
        return sentence("animate.loss_mean", sum=bracketed_terms, divisor=numeral(cell.divisor or 0), result=result)
    return sentence("animate.loss_sum" if cell.rule == "sum" else "animate.loss_made", sum=terms, result=result)
