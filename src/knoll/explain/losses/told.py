"""The sentence about one loss."""

from __future__ import annotations

import inspect
import math

from knoll.analysis import Cells
from knoll.analysis.cell import Index
from knoll.draw.numerals import numeral
from knoll.explain.losses.classes import CLASSES
from knoll.explain.losses.elements import ELEMENTS
from knoll.explain.losses.given import Given, Told
from knoll.explain.losses.vectors import VECTORS
from knoll.messages import Sentence, sentence
from knoll.nn import Module

LOSSES = {**ELEMENTS, **CLASSES, **VECTORS}


def names_of(layer: Module) -> tuple[str, ...]:
    """What the inputs of a loss are called."""
    return tuple(inspect.signature(layer.forward).parameters)


def loss_told(each: Cells, index: Index, at: str) -> Sentence:
    """One loss of a run with reduction="none": its numbers, the formula, and the formula with the numbers.

    `at` is how its index is read. A loss of a class of one's own has no formula.
    """
    result = float(each.result[index])
    write = next((LOSSES[kind] for kind in type(each.layer).__mro__ if kind in LOSSES), None)
    if write is None:
        return sentence("animate.loss", at=at, formula="", result=numeral(result))
    names = ("input" if name == "log_input" else name for name in names_of(each.layer))
    arrays = {name: each.array(value) for name, value in zip(names, each.trace.inputs, strict=False)}
    found = write(Given(each.layer, arrays, index, each.result))
    given = _numbers(found)
    if found.is_ignored:
        return sentence("animate.loss_ignored", given=given, t=found.t, at=at)
    told = {"given": given, "at": at, "formula": _calculation(found, result), "result": numeral(result)}
    if found.t is None:
        return sentence("animate.loss_from", **told)
    return sentence("animate.loss_of", t=found.t, **told)


def _numbers(found: Told) -> str:
    """The letters and their numbers, the target apart."""
    named = [*((("x", found.x),) if found.x else ()), *found.letters]
    return "; ".join(f"{letter} = {text}" for letter, text in named)


def _calculation(found: Told, result: float) -> str:
    worked = f"{found.worked} = " if found.worked and math.isfinite(result) else ""
    return f"{found.formula} = {worked}"
