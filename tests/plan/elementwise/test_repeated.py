"""Which operands are repeated while they are read, and which are copied first."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Graph, Shape, Spec
from knoll.kernels.elementwise.pointwise import Pointwise
from knoll.kernels.elementwise.repeated import Repeated
from knoll.kernels.layout.layout import Images
from knoll.ops.activation.relu_sigmoid_tanh import sigmoid
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, multiply
from knoll.plan.elementwise.repeated import coalesced
from knoll.plan.roles.batch_axis import batched_values
from planned import SLIDE, kernels_of, plan_of, steps_of, value


def spec(*shape: int) -> Spec:
    return Spec(shape, np.dtype(np.float32))


@pytest.mark.parametrize(
    ("shape", "small", "expected"),
    [
        ((2, 3, 4, 5), (2, 3, 1, 1), (3, 1, 20)), ((2, 3, 4, 5), (2, 1, 4, 5), (3, 1, 20)),
        ((2, 3, 4, 5), (2, 3, 4, 1), (12, 1, 5)), ((2, 3, 4, 5), (2, 3, 1, 5), (3, 4, 5)),
        ((2, 9), (2, 1), (9, 1, 1)), ((2, 3, 4, 5, 6), (2, 3, 1, 1, 1), (3, 1, 120)),
    ],
)  # fmt: skip
def test_axes_are_joined(shape: Shape, small: Shape, expected: tuple[int, int, int]) -> None:
    assert coalesced(spec(*shape), [spec(*shape), spec(*small)]) == Images(*expected)


def test_too_many_axes_are_copied() -> None:
    x, w = value(2, 3, 4, 5, 6), value(2, 3, 1, 5, 1)
    assert coalesced(x.spec, [w.spec]) is None
    assert kernels_of(plan_of(Graph((x, w), (multiply(x, w),)))) == ["strided_copy", "Pointwise"]


def test_a_gate_and_a_shortcut_are_one_pass() -> None:
    x, k, w = value(2, 16, 8, 8), value(16, 16, 3, 3), value(2, 16, 1, 1)
    graph = Graph((x, k, w), (conv2d(add(multiply(conv2d(x, k, **SLIDE), sigmoid(w)), x), k, **SLIDE),))
    (step,) = [step for step in steps_of(plan_of(graph)) if isinstance(step.kernel, Pointwise)][1:]
    assert isinstance(step.kernel, Pointwise)
    assert step.kernel.sources[1] == Repeated(Images(16, 1, 1, 16))


def test_without_the_samples_of_the_result_it_is_shared() -> None:
    x, w, one = value(2, 3, 4, 5), value(1, 3, 1, 1), value(1, 3, 4, 5)
    assert batched_values(Graph((x, w), (y := multiply(x, w),))) == {x, y}
    assert batched_values(Graph((one, w), (y := multiply(one, w),))) == {one, y}
