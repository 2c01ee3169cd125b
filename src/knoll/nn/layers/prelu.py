"""Rectifiers as layers whose slope below zero is learned (PReLU) or random (RReLU)."""

from __future__ import annotations

from numpy.typing import DTypeLike

from knoll.nn import functional as F
from knoll.nn.convert import parameter_dtype
from knoll.nn.functional.prelu import check_slopes
from knoll.nn.init import constant_
from knoll.nn.layers.piecewise import InPlace
from knoll.nn.module import Module
from knoll.nn.parameter import Parameter
from knoll.nn.sizes import integer
from knoll.tensor import Tensor
from knoll.tensor.device import Device

__all__ = ["PReLU", "RReLU"]


class PReLU(Module):
    """Parametric rectified linear unit: x above zero, a learned slope · x below.

    Shapes: any → the same; with several slopes the channels are axis 1. `weight` is (num_parameters,).

    - `num_parameters`: 1 for one slope for all, or the number of channels for one each.
    - `init`: the slopes at first, 0.25 unless given.
    - `device`, `dtype`: "cpu", and the element type of the slopes, float32 unless given.

    Weight decay would pull the slopes to zero: it should not be used on them. Raises ShapeError when the slopes do not
    fit the channels. Source: https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html;
    He et al., Delving deep into rectifiers, 2015.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.PReLU()(np.array([-1.0, 2.0], np.float32))
    tensor([-0.2500,  2.0000], grad_fn=<PreluKernelBackward0>)
    """

    weight: Parameter
    num_parameters: int

    def __init__(
        self, num_parameters: int = 1, init: float = 0.25, device: Device = None, dtype: DTypeLike | None = None
    ) -> None:
        super().__init__()
        self.num_parameters = integer(num_parameters, "num_parameters", 0, "prelu")
        self.init = init
        self.weight = Parameter._empty(self.num_parameters, parameter_dtype(device, dtype))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set all slopes to `init` again."""
        constant_(self.weight, self.init)

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """How many slopes are learned."""
        return f"num_parameters={self.num_parameters}"


class RReLU(InPlace):
    """Randomized leaky rectified linear unit: x above zero, a slope · x below.

    In training the slope of each element is drawn uniformly between `lower` and `upper`; after `eval()` it is
    their mean.

    Shapes: any → the same.

    - `lower`, `upper`: the bounds of the slopes, 1/8 and 1/3 unless given.
    - `inplace`: whether the tensor passed in is changed and given back.

    Raises StateError. Source: https://pytorch.org/docs/stable/generated/torch.nn.RReLU.html;
    Xu et al., Empirical evaluation of rectified activations in convolutional network, 2015.

    >>> import numpy as np
    >>> from knoll import nn
    >>> nn.RReLU(0.25, 0.75).eval()(np.array([-1.0, 2.0]))
    tensor([-0.5000,  2.0000], dtype=float64)
    """

    shown: tuple[str, ...] = ("lower", "upper")

    def __init__(self, lower: float = 1.0 / 8, upper: float = 1.0 / 3, inplace: bool = False) -> None:
        super().__init__(inplace)
        check_slopes(lower, upper)
        self.lower = lower
        self.upper = upper

    def forward(self, input: Tensor) -> Tensor:
        """The activation of each element."""
        return F.rrelu(input, self.lower, self.upper, self.training, self.inplace)
