"""One number from all lanes of a vector."""

from __future__ import annotations

import numpy as np

from against_meaning import elements, machines
from knoll.kernels.reduction.horizontal import horizontal_max, horizontal_sum, larger
from knoll.llvm.builder import KernelBuilder
from knoll.machine import Machine
from single_kernel import emitted


@machines
@elements
def test_every_lane_has_the_sum_and_the_largest(machine: Machine, dtype: str) -> None:
    lanes = machine.lanes(np.dtype(dtype))
    x, found = np.random.default_rng(0).integers(-99, 99, lanes).astype(dtype), np.empty((2, lanes), dtype)

    def write(k: KernelBuilder) -> None:
        vector = k.load(k.pointers[0])
        k.store(horizontal_sum(k, vector), k.pointers[1])
        k.store(horizontal_max(k, vector), k.pointers[1] + lanes * k.bytes)

    emitted(machine, dtype, write, x, found)
    np.testing.assert_array_equal(found, [[x.sum()] * lanes, [x.max()] * lanes])


@machines
def test_of_two_lanes_the_second_stays_where_one_is_no_number(machine: Machine) -> None:
    lanes = machine.lanes(np.dtype(np.float64))
    a, b, found = np.full(lanes, np.nan), np.zeros(lanes), np.empty(lanes)
    a[0] = 1

    def write(k: KernelBuilder) -> None:
        k.store(larger(k.load(k.pointers[0]), k.load(k.pointers[1])), k.pointers[2])

    emitted(machine, "float64", write, a, b, found)
    assert found.tolist() == [1, *[0] * (lanes - 1)]
