"""Elementwise kernels that read an operand repeated along any axes of a sample, in any layout."""

from __future__ import annotations

from itertools import product

import pytest

from against_meaning import check, elements, machines, value
from knoll.graph import Graph, Shape
from knoll.machine import Machine
from knoll.ops.activation.relu_sigmoid_tanh import relu, sigmoid
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, divide, exp, multiply, square
from planned import SLIDE


def repeated(shape: Shape) -> list[Shape]:
    """The shapes of operands with fewer places along some axes of a sample."""
    ones = product((False, True), repeat=len(shape) - 1)
    found = [(shape[0], *(1 if one else size for one, size in zip(each, shape[1:], strict=True))) for each in ones]
    return [each for each in dict.fromkeys(found) if each != shape]


@machines
@pytest.mark.parametrize("shape", [(3, 5, 4, 7), (2, 18, 3, 3), (2, 37, 1, 5), (1, 17, 5, 5)], ids=str)
def test_in_blocks_of_channels(shape: Shape, machine: Machine) -> None:
    x, k = value("float32", *shape), value("float32", shape[1], shape[1], 3, 3)
    y = conv2d(x, k, **SLIDE)
    given = [value("float32", *small) for small in repeated(shape)]
    scaled = [relu(multiply(y, sigmoid(w))) for w in given]
    check(Graph((x, k, *given), (*scaled, *(divide(w, add(square(y), exp(y))) for w in given[::3]))), machine)


@machines
@elements
@pytest.mark.parametrize("shape", [(3, 5, 4, 7), (2, 6, 9), (3, 21), (2, 3, 2, 4, 5), (2, 1, 1, 40), (1, 17)], ids=str)
def test_in_contiguous_arrays(shape: Shape, machine: Machine, dtype: str) -> None:
    x, given = value(dtype, *shape), [value(dtype, *small) for small in repeated(shape)]
    check(Graph((x, *given), tuple(relu(multiply(x, sigmoid(w))) for w in given)), machine)


@machines
def test_both_operands(machine: Machine) -> None:
    rows, columns = value("float32", 3, 17, 1), value("float32", 3, 1, 19)
    check(Graph((rows, columns), (multiply(exp(rows), columns),)), machine)
