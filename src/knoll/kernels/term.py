"""Formulas that follow each other: small expressions over values in registers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.kernels.formulas import FORMULAS
from knoll.llvm.builder import Kernel, Number


@dataclass(frozen=True)
class Term:
    """One formula of values that are known by then, which it names by number.

    What is given comes first, then the value of each term. So add, then ReLU, of two given values:

    >>> Term("add", (0, 1)), Term("relu", (2,))
    (add(0, 1), relu(2))
    """

    formula: str
    operands: tuple[int, ...]
    attributes: tuple[tuple[str, float], ...] = ()

    def __repr__(self) -> str:
        words = [*map(str, self.operands), *(f"{name}={value}" for name, value in self.attributes)]
        return f"{self.formula}({', '.join(words)})"


Terms = tuple[Term, ...]


def worked_out(k: Kernel, terms: Terms, given: Sequence[Number]) -> Number:
    """The value of the last term."""
    values = list(given)
    for term in terms:
        operands = [values[number] for number in term.operands]
        values.append(FORMULAS[term.formula](k, *operands, **dict(term.attributes)))
    return values[-1]


def named(terms: Terms) -> str:
    """The formulas in order, as part of a kernel's title."""
    return "_".join(term.formula for term in terms)
