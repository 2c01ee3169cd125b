"""Steps with any number of arguments: long fused epilogues, and blocks in which every layer reads all before it."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

import numpy as np
import pytest

import knoll
from against_meaning import arrays_for, check, close, machines, same_with_any_threads, value
from knoll import nn
from knoll.graph import Array, Graph, Value
from knoll.machine import Machine, host
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, multiply
from knoll.ops.shapes.reshape import concatenate, split
from knoll.plan.fusion.elementwise_fusion import MAX_OPERANDS
from knoll.run.build import build
from knoll.run.reference import ReferenceProgram

CONVOLUTION = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}


def convolution(x: Value, weights: Value) -> Value:
    return conv2d(x, weights, **CONVOLUTION)


def chain(count: int) -> Graph:
    """A convolution whose result meets `count` more operands, sums and products by turns."""
    inputs = [value("float32", 2, 8, 5, 5), value("float32", 8, 8, 1, 1)]
    operands = [value("float32", 2, 8, 5, 5) for _ in range(count)]
    y = convolution(*inputs)
    for number, operand in enumerate(operands):
        y = (add if number % 2 else multiply)(y, operand)
    return Graph((*inputs, *operands), (y,))


def dense(count: int) -> Graph:
    """A dense block: each convolution reads the concatenation of all results before it."""
    inputs = [value("float32", 2, 8, 3, 3)]
    weights = [value("float32", 1, 8 + number, 1, 1) for number in range(count)]
    features = inputs[:]
    for each in weights:
        features.append(convolution(concatenate(*features, axis=1), each))
    return Graph((*inputs, *weights), (concatenate(*features, axis=1),))


def joined(count: int) -> Graph:
    """The concatenation of many convolutions of one input."""
    x, weights = value("float32", 2, 8, 3, 3), [value("float32", 1, 8, 1, 1) for _ in range(count)]
    return Graph((x, *weights), (concatenate(*(convolution(x, each) for each in weights), axis=1),))


def parted(count: int) -> Graph:
    """The sum of the parts of one convolution."""
    x, weights = value("float32", 2, 8, 3, 3), value("float32", count, 8, 1, 1)
    y = convolution(x, weights)
    return Graph((x, weights), (reduce(add, split.node(y, axis=1, sizes=(1,) * count).outputs),))


@machines
@pytest.mark.parametrize(("graph", "count"), [(chain, 15), (chain, 64), (dense, 18), (joined, 64), (parted, 64)])
def test_a_step_may_have_any_number_of_arguments(graph: Callable[[int], Graph], count: int, machine: Machine) -> None:
    made = graph(count)
    # Operands near one keep a product of many of them near one.
    arrays = [
        1 + a / 16 if v.spec.shape == (2, 8, 5, 5) else a for v, a in zip(made.inputs, arrays_for(made), strict=True)
    ]
    check(made, machine, [a.astype(np.float32) for a in arrays])


def test_no_step_has_so_many_operands_that_its_stack_would_grow_with_them() -> None:
    program = check(chain(150), host(), [np.ones(v.spec.shape, np.float32) / 8 for v in chain(150).inputs])
    assert max(len(step.buffers) for phase in program.plan.forward for step in phase.steps) <= MAX_OPERANDS + 4


def test_blocks_of_200_concatenated_layers_are_right_with_any_number_of_threads() -> None:
    made = joined(200)
    arrays, (truth,) = arrays_for(made), ReferenceProgram(made).forward(arrays_for(made))[0]
    program = build(made, (), host())
    close(same_with_any_threads(lambda: program.forward(arrays)[0])[0], truth)


class PartitionedProgram(nn.Module):
    """A convolution and many more operands."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)

    def forward(self, x: knoll.Tensor, *operands: knoll.Tensor) -> knoll.Tensor:
        return reduce(lambda y, operand: y + operand, operands, self.conv(x))


def test_bound_programs_take_any_number_of_operands() -> None:
    net, x = PartitionedProgram(), knoll.randn(2, 3, 4, 4)
    operands = [knoll.randn(2, 4, 4, 4) for _ in range(64)]
    arrays: list[Array] = [operand.numpy() for operand in operands]
    meant = reduce(lambda y, operand: y + operand, arrays, net.conv(x).detach().numpy())
    np.testing.assert_array_equal(net(x, *operands).detach().numpy(), meant)
    np.testing.assert_array_equal(knoll.compile(net, x, *operands)(x.numpy(), *arrays), meant)
