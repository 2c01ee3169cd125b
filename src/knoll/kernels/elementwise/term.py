"""Terms: a chain of elementwise operations as an expression over values in registers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from knoll.graph import Op
from knoll.kernels.elementwise.arithmetic import arithmetic
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register


@dataclass(frozen=True)
class Term:
    """An elementwise operation on numbered values: the given values first, then the results of earlier terms.

    For example add and ReLU of two given values:

    >>> from knoll.ops.elementwise.arithmetic import add
    >>> from knoll.ops.activation.relu_sigmoid_tanh import relu
    >>> Term(add, (0, 1)), Term(relu, (2,))
    (add(0, 1), relu(2))
    """

    op: Op
    operands: tuple[int, ...]
    attributes: tuple[tuple[str, float], ...] = ()

    def __repr__(self) -> str:
        words = [*map(str, self.operands), *(f"{name}={value}" for name, value in self.attributes)]
        return f"{self.op}({', '.join(words)})"


Terms = tuple[Term, ...]


Values = list[Register | None]  # what is given, then the value of each term; None is not known yet


def hoisted(k: KernelBuilder, terms: Terms, given: Sequence[Register | None]) -> Values:
    """The loop-invariant values, which depend on known ones only; they are evaluated once, before the loop."""
    values = list(given)
    for term in terms:
        operands = [values[number] for number in term.operands]
        known = [operand for operand in operands if operand is not None]
        values.append(_value(k, term, known) if len(known) == len(operands) else None)
    return values


def evaluated(k: KernelBuilder, terms: Terms, values: Values) -> Register:
    """The value of the last term, once all given values are known."""
    values = list(values)
    first = len(values) - len(terms)
    for place, term in enumerate(terms, first):
        if values[place] is None:
            values[place] = _value(k, term, [_required(values[number]) for number in term.operands])
    return _required(values[-1])


def _value(k: KernelBuilder, term: Term, operands: Sequence[Register]) -> Register:
    assert term.op.formula is not None, "an elementwise operation"
    result: Register = term.op.formula(arithmetic(k), *operands, **dict(term.attributes))
    return result


def _required(value: Register | None) -> Register:
    assert value is not None, "a term names what comes after it"
    return value


def named(terms: Terms) -> str:
    """The operations in order, as part of a kernel's title."""
    return "_".join(term.op.name for term in terms)
