"""Functions of single elements, of rows, and of shapes."""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, DTypeError, ShapeError
from knoll.messages import say
from knoll.nn.functional.given import tensor
from knoll.ops import elementwise
from knoll.ops.index import largest
from knoll.ops.linear import linear as linear_op
from knoll.ops.reduce import normalised, total
from knoll.ops.reshape import convert, reshape, stop_gradient
from knoll.tensor import Tensor, apply


def relu(input: Any, inplace: bool = False) -> Tensor:  # noqa: ARG001 (see below)
    """max(0, x), element by element; NaN stays.

    `inplace` is taken and changes nothing but memory in PyTorch; here results share memory wherever they can, and the
    tensor passed in keeps its numbers. Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html

    >>> relu(np.array([-1.0, 2.0])).numpy()
    array([0., 2.])
    """
    x = tensor(input, "relu")
    if x._dtype.kind == "b":
        raise DTypeError("Boolean inputs not supported for relu", advice=say("ops.same_dtype", dtype="float32"))
    return apply(elementwise.relu, x)[0]


def sigmoid(input: Any) -> Tensor:
    """1 / (1 + exp(−x)), element by element; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.sigmoid.html

    >>> sigmoid(np.array([0.0])).numpy()
    array([0.5])
    """
    return apply(elementwise.sigmoid, _floating(tensor(input, "sigmoid")))[0]


def tanh(input: Any) -> Tensor:
    """The hyperbolic tangent, element by element; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.tanh.html

    >>> tanh(np.array([0.0])).numpy()
    array([0.])
    """
    return apply(elementwise.tanh, _floating(tensor(input, "tanh")))[0]


def _floating(x: Tensor) -> Tensor:
    return x if x._dtype.kind == "f" else apply(convert, x, dtype="float32")[0]


def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """The rows of x times the rows of `weight`, plus `bias`.

    Shapes: (…, in), weight (out, in), bias (out,) → (…, out). Raises ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html

    >>> linear(np.ones((2, 3)), np.ones((1, 3))).numpy()
    array([[3.],
           [3.]])
    """
    b = () if bias is None else (tensor(bias, "linear", "bias", 3),)
    return apply(linear_op, tensor(input, "linear"), tensor(weight, "linear", "weight", 2), *b)[0]


def softmax(input: Any, dim: int) -> Tensor:
    """exp(x) as a share of its sum along `dim`.

    `dim` must be given; PyTorch guesses it with a warning.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html

    >>> softmax(np.array([0.0, 0.0]), dim=0).numpy()
    array([0.5, 0.5])
    """
    shifted, axis = _shifted(_floating(tensor(input, "softmax")), dim)
    e = apply(elementwise.exp, shifted)[0]
    return apply(elementwise.divide, e, apply(total, e, axes=(axis,), keep=True)[0])[0]


def log_softmax(input: Any, dim: int) -> Tensor:
    """The logarithm of `softmax`, without overflow.

    `dim` must be given; PyTorch guesses it with a warning.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html

    >>> log_softmax(np.array([0.0, 1000.0]), dim=0).numpy()
    array([-1000.,     0.])
    """
    shifted, axis = _shifted(_floating(tensor(input, "log_softmax")), dim)
    sums = apply(total, apply(elementwise.exp, shifted)[0], axes=(axis,), keep=True)[0]
    return apply(elementwise.subtract, shifted, apply(elementwise.log, sums)[0])[0]


def _shifted(x: Tensor, dim: int) -> tuple[Tensor, int]:
    """Subtract the largest of x along `dim`, so that nothing overflows; the shift cancels, so does its gradient."""
    if not x.shape:
        x = apply(reshape, x, shape=(1,))[0]
    (axis,) = normalised((dim,), len(x.shape))
    if not x.shape[axis]:
        return x, axis
    highest = apply(stop_gradient, apply(largest, x, axis=axis)[0])[0]
    kept = tuple(1 if i == axis else size for i, size in enumerate(x.shape))
    return apply(elementwise.subtract, x, apply(reshape, highest, shape=kept)[0])[0], axis


def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """Class numbers as rows of zeros with a single one; −1 counts the classes in the numbers themselves.

    Shapes: (…) of integers → (…, classes), int64. Raises ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html

    >>> one_hot(np.array([0, 2])).numpy()
    array([[1, 0, 0],
           [0, 0, 1]])
    """
    numbers = tensor._numbers() if isinstance(tensor, Tensor) else np.asarray(tensor)
    if numbers.dtype.kind not in "iu":
        raise DTypeError(
            "one_hot is only applicable to index tensor of type LongTensor.", advice=say("nn.class_numbers")
        )
    if numbers.size and numbers.min() < 0:
        raise ArgumentError("Class values must be non-negative.", came=f"{numbers.min()}")
    classes = int(numbers.max()) + 1 if num_classes == -1 and numbers.size else num_classes
    if classes < 1:
        raise ArgumentError("num_classes should be positive", came=f"num_classes={num_classes}")
    if numbers.size and numbers.max() >= classes:
        raise ArgumentError("Class values must be smaller than num_classes.", came=f"{numbers.max()}")
    return Tensor((numbers[..., None] == np.arange(classes)).astype(np.int64))


def flatten(input: Any, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The axes from `start_dim` to `end_dim` as one.

    Raises DimensionError, ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.flatten.html

    >>> flatten(np.ones((2, 3, 4)), 1).shape
    (2, 12)
    """
    x = tensor(input, "flatten")
    rank = len(x.shape)
    first = normalised((start_dim,), rank)
    last = normalised((end_dim,), rank)
    if not rank:
        return apply(reshape, x, shape=(1,))[0]
    if first > last:
        raise ShapeError(
            "flatten() has invalid args: start_dim cannot come after end_dim",
            came=f"start_dim={start_dim}, end_dim={end_dim}",
        )
    start, end = first[0], last[0] + 1
    return apply(reshape, x, shape=(*x.shape[:start], math.prod(x.shape[start:end]), *x.shape[end:]))[0]


def unflatten(input: Any, dim: int, sizes: Sequence[int]) -> Tensor:
    """The axis `dim` as several of `sizes`, one of which may be −1.

    Raises DimensionError, ShapeError. Source: https://pytorch.org/docs/stable/generated/torch.unflatten.html

    >>> unflatten(np.ones((2, 12)), 1, (3, -1)).shape
    (2, 3, 4)
    """
    x = tensor(input, "unflatten")
    (axis,) = normalised((dim,), len(x.shape)) or (0,)
    parts = tuple(sizes)
    if not parts:
        raise ShapeError("unflatten: sizes must be non-empty")
    size = x.shape[axis] if x.shape else 1
    known = math.prod(part for part in parts if part != -1)
    fits = (parts.count(-1) == 0 and known == size) or (parts.count(-1) == 1 and known > 0 and size % known == 0)
    if not fits or min(parts) < -1:
        raise ShapeError(
            f"unflatten: Provided sizes {list(parts)} don't multiply up to the size of dim {axis} ({size}) "
            "in the input tensor"
        )
    parts = tuple(size // known if part == -1 else part for part in parts)
    return apply(reshape, x, shape=(*x.shape[:axis], *parts, *x.shape[axis + 1 :]))[0]
