"""Layers of odd configurations, for Hypothesis."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st

from knoll import nn
from knoll.nn import Module, init

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


def plurals_of_one(text: str) -> list[str]:
    """Where an English text has "1 pixels" and the like."""
    nouns = "pixel|row|column|channel|number|weight|kernel|output|input|parameter|sample|class|byte"
    text = re.sub(r"(?:to\s+have|but\s+got)\s+1\s+channels", "", text)  # PyTorch's own
    return re.findall(rf"(?<!· )(?<![\d.,:×/^·])\b1 (?:{nouns})e?s\b", text)
