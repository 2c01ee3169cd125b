"""Reshapes as steps: the same memory by another name, unless the caller or a layout stands in the way."""

from __future__ import annotations

import pytest

from against_meaning import check, machines
from knoll.graph import Graph
from knoll.machine import Machine
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import exp
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.shapes.reshape import ANY, convert, permute, reshape
from knoll.plan.shapes.reshape import fits_convert
from planned import SLIDE, kernels_of, plan_of, value


def test_flattened_images_are_read_where_they_lie() -> None:
    x, w, v = value(2, 3, 4, 4), value(16, 3, 3, 3), value(5, 256)
    flat = reshape(conv2d(x, w, **SLIDE), shape=(2, 256))
    plan = plan_of(Graph((x, w, v), (linear(flat, v),)))
    assert kernels_of(plan)[-3:] == ["DirectConvolution", "reorder", "DotProducts"]


def test_an_output_is_computed_before_its_reshape() -> None:
    x = value(2, 3, 4)
    y = exp(x)
    again = reshape(reshape(y, shape=(2, 12)), shape=(2, 4, 3))
    for outputs in ((reshape(y, shape=(2, 12)),), (again,), (exp(reshape(x, shape=(2, 12))),)):
        assert kernels_of(plan_of(Graph((x,), outputs))) == ["Pointwise"]


def test_an_output_is_a_copy_of_an_input_and_of_another_output() -> None:
    x = value(2, 3, 4)
    assert kernels_of(plan_of(Graph((x,), (reshape(x, shape=(2, 12)),)))) == ["reshape"]
    y = exp(x)
    assert kernels_of(plan_of(Graph((x,), (y, reshape(y, shape=(2, 12)))))) == ["Pointwise", "copy_output"]


@machines
def test_several_outputs_in_several_shapes(machine: Machine) -> None:
    x, w = value(2, 3, 4, 4), value(16, 3, 3, 3)
    y = conv2d(x, w, **SLIDE)
    flat = reshape(y, shape=(2, 256))
    turned = reshape(permute(y, axes=(0, 2, 3, 1)), shape=(2, 16, 16))
    for outputs in ((flat, y), (flat, exp(flat)), (turned, flat), (flat, reshape(flat, shape=(2, 16, 16)), turned)):
        check(Graph((x, w), outputs), machine)


@machines
def test_gradients_in_several_shapes(machine: Machine) -> None:
    x = value(2, 3, 4)
    flat = reshape(x, shape=(2, 12))
    for outputs in ((flat,), (exp(flat), flat), (reshape(exp(flat), shape=(2, 4, 3)), x)):
        check(Graph((x,), outputs), machine)


@pytest.mark.parametrize(
    ("shape", "to", "expected"),
    [((2, 6), (2, 3, 2), True), ((2, 6), (3, 4), False), ((6,), (2, 3), True), ((1, 1), (), False)],
)
def test_samples_stay_apart(shape: tuple[int, ...], to: tuple[int, ...], expected: bool) -> None:
    assert (reshape.node(value(*shape), shape=to).roles is ANY) == expected


def test_integers_that_become_floats() -> None:
    x = value(2, 3, dtype="int32")
    assert fits_convert(convert.node(x, dtype="float32"))
    assert not fits_convert(convert.node(value(2, 3, dtype="uint8"), dtype="float32"))
    assert not fits_convert(convert.node(value(dtype="int64"), dtype="float32"))
