"""Functions of rows: the linear map and the bilinear one, and class numbers as rows."""

from __future__ import annotations

from knoll.errors import ArgumentError, DTypeError, ShapeError
from knoll.messages import say
from knoll.nn.functional import arguments
from knoll.nn.functional.arguments import Input
from knoll.ops.dtypes import c_name
from knoll.ops.indexing.one_hot import check_classes
from knoll.ops.indexing.one_hot import one_hot as one_hot_op
from knoll.ops.linear_algebra.linear import linear as linear_op
from knoll.tensor import Tensor, apply
from knoll.tensor.arguments import integer

__all__ = ["bilinear", "linear", "one_hot"]


def linear(input: Input, weight: Input, bias: Input | None = None) -> Tensor:
    """Linear map: x · weightᵀ + bias.

    `bias` None adds nothing.

    Shapes: (…, in), weight (out, in), bias (out,) → (…, out); one `weight` row (in,) without bias → (…); a bias of
    one element is added to all. Raises ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.linear(np.ones((2, 3)), np.ones((1, 3)))
    tensor([[3.],
            [3.]], dtype=float64)
    """
    x, w = arguments.tensor(input, "linear"), arguments.tensor(weight, "linear", "weight", 2)
    b = None if bias is None else arguments.tensor(bias, "linear", "bias", 3)
    if w.ndim == 1:
        return _one_row(x, w, b)
    if b is None:
        return apply(linear_op, x, w)[0]
    if b.shape in ((), (1,)) and w.ndim == 2 and b.shape != w.shape[:1]:
        b = b.expand(w.shape[:1])
    return apply(linear_op, x, w, b)[0]


def _one_row(x: Tensor, w: Tensor, b: Tensor | None) -> Tensor:
    """The rows of x times a single one, whose axis goes."""
    if b is not None:
        raise ShapeError("mat2 must be a matrix, got 1-D tensor", got=str(w.shape))
    if x.ndim == 1 and x.shape != w.shape:
        raise ShapeError(
            f"inconsistent tensor size, expected tensor {list(x.shape)} and src {list(w.shape)} to have the same "
            f"number of elements, but got {x.numel()} and {w.numel()} elements respectively"
        )
    if x.ndim > 1 and x.shape[-1:] != w.shape:
        rows = x.numel() // max(x.shape[-1], 1)
        raise ShapeError(f"size mismatch, got input ({rows}), mat ({rows}x{x.shape[-1]}), vec ({w.numel()})")
    return apply(linear_op, x, w.reshape((1, -1)))[0].reshape(x.shape[:-1])


def bilinear(input1: Input, input2: Input, weight: Input, bias: Input | None = None) -> Tensor:
    """Bilinear map: y[k] = Σ x1[i] · weight[k, i, j] · x2[j] + bias[k].

    `bias` None adds nothing.

    Shapes: `input1` (…, in1), `input2` (…, in2), `weight` (out, in1, in2), bias (out,) → (…, out).
    Raises ShapeError, DimensionError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.bilinear.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.bilinear(np.array([1.0, 2.0]), np.array([3.0, 4.0]), np.ones((1, 2, 2)))
    tensor([21.], dtype=float64)
    """
    names = ("input1", "input2", "weight", "bias")
    given = [arguments.tensor(value, "bilinear", name, at) for at, (value, name) in
             enumerate(zip((input1, input2, weight, bias), names, strict=True), 1) if value is not None]  # fmt: skip
    _check_bilinear(*given)
    x1, x2, w, *b = given
    out, rows, columns = w.shape
    along = linear(x1, w.permute(0, 2, 1).reshape(out * columns, rows)).reshape((*x1.shape[:-1], out, columns))
    y = (along * x2.unsqueeze(-2)).sum(-1)
    return y + b[0] if b else y


def _check_bilinear(x1: Tensor, x2: Tensor, w: Tensor, b: Tensor | None = None) -> None:
    """Refuse in PyTorch's words and order."""
    if len({x.dtype for x in (x1, x2, w)}) > 1:
        kinds = ", ".join(f"{name}: {c_name(x.dtype)}" for name, x in (("input1", x1), ("input2", x2), ("weight", w)))
        raise DTypeError(
            f"All tensors must have the same dtype, got {kinds}", advice=say("ops.same_dtype", dtype=w.dtype)
        )
    if x1.ndim != x2.ndim:
        raise ShapeError(f"bilinear(): input dimensions do not match: got {x1.ndim} and {x2.ndim}")
    for axis, (size, other) in enumerate(zip(x1.shape[:-1], x2.shape[:-1], strict=True)):
        if size != other:
            raise ShapeError(f"bilinear(): input batch dimensions do not match at dim {axis}: got {size} and {other}")
    rows, columns = w.size(1), w.size(2)
    for name, x, size in (("input1", x1, rows), ("input2", x2, columns)):
        if x.size(-1) != size:
            raise ShapeError(
                f"bilinear(): {name} size does not match weight size: got {x.size(-1)} but expected {size}"
            )
    if b is not None and b.shape != w.shape[:1]:
        raise ShapeError(f"bilinear(): bias size does not match weight size: got {b.size(0)} but expected {w.shape[0]}")


def one_hot(input: Input, num_classes: int = -1) -> Tensor:
    """One-hot encoding of class numbers: rows of zeros with a single one.

    `num_classes` −1 is one more than the largest number.

    Shapes: (…) of integers → (…, classes), int64. Raises ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html

    >>> import numpy as np
    >>> from knoll.nn import functional as F
    >>> F.one_hot(np.array([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    numbers = arguments.tensor(input, "one_hot")
    classes = num_classes = integer(num_classes, "one_hot", "num_classes", 2)
    if numbers._dtype.kind not in "iu":
        raise DTypeError(
            "one_hot is only applicable to index tensor of type LongTensor.", advice=say("nn.class_numbers")
        )
    if num_classes < 1 and numbers.numel():
        known = numbers._realize()
        classes = int(known.max()) + 1 if num_classes == -1 else num_classes
        check_classes(known, classes)
    if classes < 1:
        raise ArgumentError("num_classes should be positive", got=f"num_classes={num_classes}")
    (result,) = apply(one_hot_op, numbers, classes=classes)
    return result
