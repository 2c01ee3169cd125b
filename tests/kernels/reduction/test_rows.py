"""A row of numbers by vectors, to its ragged end."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import machines
from knoll.kernels.reduction.rows import row_max, row_vectors, vector_offsets
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import LoopCarried
from knoll.machine import Machine
from single_kernel import emitted

lengths = pytest.mark.parametrize("length", [1, 3, 4, 16, 17, 50])


@machines
@lengths
def test_the_maximum_of_a_row(machine: Machine, length: int) -> None:
    x, found = -np.random.default_rng(0).uniform(1, 9, length), np.empty(machine.lanes(np.dtype(np.float64)))
    emitted(machine, "float64", lambda k: k.store(row_max(k, k.pointers[0], length), k.pointers[1]), x, found)
    assert found.tolist() == [x.max()] * len(found)


@machines
@lengths
def test_lanes_after_the_end_hold_the_rest(machine: Machine, length: int) -> None:
    """So each vector may be summed whole."""
    x, found = np.ones(length), np.empty(machine.lanes(np.dtype(np.float64)))

    def write(k: KernelBuilder) -> None:
        total = LoopCarried(k.zero())
        for _, _, numbers in row_vectors(k, k.pointers[0], length, total, rest=100.0):
            total.value = total.number + numbers
        k.store(total.number, k.pointers[1])

    emitted(machine, "float64", write, x, found)
    padding = -length % len(found)
    assert found.sum() == length + 100 * padding


@machines
@lengths
def test_stretches_touch_each_element_once_and_nothing_behind(machine: Machine, length: int) -> None:
    x = np.append(np.arange(float(length)), 7)

    def write(k: KernelBuilder) -> None:
        for place, lanes in vector_offsets(k, length):
            here = k.pointers[0] + place
            k.store_lanes(k.load_lanes(here, lanes) + k.constant(1.0), here, lanes)

    emitted(machine, "float64", write, x)
    assert x.tolist() == [*(i + 1 for i in range(length)), 7]
