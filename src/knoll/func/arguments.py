"""Which arguments of a function it is differentiated by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from knoll.errors import StateError
from knoll.func.tree import tree_map
from knoll.tensor import Tensor

Argnums: TypeAlias = int | tuple[int, ...]


def chosen(args: tuple[Any, ...], argnums: Any) -> tuple[int, ...]:
    """The numbers of the arguments, counted from the front. Raises StateError for some that there are not."""
    if not isinstance(argnums, (int, tuple)):
        raise StateError(f"argnums must be int or Tuple[int, ...], got: {type(argnums)}")
    numbers = tuple(_number(each, len(args)) for each in (argnums if isinstance(argnums, tuple) else (argnums,)))
    if not numbers:
        raise StateError("argnums must be non-empty")
    if len(set(numbers)) != len(numbers):
        raise StateError(f"argnums elements must be unique, got {numbers}")
    return numbers


def _number(argnum: Any, count: int) -> int:
    if not isinstance(argnum, int):
        raise StateError(f"argnum must be int, got: {type(argnum)}")
    if not -count <= argnum < count:
        raise StateError(f"Got argnum={argnum}, but only {count} positional inputs")
    return argnum % count


def sliced(args: tuple[Any, ...], argnums: Argnums) -> Any:
    """The arguments with these numbers: one, or a tuple of them."""
    numbers = chosen(args, argnums)
    return tuple(args[number] for number in numbers) if isinstance(argnums, tuple) else args[numbers[0]]


def replaced(args: tuple[Any, ...], numbers: tuple[int, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    """All arguments, with others in place of those with these numbers."""
    known = dict(zip(numbers, new, strict=True))
    return tuple(known.get(number, arg) if number in known else arg for number, arg in enumerate(args))


def with_aux(given: Any, has_aux: bool, words: str) -> tuple[Any, Any]:
    """What a function gave, and what it gave besides, if it `has_aux`. Raises StateError for what is no such pair."""
    if not has_aux:
        return given, None
    if not (isinstance(given, tuple) and len(given) == 2):
        raise StateError(f"{words}: output of function f should be a tuple: (output, aux) if has_aux is True")
    return given


def each_tensor(function: Callable[[Tensor], Tensor], tree: Any) -> Any:
    """A tree of tensors with what a function gives for each. Raises StateError for what is no tensor."""

    def told(x: Any) -> Tensor:
        if not isinstance(x, Tensor):
            raise StateError(f"Expected tensors, got unsupported type {type(x)}")
        return function(x)

    return tree_map(told, tree)
