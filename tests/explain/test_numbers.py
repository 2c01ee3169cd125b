"""Numbers in explanations are what running the layer gives, odd configurations first."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from knoll import nn
from knoll.analysis import variant
from knoll.analysis.run import Run
from knoll.errors import KnollError
from knoll.explain import Explanation, explain
from knoll.explain.parts import SizeStep
from knoll.explain.words.border import bordered
from knoll.graph import Array
from knoll.messages import LANGUAGES
from knoll.nn import Module, init

pytestmark = pytest.mark.hypothesis

sizes = st.integers(1, 9)
pairs = st.tuples(st.integers(1, 4), st.integers(1, 4))
ends = st.tuples(st.integers(0, 3), st.integers(0, 3))
images = st.tuples(sizes, sizes)


@st.composite
def convolutions(draw: st.DrawFn) -> Module:
    groups = draw(st.sampled_from((1, 1, 2, 3)))
    mode = draw(st.sampled_from(("zeros", "zeros", "reflect", "replicate", "circular", "symmetric")))
    padding: Any = draw(st.one_of(ends, st.sampled_from(("same", "valid"))))
    stride = (1, 1) if padding == "same" else draw(pairs)
    channels = draw(st.sampled_from((1, 2))) * groups, draw(st.sampled_from((1, 2))) * groups
    return nn.Conv2d(*channels, draw(pairs), stride, padding, draw(pairs), groups, draw(st.booleans()), mode)


@st.composite
def transposed(draw: st.DrawFn) -> Module:
    groups = draw(st.sampled_from((1, 2)))
    stride, dilation = draw(pairs), draw(pairs)
    more = tuple(draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True))
    return nn.ConvTranspose2d(2 * groups, groups, draw(pairs), stride, draw(ends), more, groups, True, dilation)


@st.composite
def poolings(draw: st.DrawFn) -> Module:
    kernel, ceil = draw(pairs), draw(st.booleans())
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel)
    stride = draw(st.one_of(st.none(), pairs))
    if draw(st.booleans()):
        return nn.MaxPool2d(kernel, stride, padding, draw(pairs), draw(st.booleans()), ceil)
    divisor = draw(st.sampled_from((None, 1, 3)))
    return nn.AvgPool2d(kernel, stride, padding, ceil, draw(st.booleans()), divisor)


@st.composite
def others(draw: st.DrawFn) -> Module:
    four: Any = tuple(draw(st.integers(-2, 3)) for _ in range(4))
    factor = draw(st.sampled_from((0.5, 1.0, 1.5, 2.0, 2.7)))
    return draw(
        st.sampled_from(
            (
                nn.AdaptiveMaxPool2d(draw(ends)),
                nn.AdaptiveAvgPool2d((draw(st.integers(1, 6)), None)),
                nn.ZeroPad2d(four),
                nn.ReflectionPad2d(four),
                nn.ReplicationPad2d(four),
                nn.CircularPad2d(four),
                nn.Upsample(scale_factor=factor),
                nn.Upsample(scale_factor=factor, mode="bilinear"),
                nn.Upsample(size=draw(pairs), mode="nearest-exact"),
            )
        )
    )


def channels_of(layer: Module) -> int:
    return int(getattr(layer, "in_channels", 1))


def with_ones(layer: Module) -> Module:
    for parameter in layer.parameters():
        init.ones_(parameter)
    return layer


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
    check_ceil(found, layer, x)
    if found.worked is not None:
        assert dict(found.worked.values)["result"] is not None
    for language in LANGUAGES:
        assert found.text(language)


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
            assert is_seen == (place not in (*told.dropped, *told.skipped)), (axis, place)


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
