"""Copies of tensors, by Python, by pickle, and as operations."""

from __future__ import annotations

import copy
from typing import Any

from knoll.errors import StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.ops.reduction.reduce import expand
from knoll.tensor.arguments import public
from knoll.tensor.base import T, TensorBase
from knoll.tensor.record import apply
from knoll.tensor.storage.alias import detached_alias
from knoll.tensor.storage.layout import is_contiguous
from knoll.tensor.storage.memory import Memory
from knoll.tensor.storage.memory_format import check_format
from knoll.tensor.storage.memory_format import memory_format as Format

__all__ = ["clone"]


def _rebuilt(kind: type[T], array: Array, requires_grad: bool, extras: dict[str, Any]) -> T:
    """A leaf of the class `kind` over `array`."""
    tensor = kind.__new__(kind)
    tensor._begin(array, Memory(), requires_grad)
    for name, value in extras.items():
        setattr(tensor, name, value)
    return tensor


def _extras(x: TensorBase) -> dict[str, Any]:
    """What a subclass, or a person, has added to the tensor."""
    own = type(x).__mro__[: type(x).__mro__.index(TensorBase)]
    slots = [name for kind in own for name in vars(kind).get("__slots__", ()) if name != "__dict__"]
    return {name: getattr(x, name) for name in slots if hasattr(x, name)} | getattr(x, "__dict__", {})


def reduced(x: TensorBase) -> tuple[Any, ...]:
    """What pickle stores: the numbers and whether they are learned, without gradient and history."""
    return _rebuilt, (type(x), x._realize().copy(), x._requires_grad, _extras(x))


def shallow(x: T) -> T:
    """Another tensor over the same memory."""
    copied = _rebuilt(type(x), x._realize(), x._requires_grad, _extras(x))
    copied._memory, copied._edge, copied._grad = x._memory, x._edge, x._grad
    return detached_alias(x, copied)


def deep(x: T, memo: dict[int, Any]) -> T:
    """A leaf with numbers and gradient of its own. Raises StateError for a result that gradients flow through."""
    if not x.is_leaf:
        raise StateError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.",
            advice=say("tensor.detach_first"),
        )
    copied = _rebuilt(type(x), x._realize().copy(), x._requires_grad, copy.deepcopy(_extras(x), memo))
    copied._grad = copy.deepcopy(x._grad, memo)
    memo[id(x)] = copied
    return copied


@public("clone")
def clone(x: T, *, memory_format: Format | None = None) -> T:
    """A copy that gradients flow through.

    Source: https://pytorch.org/docs/stable/generated/torch.clone.html

    >>> import knoll
    >>> x = knoll.tensor([1.0, 2.0], requires_grad=True)
    >>> knoll.clone(x).sum().backward()
    >>> x.grad
    tensor([1., 1.])
    """
    check_format(memory_format, len(x.shape))
    return apply(expand, x, shape=x.shape, axes=(), scale=1.0)[0]


@public("contiguous")
def contiguous(x: T, memory_format: Format | None = None) -> T:
    """The tensor itself, or a copy whose elements lie in reading order.

    Source: https://pytorch.org/docs/stable/generated/torch.Tensor.contiguous.html

    >>> import knoll
    >>> x = knoll.ones(2, 3)
    >>> x.t().contiguous().stride(), x.contiguous() is x
    ((2, 1), True)
    """
    check_format(memory_format, len(x.shape))
    return x if is_contiguous(x) else clone(x)
