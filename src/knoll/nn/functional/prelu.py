"""Rectifiers whose slope below zero is learned (PReLU) or random (RReLU)."""

from __future__ import annotations

from knoll.errors import StateError
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.nn.functional.piecewise import activate
from knoll.ops.activation import piecewise
from knoll.ops.activation.prelu import prelu as prelu_op
from knoll.ops.activation.prelu import rrelu as rrelu_op
from knoll.tensor import Tensor, apply, rand
from knoll.tensor.arguments import real
from knoll.tensor.mapped import drawn
from knoll.tensor.storage.mutation import change

__all__ = ["prelu", "rrelu", "rrelu_"]


def prelu(input: Input, weight: Input) -> Tensor:
    """Parametric rectified linear unit: x above zero, a slope · x below.

    There is one slope for all, or one for each channel (axis 1).

    `weight` holds the slopes.

    Shapes: any, weight (c,) or (1,) → as x. Raises ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.prelu(np.array([[-1.0, -1.0]]), np.array([0.5, 0.25]))
    tensor([[-0.5000, -0.2500]], dtype=float64)
    """
    return apply(prelu_op, tensor(input, "prelu"), tensor(weight, "prelu", "weight", 2))[0]


def rrelu(
    input: Input, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """Randomized leaky rectified linear unit: x above zero, a slope · x below.

    In `training` the slope of each element is drawn uniformly between `lower` and `upper`; otherwise it is their mean.

    The arguments are those of `knoll.nn.RReLU`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html;
    Xu et al., Empirical evaluation of rectified activations in convolutional network, 2015.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.rrelu(np.array([-1.0, 2.0]), 0.25, 0.75)
    tensor([-0.5000,  2.0000], dtype=float64)
    """
    x = tensor(input, "rrelu")
    low, high = number(lower, "rrelu", "lower", 2), number(upper, "rrelu", "upper", 3)
    check_slopes(low, high)
    if not training:
        return activate(piecewise.leaky_relu, x, inplace, negative_slope=(low + high) / 2)

    def draw() -> Tensor:
        even = rand(x.shape, dtype=x.dtype if x.is_floating_point() else None)._realize()
        return Tensor._holding(even * even.dtype.type(high - low) + even.dtype.type(low))

    slopes = drawn(draw)
    return change(x, lambda former: apply(rrelu_op, former, slopes)[0]) if inplace else apply(rrelu_op, x, slopes)[0]


def rrelu_(input: Input, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Tensor:
    """Randomized leaky rectified linear unit in place: `rrelu` with `inplace=True`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.rrelu_.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.rrelu_(knoll.tensor([-1.0, 2.0]), 0.25, 0.25)
    tensor([-0.2500,  2.0000])
    """
    return rrelu(input, lower, upper, training, inplace=True)


def check_slopes(lower: float, upper: float) -> None:
    """Refuse bounds between which there is no slope."""
    lower, upper = real(lower, "rrelu", "lower"), real(upper, "rrelu", "upper")
    if not lower <= upper:
        raise StateError(
            "Lower bound should be less than or equal to the upper bound", got=f"lower={lower}, upper={upper}"
        )
