"""Eager evaluation: light operations outside of a recording, by NumPy or by machine code for any shape."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial
from math import prod
from typing import Any, NamedTuple

import numpy as np

from knoll.errors import OutOfMemoryError
from knoll.graph import Array, Op, Spec, spec_of
from knoll.graph.spec import FLOATS, Shape
from knoll.ops.quiet import quietly
from knoll.ops.reduction.reduce import mean, sum_
from knoll.run.allocator import keep_freed
from knoll.run.program_cache import has_eager_kernels
from knoll.tensor.base import T

keep_freed()  # results come from memory that was used before

LARGE = 1 << 18  # elements from which machine code is faster than NumPy's own loops over vectors
FULL = 64  # elements beside an axis that fill some vectors
MOST_KNOWN = 1 << 12  # questions whose answer is kept; beyond it all are dropped, as shapes change all the time


class Light(NamedTuple):
    """What computes a light operation: its meaning, or a function that gives one result `directly`."""

    function: Callable[..., Any]
    directly: bool


_known: dict[Hashable, Light | None] = {}  # by operation, shapes, element types and attributes


def _light(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> Light | None:
    """What computes an operation on such arrays; None where it is worth machine code.

    Raises what the operation raises for operands of these shapes and element types.
    """
    key: tuple[Hashable, ...]
    a = arrays[0]
    if len(arrays) == 1:
        key = op, a.shape, a.dtype
    elif len(arrays) == 2:
        b = arrays[1]
        key = op, a.shape, a.dtype, b.shape, b.dtype
    else:
        key = op, *[(array.shape, array.dtype) for array in arrays]
    if attributes:
        key += tuple(attributes.items())
    try:
        return _known[key]
    except KeyError:
        results = op.results(*map(spec_of, arrays), **attributes)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        light = _in_machine_code(op, arrays, attributes, results[0])
        if light is None and not op.is_worth_compiling(arrays[0].size):
            light = _evaluator(op, arrays, attributes)
        return _known.setdefault(key, light)


def _in_machine_code(op: Op, arrays: list[Array], attributes: dict[str, Any], result: Spec) -> Light | None:
    """A kernel for arrays of any size, where it is faster than NumPy; None where there is none.

    Attributes are constants of machine code, so those of operations that NumPy computes fast are not compiled.
    """
    x = arrays[0]
    if result.dtype not in FLOATS or any(a.dtype != result.dtype for a in arrays):
        return None
    if op in (sum_, mean):
        given = _around(x.shape, attributes["axes"]) if x.size >= LARGE else None
        return _sums(op, given, result) if given and has_eager_kernels() else None
    if op.formula is None or op.roles is not None or op.may_refuse or (attributes and op.compiled_from > LARGE):
        return None
    is_large = result.size >= min(op.compiled_from, LARGE)
    in_one_order = all(a.shape == result.shape or a.size == 1 for a in arrays)
    return _elementwise(op, arrays, attributes, result) if is_large and in_one_order and has_eager_kernels() else None


def _elementwise(op: Op, arrays: list[Array], attributes: dict[str, float], result: Spec) -> Light:
    """An elementwise operation on arrays that lie in one order, or have a single number."""
    from knoll.run.eager_kernels import apply_flat, flat_operation

    numbers = tuple((name, float(number)) for name, number in attributes.items())
    operation = flat_operation(op, numbers, result.dtype, tuple(a.size == 1 for a in arrays))
    # A copy in order costs more than a function of NumPy's that is exact
    direct = op.direct() if op.direct is not None and op.compiled_from > LARGE else None

    def computed(*operands: Array) -> Array:
        if direct is not None and not all(a.flags.c_contiguous for a in operands):
            return np.ascontiguousarray(direct(*operands))
        made = np.empty(result.shape, result.dtype)
        apply_flat(operation, made, *map(np.ascontiguousarray, operands))
        return made

    return Light(computed, True)


def _sums(op: Op, sizes: tuple[int, int, int], result: Spec) -> Light:
    """Sums or means over adjacent axes of an array that is read as (outer, size, inner)."""
    from knoll.run.eager_kernels import sums

    divisor = result.dtype.type(sizes[1])

    def computed(x: Array) -> Array:
        made = sums(np.ascontiguousarray(x), *sizes).reshape(result.shape)
        return made if op is sum_ else np.divide(made, divisor, out=made)

    return Light(computed, True)


def _around(shape: Shape, axes: tuple[int, ...]) -> tuple[int, int, int] | None:
    """A shape as (outer, size, inner) around adjacent axes; None where lanes would not be filled.

    >>> _around((8, 3, 32, 32), (2, 3)), _around((8, 3, 32, 32), (0,))
    ((24, 1024, 1), (1, 8, 3072))
    """
    if not axes or axes != tuple(range(axes[0], axes[-1] + 1)):
        return None
    outer, size, inner = (prod(shape[a:b]) for a, b in ((0, axes[0]), (axes[0], axes[-1] + 1), (axes[-1] + 1, None)))
    return (outer, size, inner) if inner == 1 or inner >= FULL else None


def _evaluator(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> Light:
    """What computes a light operation."""
    dtype = arrays[0].dtype
    if op.direct is not None and dtype.kind == "f" and all(array.dtype == dtype for array in arrays):
        return Light(op.direct(**attributes), True)
    return Light(partial(op.meaning, **attributes) if attributes else op.meaning, False)


def check_fits(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> None:
    """Raise what an operation raises for operands of these shapes and element types."""
    _light(op, arrays, attributes)


def eagerly(op: Op, tensors: tuple[T, ...], attributes: dict[str, Hashable]) -> tuple[T, ...] | None:
    """The results of a light operation that backward need not know of; None for one that is worth machine code."""
    arrays: list[Array] = []
    for tensor in tensors:
        array = tensor._array
        arrays.append(array if array is not None and tensor._recorder is None else tensor._realize())
    light = _light(op, arrays, attributes)
    if light is None:
        return None
    function, directly = light
    x = tensors[0]
    try:
        results = quietly(function, *arrays)
    except MemoryError as error:
        raise OutOfMemoryError.after(error) from None
    if directly:
        if type(results) is not np.ndarray:  # but a number, of arrays without axes
            results = np.asarray(results)
        return (x._over(results if results.flags.c_contiguous else np.ascontiguousarray(results)),)
    if op.is_view:
        results = [r.copy() if any(np.may_share_memory(r, a) for a in arrays) else r for r in results]
    return tuple([x._over(r if r.flags.c_contiguous else np.ascontiguousarray(r)) for r in results])


def overwrite(op: Op, x: Array, other: Array) -> None:
    """Let x be the result of an operation that is a function of NumPy's, of floats of one shape, or of a number.

    Where both lie partly in the same memory, the numbers from before count.
    """
    assert op.direct is not None, "a function of NumPy's"
    in_order = x.flags.c_contiguous and other.flags.c_contiguous
    if x.size < LARGE or not in_order or _overlap(x, other) or x.dtype not in FLOATS or not has_eager_kernels():
        quietly(op.direct(), x, other, x)
        return
    from knoll.run.eager_kernels import apply_flat, flat_operation

    apply_flat(flat_operation(op, (), x.dtype, (False, other.size == 1)), x, x, other)


def _overlap(x: Array, other: Array) -> bool:
    """Whether two arrays lie partly in the same memory: not apart, and not element by element."""
    return np.may_share_memory(x, other) and (x.size != other.size or x.ctypes.data != other.ctypes.data)
