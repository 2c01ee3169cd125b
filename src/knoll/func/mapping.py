"""A function of one example, mapped over many: `vmap`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial, wraps
from typing import Any

from knoll.errors import ArgumentError, StateError
from knoll.func.tree import TreeSpec, flatten, spread, unflatten
from knoll.graph import Value
from knoll.ops.reduction.reduce import expand as repeat
from knoll.tensor import Tensor, apply, recording
from knoll.tensor.elementwise.assignment import copy_
from knoll.tensor.mapped import RANDOMNESS, MappedCall, for_all_examples, transforming
from knoll.tensor.random.seed import get_rng_state, set_rng_state
from knoll.tensor.record import recorded_by
from knoll.tensor.shapes.joining import cat
from knoll.tensor.shapes.rearrange import movedim


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """A function that maps another one, which is of one example, over the examples along an axis of its arguments.

    - `in_dims`: the axis of each argument along which the examples lie, None for one that is the same for all: a number
      for all arguments, or a tuple with one for each, which may be built like the argument.
    - `out_dims`: the axis of the results along which those of all examples lie, likewise.
    - `randomness`: whether random tensors are refused ("error"), drawn for each example ("different") or for all of
      them ("same").
    - `chunk_size`: how many examples are computed at a time; None for all.

    The function is called once, with tensors that have the shape of one example and no numbers: it must not branch on
    them. What it does is done to all examples at once. Raises ArgumentError, StateError, DimensionError.
    Source: https://pytorch.org/docs/stable/generated/torch.func.vmap.html

    >>> import knoll
    >>> knoll.vmap(knoll.dot)(knoll.ones(3, 2), knoll.ones(3, 2))
    tensor([2., 2., 2.])
    >>> loss = lambda w, x: ((w * x).sum() - 1) ** 2
    >>> knoll.vmap(knoll.func.grad(loss), in_dims=(None, 0))(knoll.ones(2), knoll.eye(2))  # a gradient for each x
    tensor([[0., 0.],
            [0., 0.]])
    """
    if randomness not in RANDOMNESS:
        raise StateError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if not (chunk_size is None or chunk_size > 0):
        raise ArgumentError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @wraps(func)
    def mapped(*args: Any, **kwargs: Any) -> Any:
        return _Mapping(func, in_dims, out_dims, randomness).called(args, kwargs, chunk_size)

    return mapped


def debug_unwrap(tensor: Tensor, *, recurse: bool = True) -> Tensor:
    """All examples of a tensor in a function that is mapped, along its first axis, to look at; any other as it is.

    With `recurse` those of all functions that are mapped inside each other.
    Source: https://pytorch.org/docs/stable/generated/torch.func.debug_unwrap.html

    >>> import knoll
    >>> x = knoll.vmap(lambda x: print(knoll.func.debug_unwrap(x)) or 2 * x)(knoll.ones(3))
    tensor([1., 1., 1.])
    """
    whole = for_all_examples(tensor)
    if whole is None:
        return tensor
    return debug_unwrap(whole) if recurse else whole


def _name(func: Callable[..., Any]) -> str:
    """What messages call a function."""
    name: str | None = getattr(func, "__name__", None)
    if name is None and isinstance(func, partial):
        return f"functools.partial({_name(func.func)}, ...)"
    return repr(func) if name is None else name


@dataclass(frozen=True)
class _Mapping:
    """What is mapped, and how."""

    func: Callable[..., Any]
    in_dims: Any
    out_dims: Any
    randomness: str

    def called(self, args: tuple[Any, ...], kwargs: dict[str, Any], chunk_size: int | None) -> Any:
        """The results for all examples."""
        self._check_out_dims()
        leaves, spec, dims = self._checked(args)
        sizes = [x.shape[dim] for x, dim in zip(leaves, dims, strict=True) if dim is not None]
        if not sizes:
            raise ArgumentError("vmap: Expected at least one Tensor to vmap over")
        size = sizes[0]
        if any(each != size for each in sizes):
            raise ArgumentError(
                "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes "
                f"{sizes} for the mapped dimension"
            )
        if chunk_size is None or chunk_size >= size:
            return self._all(leaves, spec, dims, size, kwargs)
        return self._in_chunks(leaves, spec, dims, size, kwargs, chunk_size)

    def _in_chunks(
        self,
        leaves: Sequence[Any],
        spec: TreeSpec,
        dims: Sequence[int | None],
        size: int,
        kwargs: dict[str, Any],
        chunk_size: int,
    ) -> Any:
        """The results, computed for some examples at a time."""
        chunks, gives = [], TreeSpec()
        begin = get_rng_state() if self.randomness == "same" else None
        for start in range(0, size, chunk_size):
            count = min(chunk_size, size - start)
            part = [x if dim is None else x.narrow(dim, start, count) for x, dim in zip(leaves, dims, strict=True)]
            if begin is not None:
                set_rng_state(begin)
            results, gives = flatten(self._all(part, spec, dims, count, kwargs))
            chunks.append(results)
        ends = self._ends(gives)
        parts = zip(zip(*chunks, strict=True), ends, strict=True)
        return unflatten([each[0] if dim is None else cat(each, dim) for each, dim in parts], gives)

    def _all(
        self, leaves: Sequence[Any], spec: TreeSpec, dims: Sequence[int | None], size: int, kwargs: dict[str, Any]
    ) -> Any:
        """The results for all examples at once."""
        with recording():
            call = MappedCall(size, self.randomness)
            given = [
                x if dim is None else call.example(movedim(x, dim, 0)) for x, dim in zip(leaves, dims, strict=True)
            ]
            examples = [(x, dim, t, t._value) for x, dim, t in zip(leaves, dims, given, strict=True) if dim is not None]
            try:
                with recorded_by(call), transforming():
                    results, gives = flatten(self.func(*unflatten(given, spec), **kwargs))
                wholes = self._wholes(call, results, gives)
                _change(call, examples)
            finally:
                call.has_ended = True
            return unflatten(wholes, gives)

    def _wholes(self, call: MappedCall, results: Sequence[Any], gives: TreeSpec) -> list[Any]:
        """The results for all examples, along their axes."""
        ends = self._ends(gives)
        for y, dim in zip(results, ends, strict=True):
            if dim is not None and not isinstance(y, Tensor):
                name = _name(self.func)
                raise ArgumentError(
                    f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(y)}. Did you mean to set "
                    "out_dims= to None for output?"
                )
        tensors = iter(call.for_all([y for y in results if isinstance(y, Tensor)]))
        return [
            self._whole(call, *next(tensors), dim) if isinstance(y, Tensor) else y
            for y, dim in zip(results, ends, strict=True)
        ]

    def _whole(self, call: MappedCall, y: Any, is_mapped: bool, dim: int | None) -> Any:
        """A result for all examples, along an axis; one that is the same for all is repeated."""
        if dim is None:
            if is_mapped:
                name = _name(self.func)
                raise ArgumentError(f"vmap({name}, ...): `{name}` can not return a BatchedTensor when out_dim is None")
            return y
        if not is_mapped:
            (y,) = apply(repeat, y, shape=(call.size, *y.shape), axes=(0,), scale=1.0)
        return movedim(y, 0, dim)

    def _ends(self, gives: TreeSpec) -> list[int | None]:
        """The axis of each result."""
        ends = self.out_dims
        if gives.kind is None:
            ends = ends[0] if isinstance(ends, tuple) and len(ends) == 1 else ends
            found = [ends] if ends is None or isinstance(ends, int) else None
        else:
            found = spread(ends, gives)
        if found is None:
            raise ArgumentError(
                f"vmap({_name(self.func)}, ..., out_dims={self.out_dims})(<inputs>): out_dims is not compatible with "
                f"the structure of `outputs`. out_dims has structure {flatten(self.out_dims)[1]} but outputs has "
                f"structure {gives}."
            )
        return found

    def _check_out_dims(self) -> None:
        """Refuse axes of results that are no numbers."""
        for dim in flatten(self.out_dims)[0]:
            if dim is not None and not isinstance(dim, int):
                raise ArgumentError(
                    f"vmap({_name(self.func)}, ..., out_dims={self.out_dims}): `out_dims` must be an int, None or a "
                    "python collection of ints representing where in the outputs the vmapped dimension should appear."
                )

    def _checked(self, args: tuple[Any, ...]) -> tuple[list[Any], TreeSpec, list[int | None]]:
        """The leaves of the arguments, how these are built, and the axis of each leaf, counted from the front."""
        name, in_dims = _name(self.func), self.in_dims
        words = f"vmap({name}, in_dims={in_dims}, ...)(<inputs>)"
        if not isinstance(in_dims, (int, tuple)):
            raise ArgumentError(
                f"{words}: expected `in_dims` to be int or a (potentially nested) tuple matching the structure of "
                f"inputs, got: {type(in_dims)}."
            )
        if not args:
            raise ArgumentError(
                f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap "
                "over a function with no inputs. The latter is unsupported."
            )
        leaves, spec = flatten(args)
        dims = spread(in_dims, spec)
        if dims is None:
            raise ArgumentError(
                f"{words}: in_dims is not compatible with the structure of `inputs`. in_dims has structure "
                f"{flatten(in_dims)[1]} but inputs has structure {spec}."
            )
        return leaves, spec, [_axis(x, dim, words) for x, dim in zip(leaves, dims, strict=True)]


def _axis(x: Any, dim: Any, words: str) -> int | None:
    """The axis of the examples, counted from the front."""
    if dim is None:
        return None
    if not isinstance(dim, int):
        raise ArgumentError(
            f"{words}: Got in_dim={dim} for an input but in_dim must be either an integer dimension or None."
        )
    if not isinstance(x, Tensor):
        raise ArgumentError(
            f"{words}: Got in_dim={dim} for an input but the input is of type {type(x)}. We cannot vmap over "
            "non-Tensor arguments, please use None as the respective in_dim"
        )
    if not -x.ndim <= dim < x.ndim:
        raise ArgumentError(
            f"{words}: Got in_dim={dim} for some input, but that input is a Tensor of dimensionality {x.ndim} so "
            f"expected in_dim to satisfy -{x.ndim} <= in_dim < {x.ndim}."
        )
    return dim % x.ndim


def _change(call: MappedCall, examples: Sequence[tuple[Tensor, int, Tensor, Value | None]]) -> None:
    """Change in place what the function changed of its arguments."""
    for x, dim, example, value in examples:
        example.requires_grad  # noqa: B018 (which brings an alias up to date)
        if example._value is not value:
            ((whole, is_mapped),) = call.for_all([example])
            assert is_mapped, "an example stays one"
            copy_(x, movedim(whole, 0, dim))
