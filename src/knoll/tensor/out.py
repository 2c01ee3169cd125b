"""Results that are written into a tensor that is there: `out` of PyTorch's functions.

One rule serves all functions that have it: the result is computed, and then copied. New tensors are made in the element
type of `out`. `public` calls both.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, DTypeError, StateError, warn
from knoll.ops.dtypes import scalar_name
from knoll.tensor.base import TensorBase
from knoll.tensor.dtypes import check_differentiable, dtype_of
from knoll.tensor.record import state
from knoll.tensor.storage.mutation import change


def written(out: Any, function: str, computed: Callable[[], Any]) -> Any:
    """`out`, which has the numbers of a result from now on, converted to its element type.

    Of functions with several results `out` is a tuple, and so is what is returned. One of another shape takes the shape
    of the result, with a warning unless it was empty. Raises ArgumentTypeError for what is no tensor, StateError
    where a gradient is wanted, DTypeError for numbers that `out` cannot hold.

    >>> import knoll
    >>> room = knoll.zeros(3)
    >>> knoll.add(knoll.ones(3), 1, out=room) is room, room
    (True, tensor([2., 2., 2.]))
    """
    result = computed() if isinstance(out, (tuple, list)) else None
    if isinstance(result, tuple):
        return _written_parts(out, function, result)
    _check(out, function)
    result = computed()
    if isinstance(result, tuple) and hasattr(result, "_fields"):
        raise ArgumentTypeError(f"{function}(): argument 'out' must be tuple of Tensors, not {type(out).__name__}")
    return _written(out, function, result)


def _written_parts(out: Any, function: str, results: tuple[Any, ...]) -> Any:
    """Several results, each written into a tensor of `out`."""
    if len(out) != len(results):
        raise ArgumentTypeError(f"expected tuple of {len(results)} elements but got {len(out)}")
    for place, part in enumerate(out):
        if not isinstance(part, TensorBase):
            raise ArgumentTypeError(
                f"expected Tensor as element {place} in argument 'out', but got {type(part).__name__}"
            )
    return type(results)(*(_written(part, function, result) for part, result in zip(out, results, strict=True)))


def _written(out: Any, function: str, result: Any) -> Any:
    """One result, written into `out`."""
    if not isinstance(result, TensorBase):  # as of `where` without a choice
        raise ArgumentTypeError(f"{function}() got an unexpected keyword argument 'out'")
    if state.grad and (result._requires_grad or out._requires_grad):
        raise StateError(
            f"{function}(): functions with out=... arguments don't support automatic differentiation, but one of the "
            "arguments requires grad."
        )
    if out.shape != result.shape:
        _resize(out, result)
    return change(out, lambda _: result)


def made_in(out: Any, function: str, dtype: Any, requires_grad: bool, computed: Callable[[Any], Any]) -> Any:
    """`out`, which has the numbers of a new tensor from now on, made in its element type.

    Raises DTypeError where `dtype` says another one or is none that gradients flow through, and what `written` raises.

    >>> import knoll
    >>> knoll.ones(2, out=knoll.zeros(2, dtype=knoll.int64))
    tensor([1, 1])
    """
    _check(out, function)
    if dtype is not None and dtype_of(dtype) != out._dtype:
        raise DTypeError(
            f"dtype {scalar_name(dtype_of(dtype))} does not match dtype of out parameter ({scalar_name(out._dtype)})"
        )
    result = written(out, f"aten::{function}", lambda: computed(out._dtype))
    if requires_grad:
        check_differentiable(out._dtype, new=True)
        result.requires_grad = True
    return result


def _check(out: Any, function: str) -> None:
    if not isinstance(out, TensorBase):
        raise ArgumentTypeError(f"{function}(): argument 'out' must be Tensor, not {type(out).__name__}")


def _resize(out: Any, result: TensorBase) -> None:
    """Give `out` memory of its own for a result of another shape."""
    if out.numel():
        warn(
            "An output with one or more elements was resized since it had shape "
            f"{list(out.shape)}, which does not match the required output shape {list(result.shape)}. This behavior is "
            "deprecated, and in a future PyTorch release outputs will not be resized unless they have zero elements. "
            "You can explicitly reuse an out tensor t by resizing it, inplace, to zero elements with t.resize_(0)."
        )
    out.data = type(out)._over(np.zeros(result.shape, out._dtype))
