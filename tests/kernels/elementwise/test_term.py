"""Elementwise operations that follow each other in registers, and those that are hoisted out of a loop."""

from __future__ import annotations

import numpy as np

from knoll.kernels.elementwise.term import Term, evaluated, hoisted, named
from knoll.llvm.builder import KernelBuilder
from knoll.machine import host
from knoll.ops.activation.piecewise import leaky_relu
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.elementwise.arithmetic import add, multiply
from single_kernel import emitted

LANES = host().lanes(np.dtype(np.float64))
# Of x, a and b: relu(x · (a + b) + x), with a slope below zero
TERMS = (
    Term(add, (1, 2)), Term(multiply, (0, 3)), Term(add, (4, 0)), Term(leaky_relu, (5,), (("negative_slope", 0.5),)),
)  # fmt: skip


def test_terms_name_what_is_given_and_what_came_before() -> None:
    x, y = np.linspace(-2, 2, LANES), np.empty(LANES)

    def write(k: KernelBuilder) -> None:
        given = [k.load(k.pointers[0]), k.constant(2.0), k.constant(3.0)]
        k.store(evaluated(k, TERMS, hoisted(k, TERMS, given)), k.pointers[1])

    emitted(host(), "float64", write, x, y)
    np.testing.assert_allclose(y, np.where(6 * x > 0, 6 * x, 3 * x), rtol=1e-15)


def test_terms_of_known_values_are_hoisted() -> None:
    def write(k: KernelBuilder) -> None:
        values = hoisted(k, TERMS, [None, k.constant(2.0), k.constant(3.0)])
        assert [value is None for value in values] == [True, False, False, False, True, True, True]

    emitted(host(), "float64", write)


def test_names() -> None:
    assert named(TERMS) == "add_multiply_add_leaky_relu"
    assert named(()) == ""
    assert repr(TERMS[3]) == "leaky_relu(5, negative_slope=0.5)"
    assert Term(relu, (0,)) == Term(relu, (0,))
