"""What is said about one number of any layer: how it comes about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from knoll.analysis import Cells
from knoll.analysis.cell import Cell
from knoll.animate.bilinear import bias_of, with_factor
from knoll.animate.embedding import place_in_table, shortened
from knoll.animate.formulas import formula_of
from knoll.animate.sheets import bracketed
from knoll.animate.upsample import sampled
from knoll.draw.numerals import numeral, numerals
from knoll.explain.calculation import joined
from knoll.explain.captions import caption as of_sum
from knoll.messages import Sentence, sentence
from knoll.nn import Bilinear, Embedding, PReLU, Softmin


def calculation(cells: Cells, cell: Cell) -> Sentence:
    """How a number of a layer's output comes about."""
    formula = formula_of(cells, cell)
    if formula is not None:
        return _formula(cells, cell, formula)
    if isinstance(cells.layer, Softmin):
        sources = [term.source for term in cell.terms]
        return _softmax(cells, replace(cell, chosen=sources.index(cell.index)))
    if isinstance(cells.layer, Bilinear):
        return with_factor(
            cells, cell, of_sum(replace(cell, rule="sum", bias=bias_of(cells, cell)), _place(cells, cell))
        )
    return RULES.get(cell.rule, _sum)(cells, cell)


def _place(cells: Cells, cell: Cell) -> str:
    return bracketed(cell.index, cells.output.spec.shape)


def _sum(cells: Cells, cell: Cell) -> Sentence:
    if cell.rule == "mean" and len(cell.terms) == 1 and cell.divisor == 1:
        return sampled(cells, cell, _copy(cells, cell))
    return sampled(cells, cell, of_sum(cell, _place(cells, cell)))


def _copy(cells: Cells, cell: Cell) -> Sentence:
    at, result = _place(cells, cell), numeral(cell.result)
    if not cell.terms:
        return sentence("animate.empty", at=at, result=result)
    source = cell.terms[0].source
    if source is None:
        return sentence("animate.padded", at=at, result=result)
    return sentence("animate.copied", at=at, source=bracketed(source, cells.input.spec.shape), result=result)


def _scale(cells: Cells, cell: Cell) -> Sentence:
    """A number that dropout keeps or drops."""
    (term,) = cell.terms
    if term.factor == 0:
        value, result = numeral(term.value), numeral(cell.result)
        return sentence("animate.dropped", at=_place(cells, cell), value=value, result=result)
    shift = cell.result - term.product
    moved, result = numerals(shift, cell.result) if abs(shift) >= 1e-6 else ("", numeral(cell.result))
    added = f" + {moved}" if moved else ""
    product = f"{numeral(term.value)} · {numeral(term.factor)}{added}".replace("+ −", "− ")
    return sentence("animate.kept", at=_place(cells, cell), product=product, result=result)


def _normalise(cells: Cells, cell: Cell) -> Sentence:
    n = cell.normalisation
    assert n is not None, "the rule says so"
    tail = (f" · {numeral(n.scale)}" if n.scale != 1 else "") + (f" + {numeral(n.shift)}" if n.shift else "")
    root = f"√({numeral(n.variance)} + {numeral(n.epsilon)})"
    value, mean = numerals(cell.terms[cell.chosen or 0].value, n.mean)
    formula = f"({value} − {mean}) / {root}{tail}" if n.mean else f"{value} / {root}{tail}"
    return _formula(cells, cell, formula.replace("− −", "+ ").replace("+ −", "− "))


def _softmax(cells: Cells, cell: Cell) -> Sentence:
    sign = -1 if isinstance(cells.layer, Softmin) else 1
    powers = [f"exp({numeral(sign * term.value)})" for term in cell.terms]
    share = f"{powers[cell.chosen or 0]} / ({joined(powers)})"
    return _formula(cells, cell, f"ln({share})" if cell.rule == "log_softmax" else share)


def _function(cells: Cells, cell: Cell) -> Sentence:
    name, values = type(cells.layer).__name__, [numeral(term.value) for term in cell.terms]
    if "Dropout" in name and len(values) == 1:
        return _scale(cells, cell)
    if isinstance(cells.layer, Embedding):  # there is no slope of the number of a row
        row, column = place_in_table(cell)
        too_long = shortened(cells.layer, row)
        scale = "" if too_long is None else f"{numeral(too_long[1])}·"
        return _formula(cells, cell, f"{scale}weight[{row}, {column}]")
    if len(values) == 1:
        slope = numeral(cell.terms[0].factor)
        return sentence(
            "animate.slope",
            at=_place(cells, cell),
            call=f"{name}({values[0]}){_learned_slope(cells, cell)}",
            result=numeral(cell.result),
            slope=slope,
        )
    return sentence("animate.made", at=_place(cells, cell), values=joined(values, ", "), result=numeral(cell.result))


def _learned_slope(cells: Cells, cell: Cell) -> str:
    """The product of a number below zero and the slope that PReLU has for its channel."""
    (term,) = cell.terms
    if not isinstance(cells.layer, PReLU) or not term.value < 0:
        return ""
    slopes = cells.layer.weight.detach().numpy()
    channel = cell.index[1] if slopes.size > 1 and len(cell.index) > 1 else 0
    return f" = weight[{channel}]·({numeral(term.value)}) = {numeral(float(slopes[channel]))}·({numeral(term.value)})"


def _formula(cells: Cells, cell: Cell, formula: str) -> Sentence:
    return sentence("animate.sum", at=_place(cells, cell), sum=formula, result=numeral(cell.result))


RULES: dict[str, Callable[[Cells, Cell], Sentence]] = {
    "copy": _copy,
    "scale": _scale,
    "normalise": _normalise,
    "softmax": _softmax,
    "log_softmax": _softmax,
    "function": _function,
}
