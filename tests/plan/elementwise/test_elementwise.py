"""Elementwise operations as steps: which operands fit, and in which layout the result lies."""

from __future__ import annotations

import pytest

from against_meaning import check, machines, value
from knoll.graph import Graph
from knoll.kernels.elementwise.pointwise import Pointwise
from knoll.machine import Machine
from knoll.ops.activation.prelu import prelu
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, exp, multiply
from knoll.plan.elementwise.elementwise import fits, fits_slopes
from knoll.plan.roles.batch_axis import batched_values
from planned import LANES, SLIDE, plan_of, steps_of
from planned import value as planned


def test_an_array_for_each_sample_is_repeated() -> None:
    x, w = value("float32", 4, 3, 5), value("float32", 4, 3, 1)
    assert batched_values(Graph((x, w), (y := multiply(x, w),))) == {x, w, y}


def test_floats_fit_whole_numbers_do_not() -> None:
    assert fits(add.node(planned(2, 3), planned(2, 1)))
    assert not fits(add.node(planned(2, 3), planned(2, 3, dtype="int64")))


@machines
@pytest.mark.parametrize("other", [(1, 3), (3,), (2, 1), ()], ids=str)
def test_samples_of_one_place_are_repeated(other: tuple[int, ...], machine: Machine) -> None:
    x, w = value("float32", 2, 1), value("float32", *other)
    check(Graph((x, w), (multiply(exp(x), w),)), machine, wrt=(0,))


def test_the_result_lies_as_the_operands_do() -> None:
    x, w, y = planned(2, 8, 6, 6), planned(8, 8, 3, 3), planned(2, 8, 6, 6)
    plain = steps_of(plan_of(Graph((x, y), (relu(add(x, y)),))))
    assert [type(step.kernel) for step in plain] == [Pointwise]
    assert plain[0].kernel.target.is_plain
    convolved = conv2d(x, w, **SLIDE)
    blocked = steps_of(plan_of(Graph((x, w, y), (add(exp(convolved), convolved), convolved))))
    targets = [step.kernel.target.block for step in blocked if isinstance(step.kernel, Pointwise)]
    assert targets == [LANES]


def test_parameters_are_worked_on_as_a_whole() -> None:
    x, a, b = planned(2, 3), planned(3), planned(3)
    plan = plan_of(Graph((x, a, b), (multiply(x, add(a, b)),)))
    kernels = [step.kernel for step in steps_of(plan) if isinstance(step.kernel, Pointwise)]
    assert [kernel.title.split("_")[0] for kernel in kernels] == ["add", "multiply"]
    assert kernels[0].target.c == 3


def test_slopes_go_by_channels_of_images_and_rows() -> None:
    assert fits_slopes(prelu.node(planned(2, 3, 4, 5), planned(3)))
    assert not fits_slopes(prelu.node(planned(2, 3, 4), planned(3)))
    assert fits_slopes(prelu.node(planned(2, 3, 4), planned(1)))
