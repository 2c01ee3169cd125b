"""Weight gradients of few output channels: the same numbers with the sides exchanged, and where this pays."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from against_meaning import check, elements, examples, machines
from against_meaning import value as input_of
from knoll.graph import Graph
from knoll.graph.sizes import Pair
from knoll.kernels.convolution.weight_gradient import WeightGradient
from knoll.machine import Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.plan.plan import Plan
from planned import SLIDE, plan_of, value


def exchanged(plan: Plan, c: int, k: int) -> bool:
    """Whether the weight gradient of so many channels has lanes along those of x."""
    kernels = [step.kernel for phase in plan.backward for step in phase.steps]
    sides = [(each.source.c, each.output.c) for each in kernels if isinstance(each, WeightGradient)]
    return sides == [(k, c)]


@machines
@elements
@examples(6)
@given(
    c=st.integers(17, 40), k=st.integers(1, 3), window=st.tuples(st.integers(1, 4), st.integers(1, 4)),
    dilation=st.tuples(st.integers(1, 2), st.integers(1, 2)), size=st.tuples(st.integers(7, 9), st.integers(7, 12)),
    padding=st.tuples(*[st.tuples(st.integers(0, 2), st.integers(0, 2))] * 2),
)  # fmt: skip
def test_gradients_mean_the_same(
    machine: Machine, dtype: str, c: int, k: int, window: Pair, dilation: Pair, size: Pair, padding: tuple[Pair, Pair],
) -> None:  # fmt: skip
    x, w = input_of(dtype, 3, c, *size), input_of(dtype, k, c, *window)
    slide = {"stride": (1, 1), "padding": padding, "dilation": dilation, "groups": 1}
    with patch("knoll.plan.convolution.exchanged_dw.MIN_SAVING", 0.0):  # where it would not pay, too
        compiled = check(Graph((x, w), (conv2d(relu(x), w, **slide),)), machine)
    assert exchanged(compiled.plan, c, k)


@pytest.mark.parametrize(
    ("c", "k", "stride", "groups", "size", "used"),
    [
        (64, 1, 1, 1, 8, True),
        (64, 3, 1, 1, 8, True),
        (64, 11, 1, 1, 8, False),
        (64, 16, 1, 1, 8, False),
        (4, 3, 1, 1, 8, False),  # lanes would be idle on both sides
        (64, 1, 2, 1, 8, False),
        (64, 2, 1, 2, 8, False),
        (64, 1, 1, 1, 1, False),  # taps that meet nothing are left out
    ],
)
def test_where_it_pays_and_nowhere_else(c: int, k: int, stride: int, groups: int, size: int, used: bool) -> None:
    x, w = value(2, c, size, size), value(k, c // groups, 3, 3)
    slide = SLIDE | {"stride": (stride, stride), "groups": groups}
    assert exchanged(plan_of(Graph((x, w), (conv2d(relu(x), w, **slide),)), 1), c, k) == used
