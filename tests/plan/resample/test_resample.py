"""Padding stays where it is if only a halo changes; else it is a pass of its own. Images of one channel lie plain."""

from __future__ import annotations

import pytest

from against_meaning import check_twice, value
from knoll.graph import Graph, Value, Window
from knoll.machine import host
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.convolution.conv import conv2d
from knoll.ops.elementwise.arithmetic import add, exp, multiply
from knoll.ops.pooling.max_pool import max_pool2d
from knoll.ops.resample.axes import PADDINGS, SAME, Average, Axis, Linear, Padded
from knoll.ops.resample.resample import resample2d
from knoll.ops.shapes.reshape import reshape


def padded(x: Value, mode: str, rows: tuple[int, int], columns: tuple[int, int]) -> Value:
    return resample2d(x, rows=Padded(*rows, mode), columns=Padded(*columns, mode))


def convolved(x: Value, w: Value, padding: int = 0, groups: int = 1) -> Value:
    return conv2d(x, w, stride=(1, 1), padding=((padding, padding),) * 2, dilation=(1, 1), groups=groups)


@pytest.mark.parametrize("mode", PADDINGS)
@pytest.mark.parametrize("groups", [1, 2, 16])
def test_before_groups(mode: str, groups: int) -> None:
    x, v, w = value("float32", 3, 4, 7, 6), value("float32", 16, 4, 1, 1), value("float32", 32, 16 // groups, 3, 3)
    plan = check_twice(
        Graph((x, v, w), (convolved(padded(convolved(x, v), mode, (2, 1), (0, 3)), w, groups=groups),)), host()
    )
    assert "resample2d_" not in plan
    assert ("fill_halo" in plan) == (mode != "constant")
    assert "fold_halo" in plan


@pytest.mark.parametrize("mode", PADDINGS)
def test_what_is_padded_is_read_elsewhere_too(mode: str) -> None:
    x, v, w, u = (value("float32", *s) for s in ((2, 3, 6, 6), (17, 3, 3, 3), (17, 17, 3, 3), (17, 17, 3, 3)))
    y = convolved(x, v, padding=1)
    once, again = padded(y, mode, (1, 1), (1, 1)), padded(y, mode, (2, 2), (2, 2))
    outputs = (
        add(convolved(once, w), y),  # y itself
        convolved(y, u, padding=1),  # y with zeros around it
        max_pool2d(once, kernel=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), ceil=False),
        convolved(once, u, padding=1),  # what is padded, with zeros around that
        relu(again),
        once,
    )
    check_twice(Graph((x, v, w, u), outputs), host())
    for output in outputs:
        check_twice(Graph((x, v, w, u), (output, y)), host())


@pytest.mark.parametrize("mode", PADDINGS)
def test_padding_of_padding_and_of_nothing_else(mode: str) -> None:
    x = value("float64", 2, 19, 5, 6)
    check_twice(Graph((x,), (padded(padded(x, mode, (1, 2), (0, 3)), mode, (2, 0), (1, 1)),)), host())
    check_twice(Graph((x,), (padded(x, mode, (0, 4), (5, 0)),)), host())
    plan = check_twice(Graph((x,), (padded(x, mode, (-1, 2), (0, 3)),)), host())
    assert "resample2d_" in plan


def test_wide_padding_is_written_elsewhere() -> None:
    x = value("float32", 2, 19, 5, 6)
    assert "resample2d_" in check_twice(Graph((x,), (padded(x, "replicate", (30, 30), (0, 1)),)), host())


@pytest.mark.parametrize("rows", [Average(Window(3, before=1, after=1)), Average(Window(2, 2)), Linear(9), Linear(3)])
def test_images_of_one_channel_lie_plain(rows: Axis) -> None:
    """Between elementwise operations, and in backward too."""
    for columns in (SAME, Average(Window(2, 2))):
        x = value("float64", 5, 1, 7, 40)
        graph = Graph((x,), (exp(resample2d(multiply(x, x), rows=rows, columns=columns)),))
        assert "reorder" not in check_twice(graph, host())


def test_one_channel_beside_others() -> None:
    """Between convolutions, read twice, and reshaped from several channels."""
    x, v, w = value("float64", 3, 2, 6, 8), value("float64", 1, 2, 3, 3), value("float64", 4, 1, 3, 3)
    window = Average(Window(3, before=1, after=1))
    y = resample2d(convolved(x, v, 1), rows=window, columns=window)
    check_twice(Graph((x, v, w), (convolved(y, w, 1), y)), host())
    planes = reshape(x, shape=(3, 1, 2, 48))
    means = resample2d(planes, rows=window, columns=SAME)
    check_twice(Graph((x, v), (convolved(reshape(means, shape=(3, 2, 6, 8)), v), multiply(means, planes))), host())
