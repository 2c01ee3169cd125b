"""Sums over samples as steps: which have a kernel, and how partial sums are joined."""

from __future__ import annotations

import pytest

from knoll.graph import Graph
from knoll.ops.convolution.conv import conv2d
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.reduction.reduce import mean, sum_
from knoll.plan.plan import Kind
from knoll.plan.reduction.reduce import crosses_samples, fits, fits_mean, is_over_everything
from planned import POOL, SLIDE, kernels_of, plan_of, steps_of, value


@pytest.mark.parametrize(
    ("shape", "axes", "kernels"),
    [
        ((4, 3), (0, 1), ["ElementSums", "CombineAll"]), ((4, 3), (0,), ["RowSums", "CombineGroups", "unpack"]),
        ((4, 3, 5, 6), (0, 2, 3), ["reorder", "ChannelSums", "CombineGroups", "unpack"]), ((4, 3), (1,), ["AxisSum"]),
    ],
)  # fmt: skip
def test_each_sum_has_its_kernels(shape: tuple[int, ...], axes: tuple[int, ...], kernels: list[str]) -> None:
    x = value(*shape)
    plan = plan_of(Graph((x,), (sum_(x, axes=axes, keep=False),)))
    assert kernels_of(plan) == kernels
    joins = [step for step in steps_of(plan) if step.combines]
    assert len(joins) == (0 in axes)
    assert all(step.buffers[0].kind is Kind.PARTIAL for step in joins)


def test_the_gradient_of_a_bias_behind_a_pooling_sums_the_pooled_gradient() -> None:
    x, w, b = value(2, 3, 8, 8), value(16, 3, 3, 3), value(16)
    plan = plan_of(Graph((x, w, b), (max_pool2d(conv2d(x, w, b, **SLIDE), **POOL),)), 2)
    (sums,) = (step for step in steps_of(plan) if type(step.kernel).__name__ == "ChannelSums")
    assert (sums.kernel.source.h, sums.kernel.source.w) == (4, 4)
    assert "ScatterByCodes" not in kernels_of(plan)


def test_which_sums_have_a_kernel() -> None:
    x = value(4, 3, 5, 6)
    nodes = {
        axes: sum_.node(x, axes=axes, keep=False)
        for axes in ((0, 1, 2, 3), (0, 2, 3), (0, 1), (0, 1, 3), (1, 3), (0, 1, 2))
    }
    assert {axes for axes, node in nodes.items() if fits(node)} == {*nodes} - {(0, 1, 3)}
    assert crosses_samples(nodes[0, 1])
    assert not crosses_samples(nodes[1, 3])
    assert is_over_everything(nodes[0, 1, 2, 3])
    assert not fits_mean(mean.node(x, axes=(0, 2, 3), keep=False))
    assert fits_mean(mean.node(x, axes=(0, 1, 2, 3), keep=False))
