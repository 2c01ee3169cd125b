"""Whole Jacobians and Hessians: `jacrev` by products from the left, `jacfwd` from the right, all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from itertools import accumulate
from typing import Any

import numpy as np

from knoll.errors import ArgumentError
from knoll.func.arguments import Argnums, chosen, sliced
from knoll.func.mapping import vmap
from knoll.func.products import Linearization, pullback
from knoll.func.tree import flatten, tree_map, unflatten
from knoll.tensor import Tensor, tensor
from knoll.tensor.shapes.joining import cat


def jacrev(
    func: Callable[..., Any],
    argnums: Argnums = 0,
    *,
    has_aux: bool = False,
    chunk_size: int | None = None,
    _preallocate_and_copy: bool = False,
) -> Callable[..., Any]:
    """A function that computes the Jacobian of another one by backward mode: fit for fewer results than inputs.

    All rows are computed at once, or `chunk_size` at a time, which takes less memory. Results and arguments may be
    trees of tensors; the Jacobian is a tree like the results, of trees like the arguments. With `has_aux` the function
    gives a pair, whose second part is returned beside the Jacobian. Shapes: results (b…) and arguments (a…) → (b…, a…).
    Raises StateError, ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.func.jacrev.html

    >>> import knoll
    >>> knoll.func.jacrev(lambda x: x**2)(knoll.tensor([1.0, 3.0]))
    tensor([[2., 0.],
            [0., 6.]])
    """
    del _preallocate_and_copy  # how memory is taken, in PyTorch
    if not (chunk_size is None or chunk_size > 0):
        raise ArgumentError("jacrev: `chunk_size` should be greater than 0.")

    @wraps(func)
    def jacobian(*args: Any) -> Any:
        by = sliced(args, argnums)
        y, product, aux = pullback(func, args, chosen(args, argnums), has_aux)
        results, gives = flatten(y)
        inputs, takes = flatten(by)

        def row(*basis: Tensor) -> tuple[Tensor, ...]:
            return tuple(flatten(product(unflatten(basis, gives)))[0])

        chunks = [row_of(basis, row, chunk_size) for basis in _bases(results, chunk_size)]
        rows = [each[0] if len(each) == 1 else cat(each) for each in zip(*chunks, strict=True)]
        found = []
        for y_, first, stop in _places(results):
            parts = [part[first:stop].reshape(*y_.shape, *x.shape) for part, x in zip(rows, inputs, strict=True)]
            found.append(unflatten(parts, takes))
        matrices = unflatten(found, gives)
        return (matrices, aux) if has_aux else matrices

    return jacobian


def row_of(basis: Sequence[Tensor], row: Callable[..., tuple[Tensor, ...]], chunk_size: int | None) -> Any:
    """The rows of a Jacobian for some vectors; for one alone without anything that mapped calls refuse."""
    if chunk_size == 1:
        return tuple(x.unsqueeze(0) for x in row(*(each[0] for each in basis)))
    return vmap(row)(*basis)


def jacfwd(
    func: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """A function that computes the Jacobian of another one by products from the right: fit for fewer inputs.

    The function is called once and made linear; all columns are computed at once. Otherwise as `jacrev`. As what it
    draws at random is drawn once, `randomness` changes nothing.
    Source: https://pytorch.org/docs/stable/generated/torch.func.jacfwd.html

    >>> import knoll
    >>> knoll.func.jacfwd(lambda x: x**2)(knoll.tensor([1.0, 3.0]))
    tensor([[2., 0.],
            [0., 6.]])
    """

    @wraps(func)
    def jacobian(*args: Any) -> Any:
        by = sliced(args, argnums)
        linear = Linearization(func, args, chosen(args, argnums), has_aux)
        inputs, takes = flatten(by)
        (basis,) = _bases(inputs, None)
        columns = vmap(lambda *tangents: linear.product(tangents), randomness=randomness)(*basis)

        def by_inputs(column: Tensor) -> Any:
            last = column.movedim(0, -1)
            parts = [last[..., first:stop].reshape(*column.shape[1:], *x.shape) for x, first, stop in _places(inputs)]
            return unflatten(parts, takes)

        matrices = tree_map(by_inputs, columns)
        return (matrices, linear.aux) if has_aux else matrices

    return jacobian


def hessian(func: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """A function that computes the Hessian of another one: the Jacobian of its Jacobian.

    Shapes: an argument (a…) and a result (b…) → (b…, a…, a…). Raises StateError, ArgumentError, DTypeError.
    Source: https://pytorch.org/docs/stable/generated/torch.func.hessian.html

    >>> import knoll
    >>> knoll.func.hessian(lambda x: (x**3).sum())(knoll.tensor([1.0, 2.0]))
    tensor([[ 6.,  0.],
            [ 0., 12.]])
    """
    return jacfwd(jacrev(func, argnums), argnums)


def _places(tensors: Sequence[Tensor]) -> list[tuple[Tensor, int, int]]:
    """Each tensor, and where its elements begin and end among those of all."""
    ends = list(accumulate((x.numel() for x in tensors), initial=0))
    return list(zip(tensors, ends, ends[1:], strict=False))


def _bases(tensors: Sequence[Tensor], chunk_size: int | None) -> Iterator[tuple[Tensor, ...]]:
    """The unit vectors of the space of some tensors: for each tensor (vectors, …), so many vectors at a time."""
    places = _places(tensors)
    total = places[-1][2]
    for start in range(0, max(total, 1), chunk_size or max(total, 1)):
        stop = min(start + (chunk_size or total), total)
        parts = []
        for x, first, last in places:
            units = np.zeros((stop - start, last - first), x.dtype)
            own = np.arange(max(start, first), min(stop, last))
            units[own - start, own - first] = 1
            parts.append(tensor(units.reshape(stop - start, *x.shape)))
        yield tuple(parts)
