"""Elementwise operations on arrays of any length: against their meaning, and nothing beyond the end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from against_meaning import TOLERANCE, elements, machines
from knoll.graph import Op
from knoll.kernels.elementwise.flat import STRETCH, Flat
from knoll.kernels.elementwise.term import Term
from knoll.machine import Machine
from knoll.ops.activation.elu import elu
from knoll.ops.elementwise import elementwise as ops
from knoll.ops.elementwise.functions import erf
from knoll.ops.elementwise.maximum import maximum
from knoll.run.eager_kernels import apply_flat
from knoll.run.single_step import EagerKernel

LENGTHS = [1, 3, 16, 63, 64, 65, 200, STRETCH, 4 * STRETCH + 129]
CASES: list[tuple[Op, dict[str, float], tuple[bool, ...]]] = [
    (ops.add, {}, (False, False)),
    (ops.subtract, {}, (True, False)),
    (ops.multiply, {}, (False, True)),
    (ops.divide, {}, (False, False)),
    (maximum, {}, (False, True)),
    (ops.exp, {}, (False,)),
    (ops.floor, {}, (False,)),
    (erf, {}, (False,)),
    (elu, {"alpha": 0.5}, (False,)),
]


def kernel(machine: Machine, dtype: str, case: tuple[Op, dict[str, float], tuple[bool, ...]]) -> EagerKernel:
    """The machine code of a case."""
    op, attributes, single = case
    return EagerKernel(Flat(machine, dtype, Term(op, tuple(range(len(single))), tuple(attributes.items())), single))


@machines
@elements
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}{''.join('sa'[not one] for one in case[2])}")
def test_every_length(machine: Machine, dtype: str, case: Any) -> None:
    op, attributes, single = case
    operation, generator = kernel(machine, dtype, case), np.random.default_rng(0)
    for length in LENGTHS:
        operands = [generator.standard_normal(() if one else length).astype(dtype) for one in single]
        place = np.full(length + 64, 7, dtype)
        apply_flat(operation, place[:length], *operands)
        with np.errstate(all="ignore"):
            (truth,) = op.meaning(*operands, **attributes)
        np.testing.assert_allclose(place[:length], truth, rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])
        assert (place[length:] == 7).all()


@machines
@elements
def test_in_place_and_denormal(machine: Machine, dtype: str) -> None:
    x = np.full(STRETCH + 5, np.finfo(dtype).tiny, dtype)
    case = (ops.multiply, {}, (False, True))
    apply_flat(kernel(machine, dtype, case), x, x, np.asarray(0.25, dtype))
    np.testing.assert_array_equal(x, np.full_like(x, np.finfo(dtype).tiny / 4))
    assert (x > 0).all()
