"""What numbers are made of: the terms give the number again, and gradients go where autograd brings them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from backends import built, in_numpy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from table import CASES, Case

import knoll
from knoll import nn
from knoll.analysis import Cell, Cells, Term, cell_of, dependencies, spread_of
from knoll.errors import ArgumentError, KnollError
from knoll.graph import Array

RANDOM = np.random.default_rng(9)


def some_indices(shape: tuple[int, ...]) -> set[tuple[int, ...]]:
    corners = {(0,) * len(shape), tuple(size - 1 for size in shape)}
    return corners | {tuple(int(RANDOM.integers(size)) for size in shape) for _ in range(2)}


def check_cell(cell: Cell, cells: Cells) -> None:
    """The terms give the result, and are those elements of the input that the result depends on."""
    assert cell.recomputed() == pytest.approx(cell.result, rel=1e-11, abs=1e-12, nan_ok=True)
    x = cells.array(cells.input)
    sources = [term.source for term in cell.terms if term.source is not None]
    if not cell.of_losses:
        assert all(x[source] == term.value for term in cell.terms if (source := term.source) is not None)
    if isinstance(cells.layer, (nn.Fold, nn.FractionalMaxPool2d)):
        check_influence(cell, cells, set(sources))
    elif not cell.of_losses and cell.rule not in ("copy", "normalise"):
        marked = set(map(tuple, np.argwhere(dependencies(cells.trace, index=cell.index)).tolist()))
        assert set(sources) == marked
    for term in (term for term in cell.terms if term.weight is not None):
        weight = next(parameter for parameter in cells.layer.parameters() if parameter.ndim > 1)
        assert weight.detach().numpy()[term.weight] == term.factor


def check_influence(cell: Cell, cells: Cells, sources: set[tuple[int, ...]]) -> None:
    """A number changes with those elements, each by itself, and with no other: what is read is not separable there."""
    x = cells.array(cells.input)
    others = {tuple(int(RANDOM.integers(size)) for size in x.shape) for _ in range(8)}
    for place in sources | others:
        changed = x.copy()
        changed[place] += 1e3
        knoll.manual_seed(5)
        assert (Cells(cells.layer, changed).result[cell.index] != cell.result) == (place in sources)


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("training", [False, True])
def test_terms_give_the_number_and_gradients_go_where_autograd_brings_them(case: Case, training: bool) -> None:
    layer, arrays = case.build("float64").train(training), case.arrays("float64")
    knoll.manual_seed(5)
    cells = Cells(layer, *arrays)
    knoll.manual_seed(5)
    x = knoll.tensor(arrays[0], requires_grad=arrays[0].dtype.kind == "f")
    with built(in_numpy):  # autograd by the meaning of the operations; their kernels have tests of their own
        y = layer(x, *map(knoll.tensor, arrays[1:]))
        y = y[0] if isinstance(y, tuple) else y
        np.testing.assert_allclose(cells.result, y.detach().numpy(), rtol=1e-9, atol=1e-11)
        for index in some_indices(y.shape):
            check_cell(cells.cell(index), cells)
            check_spread(cells, index, layer, x, y)


def check_spread(cells: Cells, index: tuple[int, ...], layer: nn.Module, x: Any, y: Any) -> None:
    """One number's gradient, against autograd."""
    learned = {"": x} | dict(layer.named_parameters()) if x.requires_grad else dict(layer.named_parameters())
    wanted = knoll.autograd.grad(3.0 * y[index], [*learned.values()], retain_graph=True, allow_unused=True)
    spread = cells.spread(index, 3.0)
    found = {"": spread.inputs, **spread.parameters}
    for (name, tensor), slope in zip(learned.items(), wanted, strict=True):
        dense = np.zeros(tensor.shape)
        for share in found.get(name, ()):
            dense[share.index] = share.amount
            assert share.amount == 3.0 * share.factor
        expected = np.zeros(tensor.shape) if slope is None else slope.numpy()
        np.testing.assert_allclose(dense, expected, rtol=1e-8, atol=1e-10, err_msg=name)


few = st.tuples(st.integers(1, 3), st.integers(1, 3))
divisors = st.sampled_from([None, 5, -2])
ends = st.tuples(st.integers(0, 2), st.integers(0, 2))


@st.composite
def odd_layers(draw: st.DrawFn) -> nn.Module:
    kernel, stride, dilation, padding = draw(few), draw(few), draw(few), draw(ends)
    groups, flag, other = draw(st.sampled_from([1, 2, 4])), draw(st.booleans()), draw(st.booleans())
    mode = draw(st.sampled_from(["zeros", "reflect", "replicate", "circular", "symmetric"]))
    makers: list[Callable[[], Any]] = [
        lambda: nn.Conv2d(4, 8, kernel, stride, padding, dilation, groups, flag, mode),
        lambda: nn.ConvTranspose2d(4, 8, kernel, stride, padding, draw(st.integers(0, 1)), groups, flag, dilation),
        lambda: nn.MaxPool2d(kernel, stride, draw(st.integers(0, 1)), dilation, ceil_mode=flag),
        lambda: nn.AvgPool2d(kernel, stride, draw(st.integers(0, 1)), flag, other, draw(divisors)),
        lambda: nn.AdaptiveAvgPool2d(kernel),
        lambda: nn.AdaptiveMaxPool2d(kernel),
        lambda: nn.Upsample(scale_factor=draw(st.sampled_from([2, 1.5, 0.7])), mode="bilinear", align_corners=flag),
        lambda: nn.Upsample(size=kernel, mode="nearest"),
        lambda: nn.ConstantPad2d((1, 0, -1, 2), 3.5),
    ]
    try:
        return nn.Sequential(draw(st.sampled_from(makers))()).double()
    except KnollError:
        assume(False)
        raise


@given(odd_layers(), st.tuples(st.integers(1, 7), st.integers(1, 7)), st.data())
@settings(max_examples=50, deadline=None)
def test_odd_windows(layer: nn.Module, size: tuple[int, int], data: st.DataObject) -> None:
    x = knoll.tensor(RANDOM.standard_normal((2, 4, *size)), requires_grad=True)
    try:
        y = layer(x)
    except KnollError:
        assume(False)
    cells = Cells(layer, x.detach().numpy())
    assume(y.numel())
    index = tuple(data.draw(st.integers(0, size - 1)) for size in y.shape)
    assert cells.number(cells.output, index) == pytest.approx(float(y[index].detach()), rel=1e-9, abs=1e-11)
    check_cell(cells.cell(index), cells)
    check_spread(cells, index, layer, x, y)


def image(h: int, w: int, c: int = 1) -> Array:
    return np.arange(1.0, c * h * w + 1).reshape(1, c, h, w)


def test_each_weight_of_a_convolution_and_the_padding() -> None:
    layer = nn.Conv2d(1, 1, 2, padding=1).double()
    cell = cell_of(layer, image(2, 2), (0, 0, 0, 1))
    assert [(term.source, term.value, term.weight) for term in cell.terms] == [
        (None, 0.0, (0, 0, 0, 0)),
        (None, 0.0, (0, 0, 0, 1)),
        ((0, 0, 0, 0), 1.0, (0, 0, 1, 0)),
        ((0, 0, 0, 1), 2.0, (0, 0, 1, 1)),
    ]
    assert (cell.rule, cell.bias) == ("sum", layer.bias.detach().numpy()[0])


def test_a_padding_of_copies_names_the_pixel_that_is_copied() -> None:
    cell = cell_of(nn.Conv2d(1, 1, 3, padding=1, padding_mode="reflect").double(), image(3, 3), (0, 0, 0, 0))
    assert [term.value for term in cell.terms] == [5, 4, 5, 2, 1, 2, 5, 4, 5]
    assert cell.terms[0].source == cell.terms[2].source == (0, 0, 1, 1)


def test_which_inputs_reach_an_output_of_a_transposed_convolution() -> None:
    layer = nn.ConvTranspose2d(1, 1, 3, stride=2).double()
    cell = cell_of(layer, image(2, 2), (0, 0, 2, 1))
    assert [(term.source, term.weight) for term in cell.terms] == [
        ((0, 0, 0, 0), (0, 0, 2, 1)),
        ((0, 0, 1, 0), (0, 0, 0, 1)),
    ]


@pytest.mark.parametrize(
    ("layer", "divisor", "count"),
    [
        (nn.AvgPool2d(2, padding=1), 4, 4),
        (nn.AvgPool2d(2, padding=1, count_include_pad=False), 1, 1),
        (nn.AvgPool2d(2, padding=1, divisor_override=3), 3, 4),
    ],
    ids=str,
)
def test_what_a_mean_is_divided_by(layer: nn.Module, divisor: int, count: int) -> None:
    cell = cell_of(layer, image(3, 3), (0, 0, 0, 0))
    assert (cell.rule, cell.divisor, len(cell.terms)) == ("mean", divisor, count)


def test_what_hangs_over_counts_for_nothing() -> None:
    cell = cell_of(nn.AvgPool2d(2, ceil_mode=True), image(3, 3), (0, 0, 1, 1))
    assert (cell.divisor, [term.value for term in cell.terms], cell.result) == (1, [9], 9)


def test_who_wins_a_window() -> None:
    cell = cell_of(nn.MaxPool2d(3, 2, 1), -image(3, 3), (0, 0, 0, 0))
    assert cell.chosen is not None
    assert cell.terms[cell.chosen] == Term((0, 0, 0, 0), -1.0)
    assert [term.value for term in cell.terms].count(-math.inf) == 5


def test_values_that_are_put_back() -> None:
    indices = np.array([[[[5, 5]]]])
    cells = Cells(nn.MaxUnpool2d(2), np.array([[[[7.0, 8.0]]]]), indices)
    assert cells.cell((0, 0, 1, 1)).terms == (Term((0, 0, 0, 1), 8.0),)
    assert (cells.cell((0, 0, 0, 0)).terms, cells.cell((0, 0, 0, 0)).result) == ((), 0.0)


def test_batch_normalisation_by_the_batch_and_by_what_was_remembered() -> None:
    layer, x = nn.BatchNorm2d(1, eps=0.5).double(), image(2, 2)
    trained, used = Cells(layer.train(), x).cell((0, 0, 0, 0)), Cells(layer.eval(), x).cell((0, 0, 0, 0))
    assert trained.normalisation is not None
    assert (trained.normalisation.mean, trained.normalisation.variance) == (2.5, 1.25)
    assert used.normalisation is not None
    assert (used.normalisation.mean, used.normalisation.variance, used.normalisation.epsilon) == (0.0, 1.0, 0.5)
    assert layer.num_batches_tracked == 0


def test_an_activation_has_its_slope() -> None:
    cell = cell_of(nn.LeakyReLU(0.25), np.array([[-2.0, 4.0]]), (0, 0))
    assert cell.terms == (Term((0, 0), -2.0, 0.25),)
    assert (cell.rule, cell.result) == ("function", -0.5)


def test_dropout_keeps_or_drops() -> None:
    cells = Cells(nn.Dropout(0.5), np.ones((1, 20)), training=True)
    every = [cells.cell((0, i)) for i in range(20)]
    assert {(cell.rule, cell.terms[0].factor, cell.result) for cell in every} == {("scale", 0, 0), ("scale", 2, 2)}


def test_where_a_shuffled_number_came_from() -> None:
    cell = cell_of(nn.PixelShuffle(2), image(2, 2, 4), (0, 0, 1, 2))
    assert (cell.rule, cell.terms) == ("copy", (Term((0, 2, 0, 1), 10.0),))


def test_a_loss_by_samples() -> None:
    x, labels = RANDOM.standard_normal((3, 4)), np.array([0, 1, 1])
    mean = cell_of(nn.CrossEntropyLoss(knoll.tensor([2.0, 1.0, 1.0, 1.0]).double()), [x, labels], ())
    each = cell_of(nn.CrossEntropyLoss(reduction="none"), [x, labels], (0,))
    assert (mean.rule, mean.divisor, mean.of_losses) == ("mean", 4, True)
    assert mean.terms[0] == Term((0,), pytest.approx(2 * each.result))
    assert [term.source for term in each.terms] == [(0, c) for c in range(4)]


def test_losers_get_no_gradient() -> None:
    spread = spread_of(nn.MaxPool2d(2), image(2, 2), 5.0, (0, 0, 0, 0))
    assert [share.amount for share in spread.inputs] == [0, 0, 0, 5]


@pytest.mark.parametrize("index", [(0, 0, 2, 0), (0, 0, 0), (0, 0, -3, 0)])
def test_an_index_that_there_is_not(index: tuple[int, ...]) -> None:
    with pytest.raises(ArgumentError, match="no number at this index"):
        cell_of(nn.MaxPool2d(2), image(4, 4), index)
    assert cell_of(nn.MaxPool2d(2), image(4, 4), (0, 0, -1, -1)).index == (0, 0, 1, 1)
