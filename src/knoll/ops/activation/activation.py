"""Activations: an operation made of an elementwise function and its derivative.

Floats are computed in float64 and rounded once. The derivative is computed from the result where that is exact, so that
the input need not be saved for backward, and from the input otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from knoll.errors import DTypeError
from knoll.graph import Array, Node, Op, Roles, Spec, Value, by_element
from knoll.graph.node import never
from knoll.graph.spec import DType
from knoll.ops.dtypes import refuse_dtype
from knoll.ops.quiet import quiet_array


class Elementwise(NamedTuple):
    """What is done with one element: its `meaning` in NumPy, and the `formula` of it for kernels."""

    meaning: Callable[..., Any]
    formula: Callable[..., Any]


MANY = 1 << 10  # elements from which machine code is faster than NumPy
FEW = 1 << 6  # the same where NumPy computes the function number by number
LARGEST = {4: float(np.finfo(np.float32).max), 8: float(np.finfo(np.float64).max)}


def activation(
    name: str,
    function: Elementwise,
    from_input: Elementwise | None = None,
    from_result: Elementwise | None = None,
    tells: Callable[..., bool] | None = None,
    refusal: str | None = None,
    monotone: Callable[[Node], bool] = never,
    compiled_from: int = MANY,
) -> Op:
    """An operation of one array, whose attributes are numbers; its gradient goes by the name with `_dx` behind it.

    function     x and the numbers → y
    from_input   dy, x and the numbers → dx
    from_result  dy, y and the numbers → dx
    tells        the type of x and the numbers → whether the result tells the slope; always unless given
    refusal      PyTorch's name for the operation where it refuses integers; None takes them
    monotone     whether a node keeps the order of numbers; see `Op`
    compiled_from  elements from which it becomes machine code alone
    """

    def shape(x: Spec, **numbers: float) -> tuple[Spec]:
        if refusal is not None and not x.is_float:
            refuse_dtype(refusal, x.dtype)
        for number in numbers.values():
            check_number(number, x)
        return (x,)

    def backward(node: Node, dy: Value) -> tuple[Value]:
        x, y, numbers = node.inputs[0], node.outputs[0], node.attributes
        from_y = result_dx is not None and (tells is None or tells(x.spec.dtype, **numbers))
        op = result_dx if from_y else input_dx
        assert op is not None
        return (op(dy, y if from_y else x, **numbers),)

    result_dx = slope(f"{name}_dx", from_result) if from_result else None
    if from_input is from_result:
        input_dx = result_dx
    else:
        input_dx = slope(f"{name}_dx_from_input" if from_result else f"{name}_dx", from_input) if from_input else None
    return Op(
        name,
        shape,
        rounded(function.meaning),
        backward,
        formula=function.formula,
        reads=by_element,
        monotone=monotone,
        compiled_from=compiled_from,
    )


def slope(
    name: str, function: Elementwise, roles: Roles | None = None, batching: Callable[..., Any] | None = None
) -> Op:
    """The gradient of an activation: dy, x or y, and whatever else the function takes → dx, dy times their slope."""
    return Op(
        name,
        lambda dy, *_, **__: (dy,),
        rounded(function.meaning),
        formula=function.formula,
        roles=roles,
        scales=True,
        batching=batching,
    )


def rounded(function: Callable[..., Any]) -> Callable[..., tuple[Array]]:
    """A function computed as float64 and rounded to the type of its first operand; integers stay integers."""

    def meaning(*operands: Array, **attributes: Any) -> tuple[Array]:
        dtype = operands[0].dtype
        wide = operands if dtype.kind != "f" else [operand.astype(np.float64) for operand in operands]
        numbers = {name: _as_stored(value, dtype) for name, value in attributes.items()}
        return (quiet_array(function, dtype, *wide, **numbers),)

    return meaning


def _as_stored(number: Any, dtype: DType) -> Any:
    """A number as the elements are stored: 0.1 is not quite the same in float32. An axis stays as it is."""
    if not isinstance(number, float):
        return number
    if dtype.kind == "f":
        return np.float32(number) if dtype.itemsize < 8 else np.float64(number)
    return np.asarray(int(number)).astype(dtype)[()]  # as in PyTorch, negative ones wrap where there is no sign


def check_number(number: float, x: Spec) -> None:
    """Refuse a number that the element type cannot hold."""
    if x.is_float:
        fits = not LARGEST[max(4, x.dtype.itemsize)] < abs(number) < np.inf
        name = "float" if x.dtype.itemsize < 8 else "double"
    else:
        fits = np.isfinite(number) and abs(int(number)) <= (1 if x.dtype.kind == "b" else np.iinfo(x.dtype).max)
        name = f"{x.dtype}_t"
    if not fits:
        raise DTypeError(f"value cannot be converted to type {name} without overflow", got=f"{number}")
