"""Which axes of a sum have a kernel, and how they are seen: what stands before them, they, what stands after."""

from __future__ import annotations

import pytest

from against_meaning import check, machines, value
from knoll.graph import Graph
from knoll.kernels.reduction.axis_reduction import AxisSum
from knoll.machine import Machine
from knoll.ops.elementwise.arithmetic import square
from knoll.ops.reduction.reduce import mean, sum_
from knoll.plan.reduction.axis_reduction import fits
from knoll.plan.roles.batch_axis import batched_values
from planned import plan_of, steps_of
from planned import value as planned


def test_the_samples_and_some_of_their_axes_have_none() -> None:
    x = value("float32", 2, 3, 4, 5)
    for axes in ((0, 2), (0, 1, 3)):
        assert batched_values(Graph((x,), (sum_(x, axes=axes, keep=False),))) is None


@pytest.mark.parametrize(
    ("shape", "axes", "expected"),
    [
        ((2, 3, 4, 5), (1,), (1, 3, 20)), ((2, 3, 4, 5), (2,), (3, 4, 5)), ((2, 3, 4, 5, 6), (3, 4), (12, 30, 1)),
        ((2, 3, 1, 5), (1, 3), (1, 15, 1)), ((2, 1, 4, 1), (1, 3), (1, 1, 4)),
    ],
)  # fmt: skip
def test_what_stands_before_and_after_the_axes(
    shape: tuple[int, ...], axes: tuple[int, ...], expected: tuple[int, int, int]
) -> None:
    (step,) = steps_of(plan_of(Graph((x := planned(*shape),), (mean(x, axes=axes, keep=False),))))
    kernel = step.kernel
    assert isinstance(kernel, AxisSum)
    assert (kernel.outer, kernel.size, kernel.inner) == expected
    assert kernel.divisor == kernel.size


@pytest.mark.parametrize(("axes", "expected"), [((1,), True), ((1, 2), True), ((1, 3), True), ((0, 1), False)])
def test_axes_spare_the_samples(axes: tuple[int, ...], expected: bool) -> None:
    assert fits((2, 3, 4, 5), axes) == expected


def test_axes_apart_are_summed_one_after_the_other() -> None:
    x = planned(2, 3, 4, 5, 6)
    kernels = [step.kernel for step in steps_of(plan_of(Graph((x,), (mean(x, axes=(1, 3, 4), keep=False),))))]
    seen = [(each.outer, each.size, each.inner, each.divisor) for each in kernels if isinstance(each, AxisSum)]
    assert seen == [(12, 30, 1, 30), (1, 3, 4, 3)]


@machines
@pytest.mark.parametrize("axes", [(1, 3), (2, 4), (1, 3, 4), (4,), (1, 2, 4)])
def test_sums_and_their_gradients_are_as_meant(axes: tuple[int, ...], machine: Machine) -> None:
    x = value("float32", 2, 3, 4, 1, 7)
    check(Graph((x,), (square(sum_(x, axes=axes, keep=True)), mean(square(x), axes=axes, keep=False))), machine)
