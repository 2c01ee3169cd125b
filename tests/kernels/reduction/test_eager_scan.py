"""Running sums and products of contiguous arrays of any size: those of NumPy, exactly, and nothing beyond the end."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import elements, machines
from knoll.graph import Op
from knoll.graph.sizes import ceil_div
from knoll.kernels.elementwise.pointwise import VECTORS_AT_ONCE
from knoll.kernels.elementwise.term import Term
from knoll.kernels.reduction.eager_scan import EagerScan
from knoll.machine import Machine
from knoll.ops.elementwise.arithmetic import add, multiply
from knoll.run.single_step import EagerKernel

WAYS = {"sum": (add, -0.0, np.cumsum), "product": (multiply, 1.0, np.cumprod)}
SHAPES = [(1, 1, 1), (16, 16, 1), (37, 50, 1), (3, 200, 1), (1, 7, 64), (2, 5, 131), (40, 1, 3), (5, 0, 1)]


@machines
@elements
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("beside", [False, True], ids=["rows", "beside"])
def test_every_size(machine: Machine, dtype: str, way: str, beside: bool) -> None:
    op, first, truth = WAYS[way]
    kernel = EagerKernel(EagerScan(machine, dtype, beside, Term(op, (0, 1)), first))
    for shape in SHAPES:
        outer, size, inner = shape
        if (inner > 1) != beside:
            continue
        x = np.random.default_rng(0).uniform(-1.5, 1.5, shape).astype(dtype)
        x.reshape(-1)[:3] = [-0.0, np.nan, np.inf][: x.size]
        room = np.full(x.size + 64, 7, dtype)
        lanes = machine.lanes(np.dtype(dtype))
        pieces = ceil_div(inner, VECTORS_AT_ONCE * lanes)
        parts, sizes = (outer * pieces, [size, inner, pieces]) if beside else (ceil_div(outer, 5), [outer, size, 5])
        kernel.run(parts, x.size, sizes, [x, room])
        with np.errstate(all="ignore"):
            expected = truth(x, 1)
        np.testing.assert_array_equal(room[: x.size].reshape(shape), expected)
        np.testing.assert_array_equal(np.signbit(room[: x.size]), np.signbit(expected).reshape(-1))
        assert (room[x.size :] == 7).all()


@pytest.mark.parametrize("op", [add, multiply])
def test_what_is_joined_first_changes_nothing(op: Op) -> None:
    first = next(first for joined, first, _ in WAYS.values() if joined is op)
    x = np.array([-0.0, 0.0, np.inf, -np.inf, 5e-324, 1.0])
    (result,) = op.meaning(np.full_like(x, first), x)
    assert result.tobytes() == x.tobytes()
