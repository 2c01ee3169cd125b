"""Fully connected and bilinear layers, and the layer that does nothing."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import DTypeLike

from knoll.errors import ArgumentError
from knoll.nn import functional as F
from knoll.nn import init
from knoll.nn.convert import parameter_dtype
from knoll.nn.init.variance_scaling import fan_in_uniform_
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.sizes import integer
from knoll.tensor import Tensor
from knoll.tensor.device import Device

__all__ = ["Bilinear", "Identity", "Linear"]


class Linear(Module):
    """Linear layer, also called fully connected or dense: y = x · weightᵀ + bias.

    Shapes: (…, in_features) → (…, out_features). `weight` is (out_features, in_features), `bias` is (out_features,);
    both begin uniform within ±1 / √in_features.

    - `in_features`, `out_features`: how many numbers each sample has before and after. Images come through `Flatten`
      first, and then have c·h·w numbers: 64 channels of 4×4 are the 1024 below.
    - `bias`: whether a number is added to each output.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Linear.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.Linear(1024, 64)
    >>> layer
    Linear(in_features=1024, out_features=64, bias=True)
    >>> layer.weight.shape
    (64, 1024)
    >>> layer(knoll.ones(2, 1024)).shape
    (2, 64)
    """

    weight: Parameter
    bias: Parameter | None
    in_features: int
    out_features: int

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.in_features = integer(in_features, "in_features", 0, "linear")
        self.out_features = integer(out_features, "out_features", 0, "linear")
        element = parameter_dtype(device, dtype)
        self.weight = Parameter._empty((self.out_features, self.in_features), element)
        self.register_parameter("bias", Parameter._empty(self.out_features, element) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialize weight and bias anew, uniform within ±1 / √in_features."""
        fan_in_uniform_(self.weight, self.bias)

    def forward(self, input: Tensor) -> Tensor:
        """x · weightᵀ + bias."""
        return F.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The arguments."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Bilinear(Module):
    """Bilinear layer: y[k] = Σ x1[i] · weight[k, i, j] · x2[j] + bias[k], called as layer(x1, x2).

    Shapes: (…, in1_features), (…, in2_features) → (…, out_features). `weight` is (out_features, in1_features,
    in2_features), `bias` is (out_features,); both begin uniform within ±1 / √in1_features.

    - `in1_features`, `in2_features`: how many numbers each sample of the two inputs has.
    - `out_features`: how many numbers come out.
    - `bias`: whether a number is added to each output.
    - `device`, `dtype`: "cpu", and the element type of the parameters, float32 unless given.

    Raises ArgumentError, ArgumentTypeError; ShapeError and DTypeError when called.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.Bilinear.html

    >>> import knoll
    >>> from knoll import nn
    >>> layer = nn.Bilinear(20, 30, 40)
    >>> layer
    Bilinear(in1_features=20, in2_features=30, out_features=40, bias=True)
    >>> layer(knoll.ones(128, 20), knoll.ones(128, 30)).shape
    (128, 40)
    """

    weight: Parameter
    bias: Parameter | None
    in1_features: int
    in2_features: int
    out_features: int

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__()
        self.in1_features = integer(in1_features, "in1_features", -(2**63), "bilinear")
        if self.in1_features <= 0:
            raise ArgumentError(f"in1_features must be > 0, but got (in1_features={in1_features})")
        self.in2_features = integer(in2_features, "in2_features", 0, "bilinear")
        self.out_features = integer(out_features, "out_features", 0, "bilinear")
        element = parameter_dtype(device, dtype)
        self.weight = Parameter._empty((self.out_features, self.in1_features, self.in2_features), element)
        self.register_parameter("bias", Parameter._empty(self.out_features, element) if bias else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Initialize weight and bias anew, uniform within ±1 / √in1_features."""
        bound = 1 / math.sqrt(self.in1_features)
        for parameter in (self.weight, self.bias):
            if parameter is not None:
                init.uniform_(parameter, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        """The bilinear map of each pair of rows."""
        return F.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The arguments."""
        return (
            f"in1_features={self.in1_features}, in2_features={self.in2_features}, "
            f"out_features={self.out_features}, bias={self.bias is not None}"
        )


class Identity(Module):
    """Identity layer: the input as it is; arguments of any kind are taken and ignored.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.Identity.html

    >>> from knoll import nn
    >>> nn.Identity(54, unused=True)
    Identity()
    """

    def __init__(self, *_: Any, **__: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """The input."""
        return input
