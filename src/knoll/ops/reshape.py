"""Movement without arithmetic: another shape, another order of axes, another type."""

from __future__ import annotations

import math

import numpy as np

from knoll.errors import ShapeError
from knoll.graph import Array, Node, Op, Shape, Spec, Value


def inferred(size: int, shape: Shape) -> Shape:
    """`shape` with its one −1, if any, worked out for `size` elements.

    >>> inferred(64 * 1024, (64, -1))
    (64, 1024)
    """
    if sum(s == -1 for s in shape) > 1:
        raise ShapeError("only one dimension can be inferred")
    if any(s < -1 for s in shape):
        raise ShapeError(f"invalid shape dimension {min(shape)}")
    known = math.prod(s for s in shape if s != -1)
    fits = size % known == 0 if -1 in shape and known else size == known
    if not fits or (-1 in shape and not known):
        raise ShapeError(f"shape '{list(shape)}' is invalid for input of size {size}")
    return tuple(size // known if s == -1 else s for s in shape)


def reshape_shape(x: Spec, *, shape: Shape) -> tuple[Spec]:
    """The same elements in reading order, in another shape."""
    return (x.with_shape(*inferred(x.size, shape)),)


def reshape_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Back to the old shape."""
    return (reshape(dy, shape=node.inputs[0].spec.shape),)


def permute_shape(x: Spec, *, axes: tuple[int, ...]) -> tuple[Spec]:
    """Axes in another order."""
    if sorted(axes) != list(range(x.rank)):
        raise ShapeError(f"permute(sparse_coo): number of dimensions in the tensor input does not match the length of the "
                         f"desired ordering of dimensions i.e. input.dim() = {x.rank} is not equal to len(dims) = {len(axes)}"
                         if len(axes) != x.rank else "permute(): duplicate dims are not allowed.")
    return (x.with_shape(*(x.shape[axis] for axis in axes)),)


def permute_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Back to the old order."""
    return (permute(dy, axes=tuple(int(i) for i in np.argsort(node.attributes["axes"]))),)


def convert_gradient(node: Node, dy: Value) -> tuple[Value | None]:
    """Back to the old type, if it can carry a gradient."""
    (x,) = node.inputs
    return (convert(dy, dtype=x.spec.dtype.name) if x.spec.is_float else None,)


def convert_meaning(x: Array, *, dtype: str) -> tuple[Array]:
    """Each element as another type."""
    return (x.astype(dtype),)


reshape = Op("reshape", reshape_shape, lambda x, *, shape: (x.reshape(shape),), reshape_gradient)
permute = Op("permute", permute_shape, lambda x, *, axes: (np.ascontiguousarray(x.transpose(axes)),), permute_gradient)
convert = Op("convert", lambda x, *, dtype: (Spec(x.shape, np.dtype(dtype)),), convert_meaning, convert_gradient)
stop_gradient = Op("stop_gradient", lambda x: (x,), lambda x: (x,), lambda node, dy: (None,))
