"""A linear layer as steps: rows times packed weights, with what follows fused."""

from __future__ import annotations

from knoll.graph import Graph
from knoll.kernels.matmul.linear_weight_gradient import LinearWeightGradient
from knoll.kernels.matmul.matmul import Matmul
from knoll.ops.elementwise import relu
from knoll.ops.linear import linear
from knoll.plan.linear import fits, rows_of
from planned import kernels_of, plan_of, steps_of, value


def test_weights_are_packed_once_and_what_follows_is_fused() -> None:
    x, w, b = value(4, 6), value(5, 6), value(5)
    plan = plan_of(Graph((x, w, b), (relu(linear(x, w, b)),)))
    assert kernels_of(plan) == ["pack", "Matmul"]
    kernel = steps_of(plan)[-1].kernel
    assert isinstance(kernel, Matmul)
    assert (kernel.inner, kernel.columns, kernel.rows_per_sample, kernel.bias) == (6, 5, 1, True)
    assert [term.op.name for term in kernel.epilogue.terms] == ["relu"]


def test_rows_of_samples() -> None:
    x, w = value(4, 7, 3, 6), value(5, 6)
    assert rows_of(x) == 21
    kernels = [step.kernel for step in steps_of(plan_of(Graph((x, w), (linear(x, w),)), 0, 1))]
    products = [kernel for kernel in kernels if isinstance(kernel, Matmul)]
    assert [(kernel.inner, kernel.columns, kernel.rows_per_sample) for kernel in products] == [(6, 5, 21), (5, 6, 21)]
    (dw,) = (kernel for kernel in kernels if isinstance(kernel, LinearWeightGradient))
    assert (dw.outputs, dw.inputs, dw.rows_per_sample) == (5, 6, 21)


def test_a_row_alone_has_no_axis_of_samples() -> None:
    assert fits(linear.node(value(4, 6), value(5, 6)))
    assert not fits(linear.node(value(6), value(5, 6)))
