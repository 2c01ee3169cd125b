"""A square of numbers turned round in registers, by NumPy."""

from __future__ import annotations

import numpy as np

from against_meaning import elements, machines
from knoll.kernels.layout.transpose import transposed
from knoll.llvm.builder import KernelBuilder
from knoll.machine import Machine
from single_kernel import emitted


@machines
@elements
def test_rows_become_columns(machine: Machine, dtype: str) -> None:
    lanes = machine.lanes(np.dtype(dtype))
    square, turned = np.arange(lanes * lanes, dtype=dtype).reshape(lanes, lanes), np.empty((lanes, lanes), dtype)

    def write(k: KernelBuilder) -> None:
        rows = [k.load(k.pointers[0] + row * lanes * k.bytes) for row in range(lanes)]
        for row, vector in enumerate(transposed(k, rows)):
            k.store(vector, k.pointers[1] + row * lanes * k.bytes)

    emitted(machine, dtype, write, square, turned)
    np.testing.assert_array_equal(turned, square.T)
