"""The blocks of RegNet, and the sizes of its stages."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import Any

from knoll.errors import ArgumentError
from knoll.nn import Module, Sequential
from knoll.tensor import Tensor
from knoll.tensor.arguments import integer, real
from knoll.vision.models._utils import _make_divisible
from knoll.vision.ops import Conv2dNormActivation, SqueezeExcitation

Make = Callable[..., Module]


class SimpleStemIN(Conv2dNormActivation):
    """The first convolution: 3 by 3 with stride 2, its normalisation and activation."""

    def __init__(self, width_in: int, width_out: int, norm_layer: Make, activation_layer: Make) -> None:
        super().__init__(width_in, width_out, 3, 2, norm_layer=norm_layer, activation_layer=activation_layer)


class BottleneckTransform(Sequential):
    """A convolution of 3 by 3 in groups between two of 1 by 1, with a gate for channels where `se_ratio` is given.

    Inside there are `bottleneck_multiplier` times `width_out` channels, `group_width` of them in each group; the gate
    squeezes them to `se_ratio` times `width_in`.
    """

    a: Conv2dNormActivation
    b: Conv2dNormActivation
    se: SqueezeExcitation
    c: Conv2dNormActivation

    def __init__(
        self,
        width_in: int,
        width_out: int,
        stride: int,
        norm_layer: Make,
        activation_layer: Make,
        group_width: int,
        bottleneck_multiplier: float,
        se_ratio: float | None,
    ) -> None:
        super().__init__()
        layers: dict[str, Any] = {"norm_layer": norm_layer, "activation_layer": activation_layer}
        inside = round(width_out * bottleneck_multiplier)
        self.a = Conv2dNormActivation(width_in, inside, 1, **layers)
        self.b = Conv2dNormActivation(inside, inside, 3, stride, groups=inside // group_width, **layers)
        if se_ratio:
            self.se = SqueezeExcitation(inside, round(se_ratio * width_in), activation=activation_layer)
        self.c = Conv2dNormActivation(inside, width_out, 1, norm_layer=norm_layer, activation_layer=None)


class ResBottleneckBlock(Module):
    """A bottleneck beside a shortcut, which is a convolution of 1 by 1 where size or channels change.

    (n, width_in, h, w) → (n, width_out, h / stride, w / stride).
    """

    proj: Module | None
    f: BottleneckTransform
    activation: Module

    def __init__(
        self,
        width_in: int,
        width_out: int,
        stride: int,
        norm_layer: Make,
        activation_layer: Make,
        group_width: int = 1,
        bottleneck_multiplier: float = 1.0,
        se_ratio: float | None = None,
    ) -> None:
        super().__init__()
        self.proj = None
        if width_in != width_out or stride != 1:
            self.proj = Conv2dNormActivation(
                width_in, width_out, 1, stride, norm_layer=norm_layer, activation_layer=None
            )
        sizes = (width_in, width_out, stride, norm_layer, activation_layer)
        self.f = BottleneckTransform(*sizes, group_width, bottleneck_multiplier, se_ratio)
        self.activation = activation_layer(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        """The activation of the sum."""
        shortcut = x if self.proj is None else self.proj(x)
        result: Tensor = self.activation(shortcut + self.f(x))
        return result


class AnyStage(Sequential):
    """`depth` blocks, the first of which changes channels and size."""

    def __init__(
        self,
        width_in: int,
        width_out: int,
        stride: int,
        depth: int,
        block_constructor: Make,
        norm_layer: Make,
        activation_layer: Make,
        group_width: int,
        bottleneck_multiplier: float,
        se_ratio: float | None = None,
        stage_index: int = 0,
    ) -> None:
        super().__init__()
        rest = (norm_layer, activation_layer, group_width, bottleneck_multiplier, se_ratio)
        for number in range(depth):
            first = (width_out, width_out, 1) if number else (width_in, width_out, stride)
            self.add_module(f"block{stage_index}-{number}", block_constructor(*first, *rest))


class BlockParams:
    """The sizes of the stages: how many blocks, how many channels, how many of them in a group and inside a block.

    >>> from knoll.vision.models.regnet import BlockParams
    >>> BlockParams.from_init_params(depth=16, w_0=48, w_a=27.89, w_m=2.09, group_width=8).widths
    [48, 104, 208, 440]
    """

    def __init__(
        self,
        depths: Sequence[int],
        widths: Sequence[int],
        group_widths: Sequence[int],
        bottleneck_multipliers: Sequence[float],
        strides: Sequence[int],
        se_ratio: float | None = None,
    ) -> None:
        self.depths = depths
        self.widths = widths
        self.group_widths = group_widths
        self.bottleneck_multipliers = bottleneck_multipliers
        self.strides = strides
        self.se_ratio = se_ratio

    def stages(self) -> Iterator[tuple[int, int, int, int, float]]:
        """Of each stage: channels, stride, blocks, channels in a group, and times as many channels inside a block."""
        return zip(self.widths, self.strides, self.depths, self.group_widths, self.bottleneck_multipliers, strict=True)

    @classmethod
    def from_init_params(
        cls,
        depth: int,
        w_0: int,
        w_a: float,
        w_m: float,
        group_width: int,
        bottleneck_multiplier: float = 1.0,
        se_ratio: float | None = None,
    ) -> BlockParams:
        """The stages of `depth` blocks whose widths follow the line w_0 + w_a · i, rounded to w_0 times powers of w_m.

        Widths are multiples of 8, and of the groups. Raises ArgumentError.
        Source: Radosavovic et al., 2020, equations 2 to 4
        """
        depth, w_0 = integer(depth, "BlockParams", "depth"), integer(w_0, "BlockParams", "w_0")
        w_a, w_m = real(w_a, "BlockParams", "w_a"), real(w_m, "BlockParams", "w_m")
        if w_a < 0 or w_0 <= 0 or w_m <= 1 or w_0 % 8:
            raise ArgumentError("Invalid RegNet settings", got=f"w_0={w_0}, w_a={w_a}, w_m={w_m}")
        powers = [round(math.log((w_0 + w_a * block) / w_0, w_m)) for block in range(depth)]
        stages = [(width, len(list(blocks))) for width, blocks in groupby(8 * round(w_0 * w_m**p / 8) for p in powers)]
        fitted = [_fitted(width, group_width, bottleneck_multiplier) for width, _ in stages]
        return cls(
            depths=[blocks for _, blocks in stages],
            widths=[width for width, _ in fitted],
            group_widths=[group for _, group in fitted],
            bottleneck_multipliers=[bottleneck_multiplier] * len(stages),
            strides=[2] * len(stages),
            se_ratio=se_ratio,
        )


def _fitted(width: int, group_width: int, multiplier: float) -> tuple[int, int]:
    """The width nearest to this one whose channels inside a block are whole groups, and the width of these."""
    inside = int(width * multiplier)
    group = min(group_width, inside)
    return int(_make_divisible(inside, group) / multiplier), group
