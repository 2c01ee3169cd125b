"""What is said about one number: how it comes about."""

from __future__ import annotations

from knoll.analysis.cell import Cell, Term
from knoll.draw.numerals import calculated, numeral
from knoll.messages import Sentence, sentence

COMPARED = 25  # values of a maximum that are written out; of more the first ones
TERMS = 9  # that are written out; of more only the number and the sum


def caption(cell: Cell, at: str | None = None, most: int = TERMS) -> Sentence:
    """How one number of the output comes about; of a sum at most so many terms.

    `at` is how its index is read: by default without that of the sample.
    """
    place = "[" + ", ".join(map(str, cell.index[1:])) + "]" if at is None else at
    if cell.rule == "max":
        compared = [numeral(term.value) for term in cell.terms]
        kept = compared if len(compared) <= COMPARED else [*compared[:most], "…"]
        return sentence("animate.max", at=place, values=", ".join(kept), result=numeral(cell.result))
    if cell.rule == "copy" or _is_copy(cell):
        return _copied(cell, place)
    if cell.rule == "mean" and not (cell.divisor == 1 and len(cell.terms) <= most):
        return _averaged(cell, place, most)
    return _added(cell, place, most)


def _averaged(cell: Cell, at: str, most: int) -> Sentence:
    """The numbers of a mean, or how many there are, then their sum and what it is divided by."""
    products = [term.product for term in cell.terms]
    texts = calculated(*products, sum(products), result=cell.result)
    *terms, total, result = texts
    told = {"at": at, "sum": total, "divisor": numeral(cell.divisor or 0), "result": result}
    if len(terms) > most:
        return sentence("animate.mean_of_many", count=len(terms), **told)
    return sentence("animate.mean", terms=" + ".join(terms).replace("+ −", "− "), **told)


def _is_copy(cell: Cell) -> bool:
    """Whether a mean is of one number, which it then is."""
    return cell.rule == "mean" and cell.divisor == 1 and len(cell.terms) == 1 and cell.terms[0].factor == 1


def _copied(cell: Cell, at: str) -> Sentence:
    """Where a number comes from that was only moved."""
    if not cell.terms:
        return sentence("explain.copied_nothing", at=at)
    source = cell.terms[0].source
    if source is None:
        return sentence("explain.copied_padding", at=at, result=numeral(cell.result))
    place = "[" + ", ".join(map(str, source[1:])) + "]"
    return sentence("explain.copied", at=at, source=place, result=numeral(cell.result))


def _added(cell: Cell, at: str, most: int) -> Sentence:
    """The products of a sum and its bias, with as many decimals as the finest number among them needs."""
    if not cell.terms:
        if cell.bias is None:
            return sentence("explain.copied_nothing", at=at)
        return sentence("explain.bias_alone", at=at, result=numeral(cell.result))
    if len(cell.terms) > most:
        return _many_added(cell, at)
    bias = () if cell.bias is None else (cell.bias,)
    values, factors = [term.value for term in cell.terms], [term.factor for term in cell.terms]
    texts = calculated(*values, *factors, *bias, result=cell.result)
    count = len(values)
    products = map(_product, cell.terms, texts[:count], texts[count : 2 * count])
    return _sum(at, " + ".join((*products, *texts[2 * count : -1])), texts[-1])


def _many_added(cell: Cell, at: str) -> Sentence:
    """Only how many products there are and what they add up to."""
    count = len(cell.terms)
    if cell.bias is None:
        return _sum(at, sentence("animate.products_alone", count=count), numeral(cell.result))
    products, bias, result = calculated(sum(term.product for term in cell.terms), cell.bias, result=cell.result)
    added = f"{products} + {bias}".replace("+ −", "− ")
    return _sum(at, sentence("animate.products", count=count, sum=added), result)


def _sum(at: str, added: str | Sentence, result: str) -> Sentence:
    text = added.replace("+ −", "− ") if isinstance(added, str) else added
    return sentence("animate.sum", at=at, sum=text, result=result)


def _product(term: Term, value: str, factor: str) -> str:
    if term.factor == 1 and term.weight is None:
        return value
    return f"{value}·{f'({factor})' if factor.startswith('−') else factor}"
