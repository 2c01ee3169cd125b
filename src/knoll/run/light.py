"""Light operations: those that are computed one by one, by NumPy or by machine code for arrays of any shape."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from math import inf, prod
from typing import Any, NamedTuple

import numpy as np

from knoll.graph import Array, Graph, Node, Op, Spec, Value, spec_of
from knoll.graph.spec import FLOATS, DType, Shape
from knoll.ops.elementwise.arithmetic import add
from knoll.ops.quiet import quietly
from knoll.ops.reduction.reduce import mean, sum_
from knoll.run.along_axis import along_axis
from knoll.run.arrays import HALVES, LARGE, copy_into, in_order, overwrite
from knoll.run.machine_code import has_eager_kernels
from knoll.run.reference import ReferenceProgram, reference_program

FULL = 64  # elements beside an axis that fill some vectors
MOST_KNOWN = 1 << 12  # questions whose answer is kept; beyond it all are dropped, as shapes change all the time


class Light(NamedTuple):
    """What computes a light operation: its meaning, or a function that gives one result `directly`.

    A function that `makes` an array of a shape and an element type takes one more operand, to write the result in.
    """

    function: Callable[..., Any]
    directly: bool
    makes: Spec | None = None


_known: dict[Hashable, Light | None] = {}  # by operation, shapes, element types and attributes


def light_of(op: Op, arrays: list[Array], attributes: dict[str, Hashable]) -> Light | None:
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
        if op.copies is not None:
            light: Light | None = _copies(op, attributes, results[0])
        else:
            light = _in_machine_code(op, arrays, attributes, results[0])
        if light is None and not op.is_worth_compiling(arrays[0].size):
            light = _evaluator(op, arrays, attributes, results[0])
        return _known.setdefault(key, light)


def _copies(op: Op, attributes: dict[str, Any], result: Spec) -> Light:
    """An operation that only copies."""
    assert op.copies is not None, "made of copies"
    copies: Any = partial(op.copies, **attributes)

    def computed(*arrays: Array) -> Array:
        made = np.empty(result.shape, result.dtype)
        for place, part in copies(*arrays):
            copy_into(made[place], part)
        return made

    return Light(computed, True)


def _in_machine_code(op: Op, arrays: list[Array], attributes: dict[str, Any], result: Spec) -> Light | None:
    """A kernel for arrays of any size, where it is faster than NumPy; None where there is none.

    Attributes are constants of machine code, so those of operations that NumPy computes fast are not compiled.
    """
    x, function = arrays[0], along_axis(op, arrays, attributes, result)
    if function is not None and has_eager_kernels():
        return Light(function, True)
    if any(a.dtype != result.dtype for a in arrays):
        return None
    if op in (sum_, mean):
        axes: tuple[int, ...] = attributes["axes"]
        last = _last_adjacent(axes)
        given = _around(x.shape, last) if x.size >= LARGE and result.dtype in FLOATS else None
        return _sums(op, given, axes, result) if given and has_eager_kernels() else None
    if op.formula is None or op.roles is not None or op.may_refuse or (attributes and op.compiled_from > LARGE):
        return None
    if result.size < _least(op, result.dtype) or not has_eager_kernels():
        return None
    return _elementwise(op, arrays, attributes, result)


def _least(op: Op, dtype: DType) -> float:
    """Elements from which an elementwise operation is faster in machine code."""
    return HALVES if dtype == np.float16 else min(op.compiled_from, LARGE) if dtype in FLOATS else inf


def _elementwise(op: Op, arrays: list[Array], attributes: dict[str, Any], result: Spec) -> Light:
    """An elementwise operation on arrays that broadcast; what machine code cannot visit row by row, NumPy does."""
    from knoll.kernels.elementwise.term import Term  # when it is needed, as it imports the compiler
    from knoll.run.eager_kernels import elementwise

    numbers = tuple((name, float(number)) for name, number in attributes.items())
    terms = (Term(op, tuple(range(len(arrays))), numbers),)
    otherwise, count = _evaluator(op, arrays, attributes, result), len(arrays)

    def computed(*given: Array) -> Array:
        operands, places = given[:count], given[count:]
        for place in places:
            if elementwise(terms, place, *operands):
                return place
        made = np.empty(result.shape, result.dtype)
        if not elementwise(terms, made, *operands):
            results = otherwise.function(*operands)
            made = np.asarray(results if otherwise.directly else results[0])
        for place in places:
            overwrite(place, made)
        return made

    return Light(computed, True, result)


def _sums(op: Op, sizes: tuple[int, int, int], axes: tuple[int, ...], result: Spec) -> Light:
    """Sums or means; over the last adjacent axes of an array that is read as (outer, size, inner), then the others."""
    from knoll.run.eager_kernels import sums  # when it is needed, as it imports the compiler

    last = _last_adjacent(axes)
    before = axes[: len(axes) - len(last)]

    def computed(x: Array) -> Array:
        kept = (*x.shape[: last[0]], *x.shape[last[-1] + 1 :])
        made = sums(in_order(x), *sizes).reshape(kept)
        made = np.asarray(np.add.reduce(made, before) if before else made).reshape(result.shape)
        count = prod(x.shape[axis] for axis in axes)
        return made if op is sum_ else np.divide(made, result.dtype.type(count), out=made)

    return Light(computed, True)


def _last_adjacent(axes: tuple[int, ...]) -> tuple[int, ...]:
    """The last axes that stand side by side.

    >>> _last_adjacent((0, 2, 3))
    (2, 3)
    """
    first = len(axes) - 1
    while first > 0 and axes[first - 1] == axes[first] - 1:
        first -= 1
    return axes[max(first, 0) :]


def _around(shape: Shape, axes: tuple[int, ...]) -> tuple[int, int, int] | None:
    """A shape as (outer, size, inner) around adjacent axes; None where lanes would not be filled.

    >>> _around((8, 3, 32, 32), (2, 3)), _around((8, 3, 32, 32), (0,))
    ((24, 1024, 1), (1, 8, 3072))
    """
    if not axes or axes != tuple(range(axes[0], axes[-1] + 1)):
        return None
    outer, size, inner = (prod(shape[a:b]) for a, b in ((0, axes[0]), (axes[0], axes[-1] + 1), (axes[-1] + 1, None)))
    return (outer, size, inner) if inner == 1 or inner >= FULL else None


def _evaluator(op: Op, arrays: list[Array], attributes: dict[str, Hashable], result: Spec) -> Light:
    """What computes a light operation by NumPy."""
    dtype = arrays[0].dtype
    if op.direct is not None and dtype.kind == "f" and all(array.dtype == dtype for array in arrays):
        function = op.direct(**attributes)
        return Light(function, True, result if isinstance(function, np.ufunc) and result.shape else None)
    return Light(partial(op.meaning, **attributes) if attributes else op.meaning, False)


def light_program(graph: Graph, wrt: tuple[int, ...]) -> ReferenceProgram:
    """The program of a graph whose operations are computed one by one."""
    return reference_program(graph, wrt, evaluate_lightly)


def evaluate_lightly(nodes: Iterable[Node], known: dict[Value, Array]) -> None:
    """Add the results of nodes to the values that are known, each computed as a light operation where it is one."""
    for node in nodes:
        op, operands, attributes = node.op, [known[value] for value in node.inputs], node.attributes
        results: Sequence[Array]
        if op.is_view and op.copies is not None:
            ((_, part),) = op.copies(*operands, **attributes)
            results = (in_order(part),)
        elif op.is_view or (light := light_of(op, operands, attributes)) is None:
            results = op.meaning(*operands, **attributes)
        else:
            made = quietly(light.function, *operands)
            results = (np.asarray(made),) if light.directly else made
        known.update(zip(node.outputs, results, strict=True))


def added(a: Array, b: Array, *into: Array) -> Array:
    """The sum of two arrays, written into a third one if it is given, which may be one of them."""
    light = light_of(add, [a, b], {})
    return np.asarray(quietly(light.function if light is not None and light.directly else np.add, a, b, *into))
