"""Activations of straight pieces, element by element; NaN stays.

With `inplace` the tensor passed in becomes the result. A name that ends in `_` is the same with `inplace=True`.
"""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ArgumentError, DTypeError, StateError
from knoll.graph import Op
from knoll.graph.spec import FLOATS, DType
from knoll.messages import say
from knoll.nn.functional.arguments import number, tensor
from knoll.ops import piecewise
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.prelu import prelu as prelu_op
from knoll.ops.prelu import rrelu as rrelu_op
from knoll.tensor import Tensor, apply, pointwise, rand
from knoll.tensor.arguments import real, truthy
from knoll.tensor.inplace import change


def activate(op: Op, x: Tensor, inplace: bool, **numbers: float) -> Tensor:
    """One activation of all elements."""
    if inplace is not False and truthy(inplace, str(op), "inplace"):
        return change(x, lambda former: apply(op, former, **numbers)[0])
    return apply(op, x, **numbers)[0]


def threshold(input: Any, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x where it is above `threshold`, else `value`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html

    >>> threshold(np.array([0.5, 1.0, 1.5]), 1.0, -2.0)
    tensor([-2.0000, -2.0000,  1.5000], dtype=float64)
    """
    return _above(input, threshold, value, inplace)


def threshold_(input: Any, threshold: float, value: float) -> Tensor:
    """`threshold`, in place."""
    return _above(input, threshold, value, inplace=True)


def _above(input: Any, threshold: float, value: float, inplace: bool) -> Tensor:
    x = tensor(input, "threshold")
    bound, other = number(threshold, "threshold", "threshold", 2), number(value, "threshold", "value", 3)
    if x.dtype.kind == "b":
        refuse_dtype("threshold_cpu", x.dtype)
    return activate(piecewise.threshold, x, inplace, threshold=bound, value=other)


def relu(input: Any, inplace: bool = False) -> Tensor:
    """max(0, x).

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html

    >>> relu(np.array([-1.0, 2.0]))
    tensor([0., 2.], dtype=float64)
    """
    x = tensor(input, "relu")
    if x.dtype.kind == "b":
        raise DTypeError("Boolean inputs not supported for relu", advice=say("ops.same_dtype", dtype="float32"))
    return change(x, pointwise.relu) if inplace else x.relu()


def relu_(input: Any) -> Tensor:
    """`relu`, in place."""
    return relu(input, inplace=True)


def leaky_relu(input: Any, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """x where it is positive, else `negative_slope` · x.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html

    >>> leaky_relu(np.array([-1.0, 2.0]), 0.5)
    tensor([-0.5000,  2.0000], dtype=float64)
    """
    x = tensor(input, "leaky_relu")
    slope = number(negative_slope, "leaky_relu", "negative_slope", 2)
    return activate(piecewise.leaky_relu, x, inplace, negative_slope=slope)


def leaky_relu_(input: Any, negative_slope: float = 0.01) -> Tensor:
    """`leaky_relu`, in place."""
    return leaky_relu(input, negative_slope, inplace=True)


def prelu(input: Any, weight: Any) -> Tensor:
    """x where it is positive, else its slope · x: one slope for all, or one for each channel (axis 1).

    Shapes: any, weight (c,) or (1,) → as x. Raises ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html

    >>> prelu(np.array([[-1.0, -1.0]]), np.array([0.5, 0.25]))
    tensor([[-0.5000, -0.2500]], dtype=float64)
    """
    return apply(prelu_op, tensor(input, "prelu"), tensor(weight, "prelu", "weight", 2))[0]


def rrelu(
    input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False, inplace: bool = False
) -> Tensor:
    """x where it is positive, else a slope · x: in `training` drawn between `lower` and `upper`, otherwise their mean.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html;
    Xu et al., Empirical evaluation of rectified activations in convolutional network, 2015.

    >>> rrelu(np.array([-1.0, 2.0]), 0.25, 0.75)
    tensor([-0.5000,  2.0000], dtype=float64)
    """
    x = tensor(input, "rrelu")
    low, high = number(lower, "rrelu", "lower", 2), number(upper, "rrelu", "upper", 3)
    check_slopes(low, high)
    if not training:
        return activate(piecewise.leaky_relu, x, inplace, negative_slope=(low + high) / 2)
    drawn = rand(x.shape, dtype=x.dtype if x.is_floating_point() else None)._realize()
    slopes = Tensor._holding(drawn * drawn.dtype.type(high - low) + drawn.dtype.type(low))
    return change(x, lambda former: apply(rrelu_op, former, slopes)[0]) if inplace else apply(rrelu_op, x, slopes)[0]


def rrelu_(input: Any, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Tensor:
    """`rrelu`, in place."""
    return rrelu(input, lower, upper, training, inplace=True)


def check_slopes(lower: float, upper: float) -> None:
    """Refuse bounds between which there is no slope."""
    lower, upper = real(lower, "rrelu", "lower"), real(upper, "rrelu", "upper")
    if not lower <= upper:
        raise StateError(
            "Lower bound should be less than or equal to the upper bound", came=f"lower={lower}, upper={upper}"
        )


def hardtanh(input: Any, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """x, no less than `min_val` and no more than `max_val`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html

    >>> hardtanh(np.array([-2.0, 0.5, 2.0]))
    tensor([-1.0000,  0.5000,  1.0000], dtype=float64)
    """
    x = tensor(input, "hardtanh")
    low, high = number(min_val, "hardtanh", "min_val", 2), number(max_val, "hardtanh", "max_val", 3)
    if low > high:
        raise ArgumentError("min_val cannot be greater than max_val", came=f"min_val={min_val}, max_val={max_val}")
    if x.dtype.kind == "b":
        raise DTypeError("Bool inputs not supported for hardtanh", advice=say("ops.same_dtype", dtype="float32"))
    if x.dtype.kind == "u" and low < 0:
        raise DTypeError("cannot do hardtanh on an unsigned type with negative limits")
    return activate(piecewise.hardtanh, x, inplace, low=low, high=high)


def hardtanh_(input: Any, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """`hardtanh`, in place."""
    return hardtanh(input, min_val, max_val, inplace=True)


def relu6(input: Any, inplace: bool = False) -> Tensor:
    """x, no less than 0 and no more than 6.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html

    >>> relu6(np.array([-1.0, 5.0, 7.0]))
    tensor([0., 5., 6.], dtype=float64)
    """
    return hardtanh(tensor(input, "relu6"), 0.0, 6.0, inplace)


def hardsigmoid(input: Any, inplace: bool = False) -> Tensor:
    """(x + 3) / 6, no less than 0 and no more than 1.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html

    >>> hardsigmoid(np.array([-3.0, 0.0, 3.0]))
    tensor([0.0000, 0.5000, 1.0000], dtype=float64)
    """
    return activate(piecewise.hardsigmoid, tensor(input, "hardsigmoid"), inplace)


def hardswish(input: Any, inplace: bool = False) -> Tensor:
    """x times `hardsigmoid` of x; 0 at −∞.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html;
    Howard et al., Searching for MobileNetV3, 2019.

    >>> hardswish(np.array([-3.0, 0.0, 3.0]))
    tensor([-0., 0., 3.], dtype=float64)
    """
    return activate(piecewise.hardswish, tensor(input, "hardswish"), inplace)


def hardshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """0 where |x| is at most `lambd`, else x.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html

    >>> hardshrink(np.array([-1.0, 0.5, 2.0]))
    tensor([-1.,  0.,  2.], dtype=float64)
    """
    return activate(
        piecewise.hardshrink, tensor(input, "hardshrink"), False, lambd=number(lambd, "hardshrink", "lambd", 2)
    )


def softshrink(input: Any, lambd: float = 0.5) -> Tensor:
    """0 where |x| is at most `lambd`, else x moved towards zero by as much.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html

    >>> softshrink(np.array([-1.0, 0.5, 2.0]))
    tensor([-0.5000,  0.0000,  1.5000], dtype=float64)
    """
    x, width = tensor(input, "softshrink"), number(lambd, "softshrink", "lambd", 2)
    if x.is_floating_point():
        check_width(width, x.dtype)
    return activate(piecewise.softshrink, x, False, lambd=width)


def check_width(width: float, dtype: DType = FLOATS[0]) -> None:
    """Refuse a negative width, and one that elements of this type cannot have."""
    width, largest = real(width, "softshrink", "lambd"), float(np.finfo(dtype).max)
    if not 0 <= width <= largest:
        raise StateError(
            f"lambda must be in range [0, {largest:g}] for input dtype {scalar_name(dtype)}, but found {width:g}"
        )
