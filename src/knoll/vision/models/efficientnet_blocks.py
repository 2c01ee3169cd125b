"""The blocks of EfficientNet, and the sizes of its stages."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from knoll.errors import ArgumentError
from knoll.nn import Module, Sequential, SiLU
from knoll.tensor import Tensor
from knoll.tensor.arguments import real
from knoll.vision.models._utils import _make_divisible
from knoll.vision.ops import Conv2dNormActivation, SqueezeExcitation, StochasticDepth

Norm: TypeAlias = Callable[..., Module]


class _MBConvConfig:
    """The sizes of a stage: `num_layers` blocks, of which the first changes channels and size."""

    expand_ratio: float
    kernel: int
    stride: int
    input_channels: int
    out_channels: int
    num_layers: int
    block: Callable[..., Module]

    def __init__(
        self,
        expand_ratio: float,
        kernel: int,
        stride: int,
        input_channels: int,
        out_channels: int,
        num_layers: int,
        block: Callable[..., Module],
    ) -> None:
        self.expand_ratio = real(expand_ratio, type(self).__name__, "expand_ratio")
        self.kernel = kernel
        self.stride = stride
        self.input_channels = input_channels
        self.out_channels = out_channels
        self.num_layers = num_layers
        self.block = block

    @staticmethod
    def adjust_channels(channels: int, width_mult: float, min_value: int | None = None) -> int:
        """`width_mult` times as many channels, rounded to a multiple of 8."""
        return _make_divisible(channels * width_mult, 8, min_value)

    def inside(self, channels: int) -> int:
        """The channels inside a block that is given so many."""
        return self.adjust_channels(channels, self.expand_ratio)


class MBConvConfig(_MBConvConfig):
    """The sizes of a stage of inverted bottlenecks: a row of the paper's table 1, scaled in width and depth.

    `width_mult` times as many channels, `depth_mult` times as many blocks, rounded up.

    >>> from knoll.vision.models.efficientnet import MBConvConfig
    >>> stage = MBConvConfig(6, 3, 2, 16, 24, 2, width_mult=1.1, depth_mult=1.2)
    >>> stage.out_channels, stage.num_layers
    (24, 3)
    """

    def __init__(
        self,
        expand_ratio: float,
        kernel: int,
        stride: int,
        input_channels: int,
        out_channels: int,
        num_layers: int,
        width_mult: float = 1.0,
        depth_mult: float = 1.0,
        block: Callable[..., Module] | None = None,
    ) -> None:
        super().__init__(
            expand_ratio,
            kernel,
            stride,
            self.adjust_channels(input_channels, width_mult),
            self.adjust_channels(out_channels, width_mult),
            self.adjust_depth(num_layers, depth_mult),
            MBConv if block is None else block,
        )

    @staticmethod
    def adjust_depth(num_layers: int, depth_mult: float) -> int:
        """`depth_mult` times as many blocks, rounded up."""
        return math.ceil(num_layers * depth_mult)


class FusedMBConvConfig(_MBConvConfig):
    """The sizes of a stage of fused bottlenecks: a row of the second paper's table 4."""

    def __init__(
        self,
        expand_ratio: float,
        kernel: int,
        stride: int,
        input_channels: int,
        out_channels: int,
        num_layers: int,
        block: Callable[..., Module] | None = None,
    ) -> None:
        make = FusedMBConv if block is None else block
        super().__init__(expand_ratio, kernel, stride, input_channels, out_channels, num_layers, make)


class _Block(Module):
    """What both kinds of block do: the branch and, where it fits, the shortcut; training may leave out the branch."""

    use_res_connect: bool
    block: Sequential
    stochastic_depth: StochasticDepth
    out_channels: int

    def __init__(self, cnf: _MBConvConfig, stochastic_depth_prob: float, branch: Sequence[Module]) -> None:
        super().__init__()
        if not 1 <= cnf.stride <= 2:
            raise ArgumentError("illegal stride value", expected="1, 2", got=f"stride={cnf.stride}")
        self.use_res_connect = cnf.stride == 1 and cnf.input_channels == cnf.out_channels
        self.block = Sequential(*branch)
        self.stochastic_depth = StochasticDepth(stochastic_depth_prob, "row")
        self.out_channels = cnf.out_channels

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 (PyTorch's name)
        """(n, input_channels, h, w) → (n, out_channels, h / stride, w / stride)."""
        result = self.block(input)
        return self.stochastic_depth(result) + input if self.use_res_connect else result


class MBConv(_Block):
    """Makes the channels many, looks around in each, gates them and makes them few, without activation."""

    def __init__(
        self,
        cnf: MBConvConfig,
        stochastic_depth_prob: float,
        norm_layer: Norm,
        se_layer: Callable[..., Module] = SqueezeExcitation,
    ) -> None:
        channels, inside = cnf.input_channels, cnf.inside(cnf.input_channels)
        convolution = partial(Conv2dNormActivation, norm_layer=norm_layer, activation_layer=SiLU)
        branch = [
            *([] if inside == channels else [convolution(channels, inside, 1)]),
            convolution(inside, inside, cnf.kernel, cnf.stride, groups=inside),
            se_layer(inside, max(1, channels // 4), activation=partial(SiLU, inplace=True)),
            convolution(inside, cnf.out_channels, 1, activation_layer=None),
        ]
        super().__init__(cnf, stochastic_depth_prob, branch)


class FusedMBConv(_Block):
    """A convolution of all channels to many and one back to few; one convolution alone where they stay as many."""

    def __init__(self, cnf: FusedMBConvConfig, stochastic_depth_prob: float, norm_layer: Norm) -> None:
        channels, inside = cnf.input_channels, cnf.inside(cnf.input_channels)
        convolution = partial(Conv2dNormActivation, norm_layer=norm_layer, activation_layer=SiLU)
        if inside == channels:
            branch = [convolution(channels, cnf.out_channels, cnf.kernel, cnf.stride)]
        else:
            first = convolution(channels, inside, cnf.kernel, cnf.stride)
            branch = [first, convolution(inside, cnf.out_channels, 1, activation_layer=None)]
        super().__init__(cnf, stochastic_depth_prob, branch)
