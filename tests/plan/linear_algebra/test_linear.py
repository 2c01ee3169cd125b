"""A linear layer as steps: rows times packed weights, with what follows fused."""

from __future__ import annotations

from knoll.graph import Graph
from knoll.kernels.linear_algebra.dot_products import DotProducts
from knoll.kernels.linear_algebra.linear_kernel import ROWS_AT_ONCE, LinearKernel
from knoll.kernels.linear_algebra.linear_weight_gradient import LinearWeightGradient
from knoll.kernels.linear_algebra.matmul import Matmul
from knoll.machine import host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.linear_algebra.linear import linear
from knoll.plan.linear_algebra.linear import MANY_REGISTERS, fits, rows_of
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


def test_long_weights_that_are_trained_are_not_packed() -> None:
    x, w = value(4, 512), value(40, 512)
    graph = Graph((x, w), (linear(x, w),))
    assert kernels_of(plan_of(graph)) == ["pack", "Matmul"]
    products = [step.kernel for step in steps_of(plan_of(graph, 1)) if isinstance(step.kernel, LinearKernel)]
    many = products[0].machine.registers >= MANY_REGISTERS
    assert [type(kernel) for kernel in products] == [DotProducts if many else Matmul]
    assert products[0].changing_bytes == (40 * 512 * 4 if many else 0)
    short = Graph((a := value(4, 64), b := value(40, 64)), (linear(a, b),))
    assert "DotProducts" not in kernels_of(plan_of(short, 1))


def test_rows_that_share_a_pass_over_weights() -> None:
    small, large = (Matmul(host(), "float32", 100, columns) for columns in (10, 10**6))
    assert (small.samples_at_once, large.samples_at_once) == (1, ROWS_AT_ONCE)
    assert Matmul(host(), "float32", 100, 10**6, 7).samples_at_once == 5
