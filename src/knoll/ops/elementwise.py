"""Operations that look at one element at a time.

Two arrays of different shapes broadcast as in NumPy; a gradient is summed over the axes that were repeated.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from knoll.errors import DTypeError, ShapeError
from knoll.graph import Array, Node, Op, Shape, Spec, Value
from knoll.messages import say
from knoll.ops.reduce import total
from knoll.ops.reshape import reshape


def unary(name: str, meaning: Callable[[Array], Array], gradient: Callable[[Value, Value, Value], Value | None] | None) -> Op:
    """An operation of one array; `gradient` takes x, y and dy."""

    def shape(x: Spec) -> tuple[Spec]:
        if not x.is_float and name in ONLY_FLOAT:
            raise DTypeError(f'"{name}" not implemented for {x.dtype}', advice=say("ops.same_dtype", dtype="float32"))
        return (x,)

    def compute(x: Array) -> tuple[Array]:
        return (np.asarray(meaning(x), x.dtype),)

    def backward(node: Node, dy: Value) -> tuple[Value | None]:
        assert gradient is not None
        return (gradient(node.inputs[0], node.outputs[0], dy),)

    return Op(name, shape, compute, backward if gradient else None)


ONLY_FLOAT = frozenset({"sigmoid", "tanh", "exp", "log", "sqrt"})


def binary(
    name: str,
    meaning: Callable[[Array, Array], Array],
    gradient: Callable[[Value, Value, Value], tuple[Value | None, Value | None]] | None,
    result: type | None = None,
) -> Op:
    """An operation of two arrays that broadcast; `gradient` takes a, b and dy; `result` is the type if not theirs."""

    def shape(a: Spec, b: Spec) -> tuple[Spec]:
        return (Spec(broadcast(a.shape, b.shape), np.dtype(result or np.result_type(a.dtype, b.dtype))),)

    def compute(a: Array, b: Array) -> tuple[Array]:
        return (np.asarray(meaning(a, b), result or np.result_type(a.dtype, b.dtype)),)

    def backward(node: Node, dy: Value) -> tuple[Value | None, ...]:
        assert gradient is not None
        parts = gradient(*node.inputs, dy)
        return tuple(d if d is None else shrink(d, v.spec.shape) for d, v in zip(parts, node.inputs, strict=True))

    return Op(name, shape, compute, backward if gradient else None)


def broadcast(a: Shape, b: Shape) -> Shape:
    """The shape that both repeat to.

    >>> broadcast((3, 1, 5), (4, 1))
    (3, 4, 5)
    """
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        longer = max(len(a), len(b))
        a_, b_ = (1,) * (longer - len(a)) + a, (1,) * (longer - len(b)) + b
        axis = max(i for i in range(longer) if a_[i] != b_[i] and 1 not in (a_[i], b_[i]))
        raise ShapeError(
            f"The size of tensor a ({a_[axis]}) must match the size of tensor b ({b_[axis]}) at non-singleton dimension {axis}",
            expected=say("ops.same_shape"),
            came=f"{a}, {b}",
        ) from None


def shrink(value: Value, shape: Shape) -> Value:
    """Sum over the axes along which an array of `shape` was repeated."""
    if value.spec.shape == shape:
        return value
    extra = value.spec.rank - len(shape)
    axes = tuple(i for i in range(value.spec.rank) if i < extra or shape[i - extra] != value.spec.shape[i])
    return reshape(total(value, axes=axes, keep=False), shape=shape)


def _sigmoid(x: Array) -> Array:
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1) / (1 + small)


def _relu(x: Array) -> Array:
    return np.where(x < 0, x.dtype.type(0), x)


def _where_positive(dy: Array, y: Array) -> Array:
    return np.where(y > 0, dy, dy.dtype.type(0))


# Gradients in terms of the result y, so that the input need not be kept.
relu_dx = binary("relu_dx", _where_positive, None)
sigmoid_dx = binary("sigmoid_dx", lambda dy, y: dy * y * (1 - y), None)
tanh_dx = binary("tanh_dx", lambda dy, y: dy * (1 - y * y), None)

add = binary("add", np.add, lambda a, b, dy: (dy, dy))
subtract = binary("subtract", np.subtract, lambda a, b, dy: (dy, negative(dy)))
multiply = binary("multiply", np.multiply, lambda a, b, dy: (multiply(dy, b), multiply(dy, a)))
divide = binary("divide", np.divide, lambda a, b, dy: (divide(dy, b), negative(divide(multiply(dy, divide(a, b)), b))))

negative = unary("negative", np.negative, lambda x, y, dy: negative(dy))
absolute = unary("absolute", np.abs, lambda x, y, dy: multiply(dy, sign(x)))
sign = unary("sign", np.sign, None)
square = unary("square", np.square, lambda x, y, dy: multiply(dy, add(x, x)))
exp = unary("exp", np.exp, lambda x, y, dy: multiply(dy, y))
log = unary("log", np.log, lambda x, y, dy: divide(dy, x))
sqrt = unary("sqrt", np.sqrt, lambda x, y, dy: divide(dy, add(y, y)))
relu = unary("relu", _relu, lambda x, y, dy: relu_dx(dy, y))
sigmoid = unary("sigmoid", _sigmoid, lambda x, y, dy: sigmoid_dx(dy, y))
tanh = unary("tanh", np.tanh, lambda x, y, dy: tanh_dx(dy, y))

equal = binary("equal", np.equal, None, np.bool_)
not_equal = binary("not_equal", np.not_equal, None, np.bool_)
less = binary("less", np.less, None, np.bool_)
less_equal = binary("less_equal", np.less_equal, None, np.bool_)
greater = binary("greater", np.greater, None, np.bool_)
greater_equal = binary("greater_equal", np.greater_equal, None, np.bool_)
