"""A convolution with batch normalisation and an activation behind it: what mobile networks are made of."""

from __future__ import annotations

from collections.abc import Callable

from knoll.nn import BatchNorm2d, Conv2d, Module, ReLU, Sequential


def conv_norm_activation(
    channels: int, wanted: int, window: int, stride: int = 1, groups: int = 1, activation: Callable[..., Module] = ReLU
) -> Sequential:
    """A convolution that keeps the size but for its stride, with batch norm and an activation in place."""
    return Sequential(
        Conv2d(channels, wanted, window, stride, padding=window // 2, groups=groups, bias=False),
        BatchNorm2d(wanted),
        activation(inplace=True),
    )
