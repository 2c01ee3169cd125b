"""What an output depends on: nothing else changes it, and everything that is said to change it does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from table import CASES, Case, labels, winners

import knoll
from knoll import nn
from knoll.analysis import Trace, dependencies, trace
from knoll.analysis.run import Run
from knoll.errors import ArgumentError, KnollError
from knoll.graph import Array, evaluate
from knoll.nn import functional as F

RANDOM = np.random.default_rng(7)


def result_of(found: Trace) -> Callable[[Array], Array]:
    """The first output as a function of the first input, by the meaning of each operation."""
    graph = found.graph
    others = [found.tensors[value].detach().numpy() for value in graph.inputs]
    place = graph.inputs.index(found.inputs[0])

    def run(x: Array) -> Array:
        return evaluate(graph, [*others[:place], x, *others[place + 1 :]])[0]

    return run


def some_indices(shape: tuple[int, ...]) -> set[tuple[int, ...]]:
    corners = {(0,) * len(shape), tuple(size - 1 for size in shape)}
    return corners | {tuple(int(RANDOM.integers(size)) for size in shape) for _ in range(2)}


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("training", [False, True])
def test_nothing_else_changes_the_output(case: Case, training: bool) -> None:
    arrays = case.arrays("float64")
    found = trace(case.build("float64"), *arrays, training=training)
    run, x = result_of(found), arrays[0]
    y = run(x)
    for index in some_indices(y.shape):
        others = np.where(dependencies(found, index=index), x, np.flip(x))
        np.testing.assert_allclose(run(others)[index], y[index], rtol=1e-11, atol=1e-12)


def can_change(run: Callable[[Array], Array], x: Array, element: tuple[int, ...], index: tuple[int, ...]) -> bool:
    """Whether some number at this element makes another output."""
    for number in (0.3, -0.4, 0.05, 1.2, 1e3, -1e3):
        other = x.copy()
        other[element] = number
        if run(other)[index] != run(x)[index]:
            return True
    return False


CERTAIN = [
    case
    for case in CASES
    if not {labels, winners} & {*case.inputs}
    and "places" not in str(case.inputs)
    # Which windows lie over a pixel of a fold is not separable; which value is unpooled is said by its index, and where
    # the windows of a fractional pooling lie by the numbers that were drawn. Of a sum of distances no single number may
    # be large enough to break the margin.
    and not case.layer.startswith(("BCELoss", "Fold", "FractionalMaxPool2d", "MaxUnpool1d", "TripletMarginLoss(p=1"))
]


@pytest.mark.parametrize("case", CERTAIN, ids=str)
def test_everything_that_is_marked_can_change_the_output(case: Case) -> None:
    arrays = case.arrays("float64")
    found = trace(case.build("float64"), *arrays)
    run, x = result_of(found), arrays[0]
    for index in some_indices(found.outputs[0].spec.shape):
        marked = np.argwhere(dependencies(found, index=index))
        for element in RANDOM.permutation(marked)[:5]:
            assert can_change(run, x, tuple(map(int, element)), index), f"{element} does not change {index}"


def positive(layer: nn.Module) -> nn.Module:
    """The layer with weights that cancel nothing."""
    for parameter in layer.parameters():
        numbers = parameter.detach().numpy()
        numbers[...] = RANDOM.uniform(0.5, 1.5, numbers.shape)
    return layer.double()


def gradient_pattern(layer: nn.Module, shape: tuple[int, ...], index: tuple[int, ...]) -> Array:
    """Which elements the output's slope is not zero for, by the gradients of the operations."""
    run = Run(layer, RANDOM.uniform(0.5, 1.5, shape))
    return np.asarray(run.slopes(index)[run.input] != 0)


sizes = st.tuples(st.integers(1, 9), st.integers(1, 9))
few = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def windows(draw: st.DrawFn) -> nn.Module:
    """A layer whose slopes are its weights, with odd windows."""
    kernel, stride, dilation = draw(few), draw(few), draw(few)
    padding = draw(st.tuples(st.integers(0, 2), st.integers(0, 2)))
    groups = draw(st.sampled_from([1, 2]))
    kind = draw(st.sampled_from(["conv", "transposed", "average", "pad", "upsample", "adaptive", "shuffle"]))
    mode = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular"]))
    makers: dict[str, Callable[[], Any]] = {
        "conv": lambda: nn.Conv2d(4, 6, kernel, stride, padding, dilation, groups, padding_mode=mode),
        "transposed": lambda: nn.ConvTranspose2d(4, 6, kernel, stride, padding, 0, groups, dilation=dilation),
        "average": lambda: nn.AvgPool2d(kernel, stride, draw(st.integers(0, 1)), draw(st.booleans())),
        "pad": lambda: nn.ReplicationPad2d((padding[0], padding[1], 1, 0)),
        "upsample": lambda: nn.Upsample(scale_factor=draw(st.sampled_from([2, 3, 1.5])), mode="bilinear"),
        "adaptive": lambda: nn.AdaptiveAvgPool2d(kernel),
        "shuffle": lambda: nn.Sequential(nn.PixelShuffle(2), nn.Conv2d(1, 4, kernel), nn.ChannelShuffle(2)),
    }
    return nn.Sequential(makers[kind]())


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_marks_are_the_pattern_of_gradients(data: st.DataObject) -> None:
    shape = (2, 4, *data.draw(sizes))
    try:
        layer = positive(data.draw(windows()))
        found = trace(layer, np.ones(shape))
    except KnollError:
        assume(False)
    index = tuple(data.draw(st.integers(0, size - 1)) for size in found.outputs[0].spec.shape)
    assert (dependencies(found, index=index) == gradient_pattern(layer, shape, index)).all()


class Net(nn.Module):
    """Two ways, a concatenation, slices and a change of shape."""

    def __init__(self) -> None:
        super().__init__()
        self.wide = nn.Conv2d(2, 3, 3, padding=1, stride=2)
        self.narrow = nn.Conv2d(2, 1, 1)
        self.up = nn.ConvTranspose2d(3, 2, 2, stride=2)
        self.last = nn.Conv2d(3, 2, 3, padding=1)

    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        up = self.up(self.wide(x))
        y = self.last(knoll.cat([up, self.narrow(x)], 1)) + x[:, 1:]
        return F.avg_pool2d(y[:, :, 1:, ::2].transpose(2, 3), 2)


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_networks_of_several_ways(data: st.DataObject) -> None:
    net, shape = positive(Net()), (2, 2, 8, 10)
    found = trace(net, np.ones(shape))
    index = tuple(data.draw(st.integers(0, size - 1)) for size in found.outputs[0].spec.shape)
    assert (dependencies(found, index=index) == gradient_pattern(net, shape, index)).all()


def test_values_put_back_come_from_the_windows_over_their_place() -> None:
    class TransposedMap(nn.Module):
        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            y, places = F.max_pool2d(x, 2, return_indices=True)
            return F.max_unpool2d(y, places, 2)

    mask = dependencies(trace(TransposedMap(), (1, 6, 6)), index=(0, 0, 3, 4))
    assert np.argwhere(mask[0, 0]).tolist() == [[2, 4], [2, 5], [3, 4], [3, 5]]


def test_a_value_in_the_middle() -> None:
    found = trace(nn.Sequential(nn.Conv2d(1, 1, 3), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3)), (1, 16, 16))
    pooled = found.layers[1].outputs[0]
    assert dependencies(found, index=(0, 0, 0, 0), source=pooled).sum() == 9
    assert dependencies(found, pooled, (0, 0, 0, 0)).sum() == 16


def test_indices_that_are_known_are_followed() -> None:
    class Swapped(nn.Module):
        def forward(self, x: knoll.Tensor) -> knoll.Tensor:
            return x[:, [2, 0, 1], 1:]

    mask = dependencies(trace(Swapped(), (3, 2, 2)), index=(0, 0, 0, 1))
    assert np.argwhere(mask).tolist() == [[0, 2, 1, 1]]


def test_an_index_that_there_is_not() -> None:
    with pytest.raises(ArgumentError, match="no number at this index"):
        dependencies(trace(nn.ReLU(), (3, 2, 2)), index=(0, 3))
