"""What is said about one number: how it comes about."""

from __future__ import annotations

from knoll.analysis.cell import Cell, Term
from knoll.draw.numerals import numeral, numerals
from knoll.messages import Sentence, sentence

COMPARED = 25  # values of a maximum that are written out; of more the first ones
TERMS = 9  # that are written out; of more only the number and the sum


def caption(cell: Cell, most: int = TERMS) -> Sentence:
    """How one number of the output comes about; of a sum at most so many terms."""
    if cell.rule == "max":
        compared = [numeral(term.value) for term in cell.terms]
        kept = compared if len(compared) <= COMPARED else [*compared[:most], "…"]
        return sentence("animate.max", at=_place(cell), values=", ".join(kept), result=numeral(cell.result))
    if cell.rule == "copy" or _is_copy(cell):
        return _copied(cell)
    if cell.rule == "mean" and not (cell.divisor == 1 and len(cell.terms) <= most):
        total, result = numerals(sum(term.product for term in cell.terms), cell.result)
        return sentence("animate.mean", at=_place(cell), sum=total, divisor=numeral(cell.divisor or 0), result=result)
    return _added(cell, most)


def _is_copy(cell: Cell) -> bool:
    """Whether a mean is of one number, which it then is."""
    return cell.rule == "mean" and cell.divisor == 1 and len(cell.terms) == 1 and cell.terms[0].factor == 1


def _copied(cell: Cell) -> Sentence:
    """Where a number comes from that was only moved."""
    if not cell.terms:
        return sentence("explain.copied_nothing", at=_place(cell))
    source = cell.terms[0].source
    if source is None:
        return sentence("explain.copied_padding", at=_place(cell), result=numeral(cell.result))
    place = "[" + ", ".join(map(str, source[1:])) + "]"
    return sentence("explain.copied", at=_place(cell), source=place, result=numeral(cell.result))


def _place(cell: Cell) -> str:
    return "[" + ", ".join(map(str, cell.index[1:])) + "]"


def _added(cell: Cell, most: int) -> Sentence:
    """The products of a sum and its bias, with as many decimals as the finest number among them needs."""
    if not cell.terms:
        if cell.bias is None:
            return sentence("explain.copied_nothing", at=_place(cell))
        return sentence("explain.bias_alone", at=_place(cell), result=numeral(cell.result))
    if len(cell.terms) > most:
        return _many_added(cell)
    bias = () if cell.bias is None else (cell.bias,)
    values, factors = [term.value for term in cell.terms], [term.factor for term in cell.terms]
    texts = numerals(*values, *factors, *bias, cell.result)
    count = len(values)
    products = map(_product, cell.terms, texts[:count], texts[count : 2 * count])
    return _sum(cell, " + ".join((*products, *texts[2 * count : -1])), texts[-1])


def _many_added(cell: Cell) -> Sentence:
    """Only how many products there are and what they add up to."""
    count = len(cell.terms)
    if cell.bias is None:
        return _sum(cell, sentence("animate.products_alone", count=count), numeral(cell.result))
    products, bias, result = numerals(sum(term.product for term in cell.terms), cell.bias, cell.result)
    added = f"{products} + {bias}".replace("+ −", "− ")
    return _sum(cell, sentence("animate.products", count=count, sum=added), result)


def _sum(cell: Cell, added: str | Sentence, result: str) -> Sentence:
    text = added.replace("+ −", "− ") if isinstance(added, str) else added
    return sentence("animate.sum", at=_place(cell), sum=text, result=result)


def _product(term: Term, value: str, factor: str) -> str:
    if term.factor == 1 and term.weight is None:
        return value
    return f"{value}·{f'({factor})' if factor.startswith('−') else factor}"
