"""How much a label counts in losses over classes."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import machines
from knoll.kernels.loss.labels import Counting, label_at
from knoll.llvm.builder import KernelBuilder, Register
from knoll.machine import Machine, host
from single_kernel import emitted


def test_an_ignored_label_points_at_the_first_class_and_does_not_count() -> None:
    labels, found = np.array([2, 255, 0, -1]), np.empty((4, 2), np.int64)

    def write(k: KernelBuilder) -> None:
        with k.loop(0, k.count) as n:
            label, counts = label_at(k, k.pointers[0], n, 255)
            place = k.pointers[1] + n * 16
            k.store(Register(k, "i64", str(label)), place)
            k.store(counts.select(Register(k, "i64", "1"), Register(k, "i64", "0")), place + 8)

    emitted(host(), "float32", write, labels, found, count=4)
    assert found.tolist() == [[2, 1], [0, 0], [0, 1], [-1, 1]]


@machines
@pytest.mark.parametrize("classes", [2, 16, 21])
def test_the_weights_of_all_classes_together(machine: Machine, classes: int) -> None:
    weights, found = np.arange(1.0, classes + 1), np.empty((2, machine.lanes(np.dtype(np.float64))))

    def write(k: KernelBuilder) -> None:
        weighted, plain = Counting(-100, 0.25, True), Counting(-100, 0.25, False)
        for row, total in enumerate(
            (weighted.altogether(k, k.pointers[:1], classes), plain.altogether(k, (), classes))
        ):
            assert total is not None
            k.store(total, k.pointers[1] + row * k.lanes * k.bytes)
        assert Counting(-100, 0.0, True).altogether(k, k.pointers[:1], classes) is None

    emitted(machine, "float64", write, weights, found)
    assert np.unique(found[0]).tolist() == [weights.sum()]
    assert np.unique(found[1]).tolist() == [classes]
    assert Counting(-100, 0.25, True).evenly(5) == 0.05
