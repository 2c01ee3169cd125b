"""Activations of straight pieces, element by element; NaN stays.

With `inplace` the tensor passed in becomes the result. A name that ends in `_` is the same with `inplace=True`.
"""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError, DTypeError, StateError
from knoll.graph import Op
from knoll.graph.spec import FLOATS, DType
from knoll.messages import say
from knoll.nn.functional.arguments import Input, number, tensor
from knoll.ops.activation import piecewise, relu_sigmoid_tanh
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import real, truthy
from knoll.tensor.elementwise import activation
from knoll.tensor.storage.mutation import change, check_leaf, replace

__all__ = [
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "leaky_relu",
    "leaky_relu_",
    "relu",
    "relu6",
    "relu_",
    "softshrink",
    "threshold",
    "threshold_",
]


def activate(op: Op, x: Tensor, inplace: bool, **numbers: float) -> Tensor:
    """One activation of all elements."""
    if inplace is not False and truthy(inplace, str(op), "inplace"):
        return change(x, lambda former: apply(op, former, **numbers)[0], last=(op,))
    return apply(op, x, **numbers)[0]


def threshold(input: Input, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """Threshold: x where it is above `threshold`, else `value`, element by element; NaN stays.

    Shapes: any → the same.

    - `threshold`: the bound; a number equal to it is replaced too.
    - `value`: what is put in place of the others.
    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.threshold(np.array([0.5, 1.0, 1.5]), 1.0, -2.0)
    tensor([-2.0000, -2.0000,  1.5000], dtype=float64)
    """
    return _above(input, threshold, value, inplace)


def threshold_(input: Input, threshold: float, value: float) -> Tensor:
    """Threshold in place: `threshold` with `inplace=True`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.threshold_.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.threshold_(knoll.tensor([-1.0, 2.0]), 0.5, 9.0)
    tensor([9., 2.])
    """
    return _above(input, threshold, value, inplace=True)


def _above(input: Input, threshold: float, value: float, inplace: bool) -> Tensor:
    x = tensor(input, "threshold")
    bound, other = number(threshold, "threshold", "threshold", 2), number(value, "threshold", "value", 3)
    if x.dtype.kind == "b":
        refuse_dtype("threshold_cpu", x.dtype)
    if not truthy(inplace, "threshold", "inplace"):
        return activate(piecewise.threshold, x, False, threshold=bound, value=other)
    check_leaf(x)  # expanded ones may be written: elements that are one in memory become one number
    return replace(
        x,
        lambda former: apply(piecewise.threshold, former, threshold=bound, value=other)[0],
        last=(piecewise.threshold,),
    )


def relu(input: Input, inplace: bool = False) -> Tensor:
    """Rectified linear unit: max(0, x), element by element; NaN stays.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.relu(np.array([-1.0, 2.0]))
    tensor([0., 2.], dtype=float64)
    """
    x = tensor(input, "relu")
    if x.dtype.kind == "b":
        raise DTypeError("Boolean inputs not supported for relu", advice=say("ops.same_dtype", dtype="float32"))
    return change(x, activation.relu, last=(relu_sigmoid_tanh.relu,)) if inplace else x.relu()


def relu_(input: Input) -> Tensor:
    """Rectified linear unit in place: `relu` with `inplace=True`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.relu_.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.relu_(knoll.tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """
    return relu(input, inplace=True)


def leaky_relu(input: Input, negative_slope: float = 0.01, inplace: bool = False) -> Tensor:
    """Leaky rectified linear unit: x above zero, `negative_slope` · x below, element by element.

    Shapes: any → the same.

    - `negative_slope`: the slope below zero, 0.01 unless given, so that a gradient flows there too.
    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.leaky_relu(np.array([-1.0, 2.0]), 0.5)
    tensor([-0.5000,  2.0000], dtype=float64)
    """
    x = tensor(input, "leaky_relu")
    slope = number(negative_slope, "leaky_relu", "negative_slope", 2)
    return activate(piecewise.leaky_relu, x, inplace, negative_slope=slope)


def leaky_relu_(input: Input, negative_slope: float = 0.01) -> Tensor:
    """Leaky rectified linear unit in place: `leaky_relu` with `inplace=True`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu_.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.leaky_relu_(knoll.tensor([-1.0, 2.0]), 0.1)
    tensor([-0.1000,  2.0000])
    """
    return leaky_relu(input, negative_slope, inplace=True)


def hardtanh(input: Input, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """Hard hyperbolic tangent: x clamped between `min_val` and `max_val`, element by element; NaN stays.

    Shapes: any → the same.

    - `min_val`, `max_val`: the least and the largest result, −1 and 1 unless given.
    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.hardtanh(np.array([-2.0, 0.5, 2.0]))
    tensor([-1.0000,  0.5000,  1.0000], dtype=float64)
    """
    x = tensor(input, "hardtanh")
    low, high = number(min_val, "hardtanh", "min_val", 2), number(max_val, "hardtanh", "max_val", 3)
    if low > high:
        raise ArgumentError("min_val cannot be greater than max_val", got=f"min_val={min_val}, max_val={max_val}")
    if x.dtype.kind == "b":
        raise DTypeError("Bool inputs not supported for hardtanh", advice=say("ops.same_dtype", dtype="float32"))
    if x.dtype.kind == "u" and low < 0:
        raise DTypeError("cannot do hardtanh on an unsigned type with negative limits")
    return activate(piecewise.hardtanh, x, inplace, low=low, high=high)


def hardtanh_(input: Input, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """Hard hyperbolic tangent in place: `hardtanh` with `inplace=True`.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh_.html

    >>> import knoll
    >>> from knoll.nn import functional as F
    >>> F.hardtanh_(knoll.tensor([-3.0, 0.5]))
    tensor([-1.0000,  0.5000])
    """
    return hardtanh(input, min_val, max_val, inplace=True)


def relu6(input: Input, inplace: bool = False) -> Tensor:
    """Rectified linear unit that ends at 6: min(max(0, x), 6), element by element; NaN stays.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.relu6(np.array([-1.0, 5.0, 7.0]))
    tensor([0., 5., 6.], dtype=float64)
    """
    return hardtanh(tensor(input, "relu6"), 0.0, 6.0, inplace)


def hardsigmoid(input: Input, inplace: bool = False) -> Tensor:
    """Hard sigmoid: (x + 3) / 6 clamped between 0 and 1; a sigmoid of straight lines, without an exponential.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hardsigmoid.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.hardsigmoid(np.array([-3.0, 0.0, 3.0]))
    tensor([0.0000, 0.5000, 1.0000], dtype=float64)
    """
    return activate(piecewise.hardsigmoid, tensor(input, "hardsigmoid"), inplace)


def hardswish(input: Input, inplace: bool = False) -> Tensor:
    """Hard swish: x times the hard sigmoid of x; nearly SiLU, without an exponential; 0 at −∞.

    Shapes: any → the same.

    - `inplace`: whether the tensor passed in is changed and given back.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hardswish.html;
    Howard et al., Searching for MobileNetV3, 2019.

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.hardswish(np.array([-3.0, 0.0, 3.0]))
    tensor([-0., 0., 3.], dtype=float64)
    """
    return activate(piecewise.hardswish, tensor(input, "hardswish"), inplace)


def hardshrink(input: Input, lambd: float = 0.5) -> Tensor:
    """Hard shrinkage: 0 where |x| is at most `lambd`, else x, element by element; NaN stays.

    Shapes: any → the same.

    - `lambd`: the bound, 0.5 unless given.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.hardshrink(np.array([-1.0, 0.5, 2.0]))
    tensor([-1.,  0.,  2.], dtype=float64)
    """
    return activate(
        piecewise.hardshrink, tensor(input, "hardshrink"), False, lambd=number(lambd, "hardshrink", "lambd", 2)
    )


def softshrink(input: Input, lambd: float = 0.5) -> Tensor:
    """Soft shrinkage: 0 where |x| is at most `lambd`, else x moved towards zero by `lambd`; NaN stays.

    Shapes: any → the same.

    - `lambd`: the bound, 0.5 unless given; not negative.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.softshrink(np.array([-1.0, 0.5, 2.0]))
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
