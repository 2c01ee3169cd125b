"""Which sums over pixels take the operations before them along."""

from __future__ import annotations

from knoll.graph import Graph, Value
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import multiply
from knoll.ops.reduction.reduce import sum_
from knoll.plan.lower import lower
from planned import MACHINE, SLIDE, batch, kernels_of, value


def kernels(*outputs: Value, inputs: tuple[Value, ...]) -> list[str]:
    graph = Graph(inputs, outputs)
    return kernels_of(lower(graph, batch(graph), MACHINE))


def test_a_product_that_nothing_else_reads_is_not_written() -> None:
    x, k = value(2, 16, 6, 6), value(16, 16, 3, 3)
    y = conv2d(x, k, **SLIDE)
    product = multiply(y, y)
    alone = kernels(sum_(product, axes=(2, 3), keep=False), inputs=(x, k))
    assert "PixelSums" in alone
    assert "Pointwise" not in alone
    both = kernels(sum_(product, axes=(2, 3), keep=False), product, inputs=(x, k))
    assert "PixelSums" in both


def test_other_axes_and_contiguous_arrays_are_summed_along_axes() -> None:
    x, k = value(2, 16, 6, 6), value(16, 16, 3, 3)
    assert kernels(sum_(x, axes=(2, 3), keep=False), inputs=(x,)) == ["AxisSum"]
    assert "PixelSums" not in kernels(sum_(conv2d(x, k, **SLIDE), axes=(1, 3), keep=False), inputs=(x, k))
