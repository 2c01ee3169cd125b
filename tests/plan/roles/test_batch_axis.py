"""Which graphs the kernels can run: every value is batched, a parameter, or a sum over samples."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.graph import Graph, Op, Spec, Value
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, exp, multiply
from knoll.ops.linear_algebra.linear import linear
from knoll.ops.reduction.reduce import sum_
from knoll.ops.shapes.reshape import reshape
from knoll.plan.roles.batch_axis import batch_independent_key, batched_values, has_kernel
from planned import SLIDE, value


def test_images_are_batched_and_weights_are_not() -> None:
    x, w = value(2, 3, 5, 5), value(8, 3, 3, 3)
    y = conv2d(x, w, **SLIDE)
    z = relu(y)
    assert batched_values(Graph((x, w), (z,))) == {x, y, z}


def test_what_shared_arrays_are_made_of_is_a_parameter_too() -> None:
    x, a, b = value(2, 3), value(3), value(3)
    y = multiply(x, add(a, b))
    assert batched_values(Graph((x, a, b), (y,))) == {x, y}


def test_in_a_batch_of_one_two_operands_that_are_both_repeated_are_samples() -> None:
    x, z, w = value(1, 3, 1), value(1, 1, 4), value(5, 4)
    y = multiply(x, z)
    assert batched_values(Graph((x, z), (y,))) == {x, z, y}
    shared = linear(y, w)
    assert batched_values(Graph((x, z, w), (shared,))) == {x, z, y, shared}


def test_no_kernel_repeats_sums_over_samples() -> None:
    x = value(1, 3, 5)
    total, most = sum_(x, axes=(0,), keep=True), sum_(x, axes=(0, 1), keep=True)
    whole, row = (reshape(y, shape=y.spec.shape) for y in (total, most))
    assert batched_values(Graph((x,), (add(whole, row),))) is None


def test_a_value_cannot_be_both() -> None:
    x = value(3, 3)
    assert batched_values(Graph((x,), (linear(x, x),))) is None
    y, z = value(2, 3), value(5, 3)
    assert batched_values(Graph((y, z), (exp(y), exp(z)))) is None  # batches of two sizes


def test_element_types_are_not_mixed() -> None:
    x, y = value(2, 3), value(2, 3, dtype="float64")
    assert batched_values(Graph((x, y), (exp(x), exp(y)))) is None
    half = value(2, 3, dtype="float16")
    assert batched_values(Graph((half,), (exp(half),))) is None


def test_operations_without_a_formula_or_a_rule_have_no_kernel() -> None:
    x = value(2, 3)
    assert has_kernel(exp.node(x))
    assert not has_kernel(Op("unheard of", lambda x: (x,), lambda x: (x,)).node(x))
    assert not has_kernel(exp.node(value(2, 0)))
    numbers = value(2, 3, dtype="int64")
    assert not has_kernel(add.node(numbers, numbers))


@pytest.mark.parametrize(("shape", "same"), [((5, 3), True), ((2, 4), False)])
def test_the_number_of_samples_does_not_count(shape: tuple[int, ...], same: bool) -> None:
    def key(x: Value) -> object:
        graph = Graph((x,), (multiply(exp(x), x),))
        batch = batched_values(graph)
        assert batch is not None
        return batch_independent_key(graph, batch)

    assert (key(value(2, 3)) == key(value(*shape))) == same


def test_a_sum_over_samples_has_no_batch_axis() -> None:
    x = value(2, 3)
    total = sum_(x, axes=(0, 1), keep=False)
    assert batched_values(Graph((x,), (total,))) == {x}
    assert Spec((), np.dtype("f")) == total.spec
