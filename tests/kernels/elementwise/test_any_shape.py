"""Elementwise operations on arrays that broadcast: against their meaning, and nothing beyond the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import TOLERANCE, elements, machines
from knoll.graph import Array, Op
from knoll.kernels.elementwise.any_shape import AnyShape
from knoll.kernels.elementwise.nest import STRETCH
from knoll.kernels.elementwise.term import Term
from knoll.machine import NAMED, Machine, host
from knoll.ops.activation.elu import elu
from knoll.ops.elementwise import arithmetic
from knoll.ops.elementwise.functions import erf
from knoll.ops.elementwise.maximum import maximum
from knoll.run.nesting import nesting_of
from knoll.run.single_step import EagerKernel

LENGTHS = [1, 3, 16, 63, 64, 65, 200, STRETCH, 4 * STRETCH + 129]
CASES: list[tuple[Op, dict[str, float], tuple[bool, ...]]] = [
    (arithmetic.add, {}, (False, False)),
    (arithmetic.subtract, {}, (True, False)),
    (arithmetic.multiply, {}, (False, True)),
    (arithmetic.divide, {}, (False, False)),
    (maximum, {}, (False, True)),
    (arithmetic.exp, {}, (False,)),
    (arithmetic.floor, {}, (False,)),
    (erf, {}, (False,)),
    (elu, {"alpha": 0.5}, (False,)),
]


def kernel(machine: Machine, dtype: str, case: tuple[Op, dict[str, float], tuple[bool, ...]]) -> EagerKernel:
    """The machine code of a case."""
    op, attributes, single = case
    term = Term(op, tuple(range(len(single))), tuple(attributes.items()))
    return EagerKernel(AnyShape(machine, dtype, (term,), single, dtype))


def apply(operation: EagerKernel, result: Array, *operands: Array) -> None:
    """Write the result."""
    nesting = nesting_of(*operands, result)
    assert nesting is not None
    operation.run(nesting.pieces, result.size, nesting.words, [*operands, result])


@machines
@elements
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}{''.join('sa'[not one] for one in case[2])}")
def test_every_length(machine: Machine, dtype: str, case: Any) -> None:
    op, attributes, single = case
    operation, generator = kernel(machine, dtype, case), np.random.default_rng(0)
    for length in LENGTHS:
        operands = [generator.standard_normal(() if one else length).astype(dtype) for one in single]
        place = np.full(length + 64, 7, dtype)
        apply(operation, place[:length], *operands)
        with np.errstate(all="ignore"):
            (truth,) = op.meaning(*operands, **attributes)
        np.testing.assert_allclose(place[:length], truth, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
        assert (place[length:] == 7).all()


@machines
@elements
def test_in_place_and_denormal(machine: Machine, dtype: str) -> None:
    x = np.full(STRETCH + 5, np.finfo(dtype).tiny, dtype)
    case = (arithmetic.multiply, {}, (False, True))
    apply(kernel(machine, dtype, case), x, x, np.asarray(0.25, dtype))
    np.testing.assert_array_equal(x, np.full_like(x, np.finfo(dtype).tiny / 4))
    assert (x > 0).all()


@machines
@elements
@pytest.mark.parametrize("one", [(False, True), (True, False)])
def test_rows(machine: Machine, dtype: str, one: tuple[bool, bool]) -> None:
    operation, generator = kernel(machine, dtype, (arithmetic.subtract, {}, one)), np.random.default_rng(0)
    for shape in [(3, 16), (5, 70), (2, 3, 65), (2, 1, 4, 3, 2, 17), (40, STRETCH // 8 + 3)]:
        operands = [
            generator.standard_normal((*shape[:-1], 1 if single else shape[-1])).astype(dtype) for single in one
        ]
        place = np.full((*shape[:-1], shape[-1] + 5), 7, dtype)
        apply(operation, place[..., :-5], *operands)
        np.testing.assert_array_equal(place[..., :-5], operands[0] - operands[1])
        assert (place[..., -5:] == 7).all()


@pytest.mark.parametrize("machine", [m for m in NAMED.values() if m.converts_half and m.name <= host().name], ids=str)
def test_half_precision(machine: Machine) -> None:
    term, generator = Term(arithmetic.add, (0, 1)), np.random.default_rng(0)
    operation = EagerKernel(AnyShape(machine, "float32", (term,), (False, True), "float16"))
    for length in LENGTHS:
        a, b = generator.standard_normal(length).astype(np.float16), np.array(0.1, np.float16)
        place = np.full(length + 64, 7, np.float16)
        apply(operation, place[:length], a, b)
        np.testing.assert_array_equal(place[:length], a + b)
        assert (place[length:] == 7).all()
