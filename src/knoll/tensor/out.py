"""Results that are written into a tensor that is there: `out` of PyTorch's functions.

One rule serves all functions that have it: the result is computed, and then copied. `public` calls it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, StateError, warn
from knoll.tensor.base import TensorBase
from knoll.tensor.mutation import change
from knoll.tensor.record import state


def written(out: Any, function: str, computed: Callable[[], Any]) -> Any:
    """`out`, which has the numbers of a result from now on, converted to its element type.

    One of another shape takes the shape of the result, with a warning unless it was empty. Raises ArgumentTypeError for
    what is no tensor, StateError where a gradient is wanted, DTypeError for numbers that `out` cannot hold.

    >>> import knoll
    >>> room = knoll.zeros(3)
    >>> knoll.add(knoll.ones(3), 1, out=room) is room, room
    (True, tensor([2., 2., 2.]))
    """
    if not isinstance(out, TensorBase):
        raise ArgumentTypeError(f"{function}(): argument 'out' must be Tensor, not {type(out).__name__}")
    result = computed()
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
