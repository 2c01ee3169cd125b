"""Numbers in explanations are what running the layer gives, odd configurations first."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from tests.explain.configurations import (
    channels_of,
    convolutions,
    images,
    others,
    plurals_of_one,
    poolings,
    transposed,
    with_ones,
)

from knoll import nn
from knoll.analysis import variant
from knoll.analysis.run import Run
from knoll.errors import KnollError
from knoll.explain import Explanation, explain
from knoll.explain.parts import SizeStep
from knoll.explain.words.border import bordered
from knoll.graph import Array
from knoll.messages import LANGUAGES
from knoll.nn import Module

pytestmark = pytest.mark.hypothesis


@settings(
    max_examples=settings.default.max_examples // 2,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@example(nn.MaxPool2d(2, 2, 1, ceil_mode=True), (3, 5))  # the window that rounding up adds begins in the padding
@example(nn.Conv2d(1, 1, 2, stride=3), (7, 5))
@example(nn.Conv2d(1, 1, (2, 4), padding="same"), (5, 6))
@example(nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False), (6, 4))
@given(layer=st.one_of(convolutions(), poolings(), transposed(), others()), size=images)
def test_numbers_are_those_of_the_layer(layer: Module, size: tuple[int, int]) -> None:
    x = np.arange(1.0, channels_of(layer) * math.prod(size) + 1, dtype=np.float32)
    x = x.reshape(1, channels_of(layer), *size)
    with_ones(layer)
    try:
        run = Run(layer, x)
    except KnollError:
        assume(False)
    found = explain(layer, x)
    assert found.outputs[0] == run.result.shape[1:]
    assert [step.result for step in found.sizes] == [*run.result.shape[1:]][-len(found.sizes) :]
    for step in found.sizes:
        check_lines(step)
    check_unseen(found, layer, x)
    check_reasons(found, layer, x)
    check_ceil(found, layer, x)
    if found.worked is not None:
        assert dict(found.worked.values)["result"] is not None
    for language in LANGUAGES:
        assert not plurals_of_one(found.text(language))


def check_lines(step: SizeStep) -> None:
    """Every line with numbers is worth the result, but for one that is corrected by the next."""
    values = [worth(line.partition("=")[2]) for line in step.lines[1:] if line.startswith("=")]
    corrected = [line for line in step.lines if re.match(r"\d+ − 1 = ", line)]
    assert {*values} <= {step.result + len(corrected)}


def worth(text: str) -> int:
    for letters, python in (("⌊", "floor("), ("⌋", ")"), ("⌈", "ceil("), ("⌉", ")"), ("·", "*"), ("−", "-")):
        text = text.replace(letters, python)
    return int(eval(text, {"floor": math.floor, "ceil": math.ceil}))  # noqa: S307 (a formula of our own)


def check_unseen(found: Explanation, layer: Module, x: Array) -> None:
    """A row is looked at exactly if a NaN in it reaches the output."""
    if found.sight is None or isinstance(layer, nn.AdaptiveMaxPool2d | nn.MaxPool2d):
        return
    for axis, told in ((2, found.sight.rows), (3, found.sight.columns)):
        for place in range(x.shape[axis]):
            marked = x.copy()
            np.moveaxis(marked, axis, 0)[place] = np.nan
            is_seen = bool(np.isnan(Run(layer, marked).result).any())
            assert is_seen == (place not in (*told.dropped, *told.skipped, *told.beyond)), (axis, place)


def check_reasons(found: Explanation, layer: Module, x: Array) -> None:
    """What is dropped at the end has no room for the next window; what is beyond lies before where that would begin."""
    if found.sight is None or not isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        return
    two = [(value, value) if isinstance(value, int) else value for value in (
        layer.kernel_size, layer.stride, getattr(layer, "dilation", 1)
    )]  # fmt: skip
    for axis, told in enumerate((found.sight.rows, found.sight.columns)):
        kernel, stride, dilation = (pair[axis] for pair in two)
        size, count, span = x.shape[2 + axis], found.outputs[0][1 + axis], dilation * (kernel - 1) + 1
        before, after = padding_of(layer, axis, span)
        start = count * stride - before
        end = start - stride + span
        if told.dropped:
            assert not getattr(layer, "ceil_mode", False)
            assert min(told.dropped) >= max(end, start), (told, axis)
            assert start + span > size + after
        assert told.dropped in ((), tuple(range(size - len(told.dropped), size)))
        assert told.beyond in ((), tuple(range(size - len(told.beyond), size)))
        assert not told.beyond or (start >= size and min(told.beyond) >= end)
        assert all(place < max(start, end) for place in told.skipped)


def padding_of(layer: Module, axis: int, span: int) -> tuple[int, int]:
    """What is added before and after an axis."""
    if layer.padding in ("same", "valid"):
        more = span - 1 if layer.padding == "same" else 0
        return more // 2, more - more // 2
    padding = layer.padding if isinstance(layer.padding, int) else layer.padding[axis]
    return padding, padding


@pytest.mark.parametrize(
    ("layer", "shape", "rows", "columns"),
    [
        (
            nn.MaxPool2d(2, padding=1, dilation=(2, 1), ceil_mode=True), (2, 13, 6),
            ((), (0, 2, 4, 6, 8, 10, 12), ()), ((), (), ()),
        ),
        (
            nn.AvgPool2d((2, 3), stride=(4, 2), padding=(0, 1), ceil_mode=True), (2, 12, 9),
            ((), (2, 3, 6, 7), (10, 11)), ((), (), ()),
        ),
        (nn.Conv2d(4, 4, 1, stride=2, padding=(3, 2)), (4, 6, 2), ((), (0, 2, 4), ()), ((), (1,), ())),
        (
            nn.MaxPool2d((3, 2), stride=2, padding=(1, 0), dilation=(2, 1)), (2, 5, 3),
            ((), (0, 2, 4), ()), ((2,), (), ()),
        ),
        (nn.AvgPool2d(2, stride=4), (1, 8, 9), ((), (2, 3), (6, 7)), ((8,), (2, 3, 6, 7), ())),
        (nn.Conv2d(1, 1, 3, 3, 1, padding_mode="reflect"), (1, 6, 4), ((5,), (), ()), ((), (), ())),
    ],
)  # fmt: skip
def test_why_nothing_looks_at_a_place(layer: Module, shape: Any, rows: Any, columns: Any) -> None:
    found = explain(layer, shape).sight
    assert found is not None
    told = [(each.dropped, each.skipped, each.beyond) for each in (found.rows, found.columns)]
    assert told == [rows, columns]


def check_ceil(found: Explanation, layer: Module, x: Array) -> None:
    """What the other way of rounding would give."""
    notes = [note for note in found.parameters if note.name == "ceil_mode"]
    for sentence in (word for note in notes for word in note.words):
        if sentence.id in ("explain.ceil_more", "explain.floor_left"):
            told = dict(sentence.values)
            other = variant(layer, ceil_mode=not layer.ceil_mode)
            assert Run(other, x).result.shape[2:] == (told["rows"], told["columns"])


@settings(deadline=None)
@given(before=st.integers(-3, 4), after=st.integers(-3, 4), mode=st.sampled_from(("reflect", "replicate", "circular")))
def test_a_row_is_padded_as_numpy_pads_it(before: int, after: int, mode: str) -> None:
    inside = max(4, before + 1, after + 1, 1 - before - after)
    row = np.arange(1, inside + 1)
    if mode == "circular":
        row = row[max(-before, 0) : len(row) - max(-after, 0)]
    way = {"reflect": "reflect", "replicate": "edge", "circular": "wrap"}[mode]
    assume(len(row) > 0)
    padded = np.pad(row, (max(before, 0), max(after, 0)), way)
    if mode != "circular":
        padded = padded[max(-before, 0) : len(padded) - max(-after, 0)]
    assert bordered(before, after, mode).replace("|", "").split() == [str(each) for each in padded]
