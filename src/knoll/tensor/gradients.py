"""What a person asks of gradients: which tensors want one, which keep one, and where backward starts."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np

from knoll.errors import StateError
from knoll.messages import say
from knoll.ops.reduce import spread
from knoll.ops.reshape import stop_gradient
from knoll.tensor import backward as sweep
from knoll.tensor.exchange import check_differentiable
from knoll.tensor.record import apply

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


def require(x: Tensor, wanted: bool = True) -> Tensor:
    """Let backward reach this tensor, or not."""
    if wanted:
        check_differentiable(x._dtype)
    elif not x.is_leaf:
        raise StateError(
            "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in "
            "a subgraph that doesn't require differentiation use var_no_grad = var.detach()."
        )
    x._numbers()
    x._requires_grad = bool(wanted)
    return x


def retain(x: Tensor) -> None:
    """Let backward leave the gradient of this result in `grad`."""
    if not x._requires_grad:
        raise StateError("can't retain_grad on Tensor that has requires_grad=False")
    x._numbers()
    if x._origin is None:
        return
    run, index = x._origin.run, x._origin.index
    if run.graph.readers.get(run.graph.outputs[index]):
        raise StateError(say("tensor.retain_early"), advice=say("tensor.retain_inside"))
    run.retained[index] = weakref.ref(x)


def backward(x: Tensor, gradient: Tensor | None = None, retain_graph: bool = False) -> None:
    """Add the gradient of this tensor to the `grad` of every leaf it was computed from.

    `gradient` is that of a result further on; a tensor of one element needs none. Raises StateError.
    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.backward.html
    """
    array = x._numbers()
    if not x._requires_grad:
        raise StateError(
            "element 0 of tensors does not require grad and does not have a grad_fn", advice=say("tensor.no_gradient")
        )
    if gradient is None and array.size != 1:
        raise StateError(
            "grad can be implicitly created only for scalar outputs", advice=say("tensor.scalar", shape=x.shape)
        )
    seed = np.ones_like(array) if gradient is None else np.asarray(gradient._numbers(), array.dtype)
    if seed.shape != array.shape:
        raise StateError(
            f"Mismatch in shape: grad_output[0] has a shape of {list(seed.shape)} and output[0] has a shape of "
            f"{list(array.shape)}."
        )
    sweep.backward(x, seed, retain_graph)


def detach(x: Tensor) -> Tensor:
    """The same numbers, in the same memory, without gradient."""
    if x._value is not None:
        return apply(stop_gradient, x)[0]
    return x._over(x._numbers(), x._memory)


def detach_(x: Tensor) -> Tensor:
    """Cut this tensor off from what it was computed from."""
    x._numbers()
    x._origin, x._requires_grad = None, False
    return x


def clone(x: Tensor) -> Tensor:
    """A copy that gradients flow through."""
    return apply(spread, x, shape=x.shape, axes=(), scale=1.0)[0]


def contiguous(x: Tensor) -> Tensor:
    """The tensor itself, or a copy whose elements lie in reading order."""
    return x if x.is_contiguous() else clone(x)
