"""Functions that give a tensor of the same shape, as changes in place: `sqrt_` of `sqrt`, and so on."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

from knoll.tensor.arguments import public
from knoll.tensor.inplace import change

F = TypeVar("F", bound=Callable[..., Any])


def in_place(name: str, function: F) -> F:
    """The change in place that PyTorch calls `name`: what a function gives takes the place of its first argument.

    Raises what the function raises, StateError for a leaf whose gradient is wanted, ShapeError and DTypeError where the
    result does not fit.

    >>> from knoll.tensor import tensor
    >>> from knoll.tensor.activation import relu
    >>> in_place("relu_", relu)(tensor([-1.0, 2.0]))
    tensor([0., 2.])
    """

    def changed(x: Any, *others: Any, **options: Any) -> Any:
        return change(x, lambda former: function(former, *others, **options))

    twin = public(name, like=function)(changed)
    told, _, rest = (inspect.getdoc(function) or "").partition("\n")
    twin.__doc__ = f"{told.removesuffix('.')}, in place.\n{rest.partition('>>>')[0]}".rstrip()
    return cast(F, twin)
