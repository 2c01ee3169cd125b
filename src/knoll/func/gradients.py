"""Gradients of functions with one number as their result: `grad` and `grad_and_value`."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from knoll.errors import StateError
from knoll.func.arguments import Argnums, chosen, each_tensor, replaced, sliced, with_aux
from knoll.func.differentiated import DifferentiatedCall
from knoll.func.tree import flatten, unflatten
from knoll.tensor import Tensor

_WORDS = "grad_and_value(f)(*args)"


def grad(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that computes the gradient of another one by the arguments numbered in `argnums`.

    `func` gives a tensor without axes; with `has_aux` a pair of it and whatever else, which is given back beside the
    gradient. The arguments are tensors, or tuples, lists and dictionaries of them, and the gradient is built like them.
    Where `argnums` is a tuple, so is the gradient. The function may be transformed again. Raises StateError,
    ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.func.grad.html

    >>> import knoll
    >>> from knoll.func import grad
    >>> grad(knoll.sin)(knoll.tensor(0.0)), grad(grad(lambda x: x**3))(knoll.tensor(2.0))
    (tensor(1.), tensor(12.))
    """

    @wraps(func)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        found, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (found, value[1]) if has_aux else found

    return gradient


def grad_and_value(func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """A function that computes the gradient of another one, as `grad`, and what that one gives.

    Raises StateError, ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.func.grad_and_value.html

    >>> import knoll
    >>> knoll.func.grad_and_value(lambda x: (x**2).sum())(knoll.tensor([1.0, 3.0]))
    (tensor([2., 6.]), tensor(10.))
    """

    @wraps(func)
    def both(*args: Any, **kwargs: Any) -> Any:
        by, numbers = sliced(args, argnums), chosen(args, argnums)
        call = DifferentiatedCall()
        fresh = call.fresh(by)
        given = replaced(args, numbers, fresh if isinstance(argnums, tuple) else (fresh,))
        y, aux = with_aux(call.of(func, *given, **kwargs), has_aux, _WORDS)
        _check(y)
        found = unflatten(call.gradients([y]), flatten(by)[1])
        value = call.left(y)
        return found, (value, each_tensor(call.left, aux)) if has_aux else value

    return both


def _check(y: Any) -> None:
    """Refuse what is no tensor without axes."""
    if not isinstance(y, Tensor):
        raise StateError(f"{_WORDS}: Expected f(*args) to return a Tensor, got {type(y)}")
    if y.ndim:
        raise StateError(
            f"{_WORDS}: Expected f(*args) to return a scalar Tensor, got tensor with {y.ndim} dims. Maybe you wanted "
            "to use the vjp or jacrev APIs instead?"
        )
