"""What is said of a layer is true of it: each statement is compared with what the layer does."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from tests.explain.configurations import channels_of, convolutions, images, poolings, transposed, with_ones

from knoll import nn
from knoll.analysis import Cells, trace, unseen
from knoll.analysis.cell import Cell, Term
from knoll.analysis.run import Run
from knoll.draw.numerals import numerals
from knoll.errors import ArgumentError, KnollError
from knoll.explain import Explanation, explain
from knoll.explain.captions import caption
from knoll.explain.reading import read_layer
from knoll.graph import Array
from knoll.messages import Sentence
from knoll.nn import Module

every = settings(
    max_examples=settings.default.max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
Size = tuple[int, int]


def told(layer: Module, size: Size) -> tuple[Explanation, Array]:
    """The explanation of a layer for an image of ones, and what a layer of ones makes of it."""
    x = np.ones((1, channels_of(layer), *size), np.float32)
    with_ones(layer)
    try:
        return explain(layer, x.shape), Run(layer, x).result
    except KnollError:
        assume(False)
        raise


def sentences(found: Explanation) -> dict[str, dict[str, object]]:
    """All sentences of the introduction and of the arguments, by name, with their values."""
    notes = (each for note in found.parameters for each in (*note.words, *([note.trap] if note.trap else ())))
    return {each.id.removeprefix("explain."): dict(each.values) for each in (*found.introduction, *notes)}


def pair(value: int | Size) -> Size:
    return (value, value) if isinstance(value, int) else value


def taps(layer: Module, size: Size, found: Explanation, axis: int) -> list[list[int]]:
    """The places along an axis that each window reads, negative or beyond the end where it reads padding."""
    kernel, stride, apart = (
        pair(each)[axis] for each in (layer.kernel_size, layer.stride, getattr(layer, "dilation", 1))
    )
    span, before = apart * (kernel - 1) + 1, 0
    if layer.padding == "same":
        before = (span - 1) // 2
    elif layer.padding != "valid":
        before = pair(layer.padding)[axis]
    return [[i * stride - before + t * apart for t in range(kernel)] for i in range(found.outputs[0][1 + axis])]


@every
@example(nn.Conv2d(1, 1, 1, padding=1), (3, 3))
@example(nn.Conv2d(1, 1, 3), (3, 3))
@example(nn.Conv2d(1, 1, (2, 3), stride=(3, 1)), (8, 9))
@given(layer=convolutions(), size=images)
def test_what_padding_and_stride_of_a_convolution_do(layer: Module, size: Size) -> None:
    found, _ = told(layer, size)
    said = sentences(found)
    looks = [counted(taps(layer, size, found, axis), size[axis]) for axis in (0, 1)]
    inside = [without_padding(layer, size, axis) for axis in (0, 1)]
    if "padding_none" in said:
        uneven = any(max(each[0], each[-1]) < max(each) for each in looks)
        assert ("padding_none_border" in said) == uneven
    else:
        gains = any(own[end] > other[end] for own, other in zip(looks, inside, strict=True) for end in (0, -1))
        assert ("padding_border" in said) == gains
    check_skips(said, [taps(layer, size, found, axis) for axis in (0, 1)])
    assert found.sight is not None
    reaches = any(
        place not in range(size[axis])
        for axis in (0, 1)
        for window in taps(layer, size, found, axis)
        for place in window
    )
    assert found.sight.is_padded == reaches


def counted(windows: list[list[int]], size: int) -> list[int]:
    """How many windows read each place."""
    return [sum(window.count(place) for window in windows) for place in range(size)]


def without_padding(layer: Module, size: Size, axis: int) -> list[int]:
    """The same for windows that all lie inside."""
    kernel, stride, apart = (pair(each)[axis] for each in (layer.kernel_size, layer.stride, layer.dilation))
    starts = range(0, size[axis] - apart * (kernel - 1), stride)
    return counted([[start + t * apart for t in range(kernel)] for start in starts], size[axis])


def check_skips(said: dict[str, dict[str, object]], windows: list[list[list[int]]]) -> None:
    """The rows and columns between the first window and the next."""
    rows, columns = (max(each[1][0] - each[0][-1] - 1, 0) if len(each) > 1 else 0 for each in windows)
    values = said.get("stride_skips") or said.get("stride_skips_rows") or said.get("stride_skips_columns") or {}
    assert (values.get("rows", 0), values.get("columns", 0)) == (rows, columns)


@every
@example(nn.MaxPool2d(3, dilation=2), (9, 9))
@example(nn.AvgPool2d(3, 2, 1, ceil_mode=True), (6, 7))
@example(nn.MaxPool2d(2, ceil_mode=True), (5, 5))
@given(layer=poolings(), size=images)
def test_what_windows_of_a_pooling_hold(layer: Module, size: Size) -> None:
    found, _ = told(layer, size)
    said, windows = sentences(found), [taps(layer, size, found, axis) for axis in (0, 1)]
    counts = bool(getattr(layer, "count_include_pad", False))
    added = pair(layer.padding)
    fewer = any(
        place < 0 - counts * added[axis] or place >= size[axis] + counts * added[axis]
        for axis in (0, 1) for window in windows[axis] for place in window
    )  # fmt: skip
    if "max_pool_kernel" in said or "avg_pool_kernel" in said:
        assert bool({"pool_kernel_border", "pool_kernel_beyond"} & {*said}) == fewer
    if "pool_stride_default" in said:
        assert all(a[-1] + 1 == b[0] for each in windows for a, b in pairwise(each))
    overlap = said.get("pool_overlap") or said.get("pool_overlap_rows") or said.get("pool_overlap_columns") or {}
    for each, name in zip(windows, ("rows", "columns"), strict=True):
        if len(each) > 1:
            assert overlap.get(name, 0) == len({*each[0]} & {*each[1]})
    check_skips(said, windows)


@every
@example(nn.ConvTranspose2d(1, 1, 2, stride=3, output_padding=1), (2, 2))
@example(nn.ConvTranspose2d(1, 1, 2, stride=2, dilation=2), (3, 3))
@example(nn.ConvTranspose2d(1, 1, 3, stride=1, dilation=2, output_padding=1), (3, 3))
@given(layer=transposed(), size=images)
def test_what_a_transposed_convolution_reaches(layer: Module, size: Size) -> None:
    found, result = told(layer, size)
    said = sentences(found)
    assume(result.size)
    unreached = bool((result == 1.0).any())  # the bias alone: all weights and inputs are one
    assert bool({"transposed_gaps", "transposed_gaps_zero"} & {*said}) == unreached
    rows, columns = layer.output_padding
    if "output_padding_is_not_zero" in said:
        assert (result[..., result.shape[2] - rows :, :].max(axis=3) > 1.0).all()
        assert (result[..., result.shape[3] - columns :].max(axis=2) > 1.0).all()
    if "conv_transpose_inverse" in said:
        back = nn.Conv2d(1, 1, layer.kernel_size, layer.stride, layer.padding, layer.dilation)
        assert Run(back, np.ones((1, 1, *result.shape[2:]), np.float32)).result.shape[2:] == size
    assert found.sight is None or not found.sight.is_padded


@pytest.mark.parametrize(
    "layer",
    [
        "Upsample(scale_factor=2.7, mode='bilinear')",
        "PixelShuffle(2)",
        "PixelUnshuffle(2)",
        "AdaptiveAvgPool2d(3)",
        "ZeroPad2d(1)",
        "MaxPool2d(3, ceil_mode=True)",
    ],
)
def test_only_what_pads_has_padding_in_its_receptive_field(layer: str) -> None:
    found = explain(read_layer(layer), (4, 4, 4))
    for language, word in (("en", "padding included"), ("zh", "含填充")):
        assert word not in found.document().text(80, language)


def test_where_numbers_only_move_each_looks_at_one_pixel() -> None:
    found = explain(nn.PixelUnshuffle(2), (1, 4, 4)).sight
    assert found is not None
    assert (found.field, found.stride) == ((1, 1), ("2", "2"))
    assert explain(nn.Linear(4, 2), (3, 5, 4)).sight is None


def test_a_stride_that_is_no_short_fraction_is_a_decimal() -> None:
    found = explain(nn.Upsample(scale_factor=2.7, mode="bilinear"), (1, 4, 4))
    assert found.sight is not None
    assert found.sight.stride == ("0.37", "0.37")
    assert "on average" in found.text("en")


@pytest.mark.parametrize(
    ("layer", "names"),
    [
        (nn.Conv2d(1, 1, 3), ("weight", "bias")),
        (nn.Conv2d(1, 1, 3, bias=False), ("weight",)),
        (nn.BatchNorm2d(2, affine=False), ("running_mean", "running_var")),
        (nn.PReLU(), ("weight",)),
    ],
)
def test_a_type_is_that_of_what_the_layer_keeps(layer: Module, names: tuple[str, ...]) -> None:
    words = next(note for note in explain(layer).parameters if note.name == "dtype").words
    assert dict(words[0].values)["names"] == names
    stateless = nn.BatchNorm2d(2, affine=False, track_running_stats=False)
    unused = next(note for note in explain(stateless).parameters if note.name == "dtype").words
    assert unused[0].id == "explain.dtype_unused"


# Captions


@given(values=st.lists(st.floats(-20, 20), min_size=2, max_size=9), bias=st.floats(-2, 2))
def test_a_sum_is_written_with_the_decimals_that_it_needs(values: list[float], bias: float) -> None:
    terms = tuple(Term((0, i), value, 0.5, (0, i)) for i, value in enumerate(values))
    cell = Cell((0, 0), "sum", terms, sum(term.product for term in terms) + bias, bias)
    text = str(dict(caption(cell).values)["sum"])
    result = str(dict(caption(cell).values)["result"])
    added = [worth(part) for part in parts(text)]
    decimals = max((len(each) for each in re.findall(r"\.(\d+)", f"{text} {result}")), default=0)
    if "e" not in text + result:
        assert abs(sum(added) - worth(result)) <= (len(values) + 2) * 10.0**-decimals
        assert abs(cell.result - worth(result)) <= 0.5001 * 10.0**-decimals


def parts(text: str) -> Iterator[str]:
    yield from re.sub(r" − ", " + −", text).split(" + ")


def worth(text: str) -> float:
    product = 1.0
    for factor in text.replace("−", "-").replace("(", "").replace(")", "").split("·"):
        product *= float(factor)
    return product


@pytest.mark.parametrize(
    ("numbers", "texts"),
    [
        ((2.8315, -0.004, 2.8275), ["2.832", "−0.004", "2.828"]),
        ((12.345, 3.08625), ["12.35", "3.09"]),
        ((3.0, 0.5), ["3", "0.5"]),
        ((2.83, 1e-5), ["2.83", "1e−05"]),
    ],
)
def test_numbers_of_one_formula_have_the_same_decimals(numbers: tuple[float, ...], texts: list[str]) -> None:
    assert numerals(*numbers) == texts


@pytest.mark.parametrize(
    ("layer", "index", "text"),
    [
        (
            nn.ConvTranspose2d(1, 1, 2, stride=3, bias=False),
            (0, 0, 2, 2),
            "output[0, 2, 2] = 0: no number of the input",
        ),
        (nn.ConvTranspose2d(1, 1, 2, stride=3), (0, 0, 2, 2), "output[0, 2, 2] = 1, the bias alone"),
        (nn.Upsample(scale_factor=2.0, mode="bilinear"), (0, 0, 0, 0), "output[0, 0, 0] = input[0, 0, 0] = 3"),
        (nn.AvgPool2d(2, divisor_override=1), (0, 0, 0, 0), "output[0, 0, 0] = 3 + 3 + 3 + 3 = 12"),
        (nn.AvgPool2d(2), (0, 0, 0, 0), "output[0, 0, 0] = (3 + 3 + 3 + 3) / 4 = 12 / 4 = 3"),
    ],
    ids=str,
)
def test_what_is_said_of_one_number(layer: Module, index: tuple[int, ...], text: str) -> None:
    cells = Cells(with_ones(layer), np.full((1, 1, 3, 3), 3.0, np.float32))
    found = caption(cells.cell(index))
    assert isinstance(found, Sentence)
    assert found.text("en").startswith(text)


@pytest.mark.parametrize(
    ("layer", "told"),
    [
        (nn.MaxPool1d(3), "the last element (9, counted from 0)"),
        (nn.AvgPool1d(4), "the last 2 elements (8–9, counted from 0)"),
        (nn.LPPool1d(2, 3), "the last element (9, counted from 0)"),
        (nn.Conv1d(2, 4, 3, stride=2), "the last element (9, counted from 0)"),
        (nn.MaxPool1d(2), ""),
        (nn.MaxPool1d(3, ceil_mode=True), ""),
        (nn.Conv1d(2, 4, 3, padding="same"), ""),
        (nn.Conv1d(2, 4, 3, stride=2, padding=1), ""),
    ],
    ids=str,
)
def test_the_end_of_a_sequence_that_nothing_looks_at_is_told(layer: nn.Module, told: str) -> None:
    _, columns = unseen(trace(layer, (2, 10)))
    assert bool(columns.dropped) == bool(told)
    text = " ".join(str(layer.explain((2, 10))).split())
    assert ("Nothing looks at" in text) == bool(told)
    assert told in text


@pytest.mark.parametrize("layer", [nn.LPPool2d(2, 3), nn.LPPool1d(2, 3)], ids=str)
def test_the_formula_of_a_layer_without_padding_names_none(layer: nn.Module) -> None:
    text = str(layer.explain((1, 7, 7) if isinstance(layer, nn.LPPool2d) else (1, 7)))
    assert "− kernel_size) / stride⌋ + 1" in text
    assert "padding" not in text


@pytest.mark.parametrize(
    ("text", "told"), [("LSTM(3, 4)", "no recurrent layers"), ("nn.Conv3d(1, 1, 3)", "the layer for images")]
)
def test_a_layer_that_is_absent_is_told_as_the_layer_tells_it(text: str, told: str) -> None:
    with pytest.raises(ArgumentError, match="is not there") as refused:
        read_layer(text)
    assert told in str(refused.value)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_windows_overlap_where_both_read_the_same_rows(kernel: int, stride: int, dilation: int) -> None:
    layer = nn.MaxPool2d((kernel, 1), stride=(stride, 1), dilation=(dilation, 1))
    first = {tap * dilation for tap in range(kernel)}
    shared = len(first & {stride + row for row in first})
    told = " ".join(str(layer.explain((1, 40, 4))).split())
    told_rows = f"each shares {shared} row{'' if shared == 1 else 's'} with the next one below."
    assert (f"Windows overlap: {told_rows}" in told) if shared else ("Windows overlap" not in told)
