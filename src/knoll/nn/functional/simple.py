"""Functions of single elements and of rows."""
# ruff: noqa: A002 (`input` is the name that callers write)

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ArgumentError, DTypeError
from knoll.messages import say
from knoll.nn.functional import given
from knoll.ops.linear import linear as linear_op
from knoll.tensor import Tensor, apply, pointwise
from knoll.tensor.inplace import change


def relu(input: Any, inplace: bool = False) -> Tensor:
    """max(0, x), element by element; NaN stays. With `inplace` the tensor passed in becomes the result.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html

    >>> relu(np.array([-1.0, 2.0]))
    tensor([0., 2.], dtype=float64)
    """
    x = given.tensor(input, "relu")
    if x.dtype.kind == "b":
        raise DTypeError("Boolean inputs not supported for relu", advice=say("ops.same_dtype", dtype="float32"))
    return change(x, pointwise.relu) if inplace else x.relu()


def sigmoid(input: Any) -> Tensor:
    """1 / (1 + exp(−x)), element by element; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.sigmoid.html

    >>> sigmoid(np.array([0.0]))
    tensor([0.5000], dtype=float64)
    """
    return given.tensor(input, "sigmoid").sigmoid()


def tanh(input: Any) -> Tensor:
    """The hyperbolic tangent, element by element; integers give float32.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.tanh.html

    >>> tanh(np.array([0.0]))
    tensor([0.], dtype=float64)
    """
    return given.tensor(input, "tanh").tanh()


def linear(input: Any, weight: Any, bias: Any = None) -> Tensor:
    """The rows of x times the rows of `weight`, plus `bias`.

    Shapes: (…, in), weight (out, in), bias (out,) → (…, out). Raises ShapeError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.linear.html

    >>> linear(np.ones((2, 3)), np.ones((1, 3)))
    tensor([[3.],
            [3.]], dtype=float64)
    """
    b = () if bias is None else (given.tensor(bias, "linear", "bias", 3),)
    return apply(linear_op, given.tensor(input, "linear"), given.tensor(weight, "linear", "weight", 2), *b)[0]


def softmax(input: Any, dim: int) -> Tensor:
    """exp(x) as a share of its sum along `dim`, which must be given: PyTorch guesses it with a warning.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html

    >>> softmax(np.array([0.0, 0.0]), dim=0)
    tensor([0.5000, 0.5000], dtype=float64)
    """
    return given.tensor(input, "softmax").softmax(dim)


def log_softmax(input: Any, dim: int) -> Tensor:
    """The logarithm of `softmax`, without overflow.

    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html

    >>> log_softmax(np.array([0.0, 1000.0]), dim=0)
    tensor([-1000.,     0.], dtype=float64)
    """
    return given.tensor(input, "log_softmax").log_softmax(dim)


def one_hot(tensor: Any, num_classes: int = -1) -> Tensor:
    """Class numbers as rows of zeros with a single one; −1 counts the classes in the numbers themselves.

    Shapes: (…) of integers → (…, classes), int64. Raises ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html

    >>> one_hot(np.array([0, 2]))
    tensor([[1, 0, 0],
            [0, 0, 1]])
    """
    numbers = given.tensor(tensor, "one_hot")._numbers()
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
