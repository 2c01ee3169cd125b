"""Class labels in kernels: which are ignored, and the weights of classes."""

from __future__ import annotations

import numpy as np
import pytest

from against_meaning import machines
from knoll.kernels.loss.class_labels import LabelOptions, label_at
from knoll.kernels.loss.cross_entropy import CrossEntropy
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Register
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
        weighted, plain = (
            CrossEntropy(machine, "float64", classes, LabelOptions(-100, 0.25, w)) for w in (True, False)
        )
        for row, total in enumerate((weighted.weight_sum(k, k.pointers[:1]), plain.weight_sum(k, ()))):
            assert total is not None
            k.store(total, k.pointers[1] + row * k.lanes * k.bytes)
        without = CrossEntropy(machine, "float64", classes, LabelOptions(-100, 0.0, True))
        assert without.weight_sum(k, k.pointers[:1]) is None

    emitted(machine, "float64", write, weights, found)
    assert np.unique(found[0]).tolist() == [weights.sum()]
    assert np.unique(found[1]).tolist() == [classes]
    assert CrossEntropy(machine, "float64", 5, LabelOptions(-100, 0.25, True)).smoothing_per_class == 0.05
