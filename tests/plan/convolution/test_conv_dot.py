"""Which convolutions with few output channels have lanes along input channels."""

from __future__ import annotations

import pytest

from knoll.graph import Graph
from knoll.kernels.convolution.dot_convolution import DotConvolution
from knoll.ops.convolution.conv import conv2d
from knoll.ops.convolution.conv_transpose import conv_transpose2d
from knoll.ops.elementwise.arithmetic import exp
from planned import SLIDE, plan_of, steps_of, value


def dots(graph: Graph) -> int:
    """The steps with lanes along input channels."""
    return sum(isinstance(step.kernel, DotConvolution) for step in steps_of(plan_of(graph)))


@pytest.mark.parametrize(
    ("c", "k", "r", "size", "used"),
    [
        (64, 1, 3, 32, True),
        (64, 3, 3, 32, True),
        (64, 3, 9, 32, True),
        (64, 1, 1, 32, True),
        (64, 8, 3, 32, False),  # half a vector is full
        (64, 4, 1, 32, False),  # sums take as long to join
        (3, 3, 3, 32, False),  # few lanes would count
        (64, 4, 1, 1, False),  # a single pixel
    ],
)
def test_where_it_pays_and_nowhere_else(c: int, k: int, r: int, size: int, used: bool) -> None:
    x, w = value(2, c, size, size), value(k, c, r, r)
    padding = ((r // 2, r // 2),) * 2
    assert dots(Graph((x, w), (conv2d(exp(x), w, **SLIDE | {"padding": padding}),))) == used


@pytest.mark.parametrize(("size", "used"), [((32, 32), 1), ((33, 32), 2)])
def test_transposed_convolutions_have_a_step_for_each_size_of_component(size: tuple[int, int], used: int) -> None:
    dy, w = value(2, 64, 16, 16), value(64, 3, 4, 4)
    y = conv_transpose2d(dy, w, **SLIDE | {"stride": (2, 2), "size": size})
    assert dots(Graph((dy, w), (y,))) == used


def test_groups_and_inputs_that_are_read_plain_are_left_alone() -> None:
    x, w = value(2, 64, 32, 32), value(4, 16, 3, 3)
    assert not dots(Graph((x, w), (conv2d(exp(x), w, **SLIDE | {"groups": 4}),)))
    single = value(1, 64, 1, 1)
    assert not dots(Graph((x, single), (conv2d(x, single, **SLIDE | {"padding": ((0, 0), (0, 0))}),)))
