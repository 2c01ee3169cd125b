"""What is said about one number: how it comes about."""

from __future__ import annotations

from knoll.analysis.cell import Cell, Term
from knoll.draw.numerals import numeral
from knoll.messages import Sentence, sentence

COMPARED = 25  # values of a maximum that are written out; of more the first ones
TERMS = 9  # that are written out; of more only the number and the sum


def caption(cell: Cell, most: int = TERMS) -> Sentence:
    """How one number of the output comes about; of a sum at most so many terms."""
    values = {"at": _place(cell), "result": numeral(cell.result)}
    if cell.rule == "max":
        compared = [numeral(term.value) for term in cell.terms]
        kept = compared if len(compared) <= COMPARED else [*compared[:most], "…"]
        return sentence("animate.max", values=", ".join(kept), **values)
    if cell.rule == "mean":
        total = numeral(sum(term.product for term in cell.terms))
        return sentence("animate.mean", sum=total, divisor=numeral(cell.divisor or 0), **values)
    if cell.rule == "copy":
        return _copied(cell)
    return sentence("animate.sum", sum=_sum(cell, most), **values)


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


def _sum(cell: Cell, most: int) -> str | Sentence:
    bias = () if cell.bias is None else (numeral(cell.bias),)
    if len(cell.terms) <= most:
        return " + ".join((*map(_product, cell.terms), *bias)).replace("+ −", "− ")
    if not bias:
        return sentence("animate.products_alone", count=len(cell.terms))
    products = numeral(sum(term.product for term in cell.terms))
    return sentence("animate.products", count=len(cell.terms), sum=" + ".join((products, *bias)).replace("+ −", "− "))


def _product(term: Term) -> str:
    factor = numeral(term.factor)
    return f"{numeral(term.value)}·{f'({factor})' if factor.startswith('−') else factor}"
