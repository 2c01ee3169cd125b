"""Movement without arithmetic: another shape, another order of axes, another type, side by side."""

from __future__ import annotations

import math

import numpy as np

from knoll.errors import ShapeError, StateError
from knoll.graph import Array, Node, Op, Shape, Spec, Value
from knoll.messages import say


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
    if -1 in shape and not known and not size:
        raise ShapeError(
            f"cannot reshape tensor of 0 elements into shape {list(shape)} because the unspecified dimension size -1 "
            "can be any value and is ambiguous"
        )
    fits = known and size % known == 0 if -1 in shape else size == known
    if not fits:
        raise ShapeError(
            f"shape '{list(shape)}' is invalid for input of size {size}",
            expected=say("tensor.elements", count=size),
            came=say("tensor.elements_of", count=known, shape=shape),
            advice=_counted(size, shape),
        )
    return tuple(size // known if s == -1 else s for s in shape)


def _counted(size: int, shape: Shape) -> str | None:
    """The first axis left to be counted, where that helps: the last batch of an epoch may be smaller."""
    rest = math.prod(shape[1:])
    if -1 in shape or not shape or not rest or size % rest:
        return None
    return say("tensor.count_first", shape=(-1, *shape[1:]), first=size // rest)


def reshape_shape(x: Spec, *, shape: Shape) -> tuple[Spec]:
    """The same elements in reading order, in another shape."""
    return (x.with_shape(*inferred(x.size, shape)),)


def reshape_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Back to the old shape."""
    return (reshape(dy, shape=node.inputs[0].spec.shape),)


def permute_shape(x: Spec, *, axes: tuple[int, ...]) -> tuple[Spec]:
    """Axes in another order."""
    if len(axes) != x.rank:
        raise ShapeError(
            "permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired "
            f"ordering of dimensions i.e. input.dim() = {x.rank} is not equal to len(dims) = {len(axes)}"
        )
    if sorted(axes) != list(range(x.rank)):
        raise StateError("permute(): duplicate dims are not allowed.")
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
    with np.errstate(all="ignore"):
        return (x.astype(dtype),)


def concatenate_shape(*parts: Spec, axis: int) -> tuple[Spec]:
    """As long along `axis` as all parts together; the other axes agree."""
    first = parts[0]
    for number, part in enumerate(parts):
        if part.rank != first.rank:
            raise ShapeError(f"Tensors must have same number of dimensions: got {first.rank} and {part.rank}")
        for i, (size, other) in enumerate(zip(first.shape, part.shape, strict=True)):
            if i != axis and size != other:
                raise ShapeError(
                    f"Sizes of tensors must match except in dimension {axis}. "
                    f"Expected size {size} but got size {other} for tensor number {number} in the list."
                )
    length = sum(part.shape[axis] for part in parts)
    return (first.with_shape(*first.shape[:axis], length, *first.shape[axis + 1 :]),)


def concatenate_meaning(*parts: Array, axis: int) -> tuple[Array]:
    """The parts, one behind the other."""
    return (np.concatenate(parts, axis),)


def concatenate_gradient(node: Node, dy: Value) -> tuple[Value, ...]:
    """Each part its stretch of dy."""
    axis = node.attributes["axis"]
    ends = np.cumsum([part.spec.shape[axis] for part in node.inputs]).tolist()
    return tuple(stretch(dy, axis=axis, start=start, end=end) for start, end in zip((0, *ends[:-1]), ends, strict=True))


def stretch_shape(x: Spec, *, axis: int, start: int, end: int) -> tuple[Spec]:
    """From `start` to before `end` along `axis`."""
    return (x.with_shape(*x.shape[:axis], end - start, *x.shape[axis + 1 :]),)


def stretch_meaning(x: Array, *, axis: int, start: int, end: int) -> tuple[Array]:
    """From `start` to before `end` along `axis`."""
    return (np.array(x[(slice(None),) * axis + (slice(start, end),)], order="C"),)


reshape = Op("reshape", reshape_shape, lambda x, *, shape: (x.reshape(inferred(x.size, shape)),), reshape_gradient)
permute = Op("permute", permute_shape, lambda x, *, axes: (np.asarray(x.transpose(axes), order="C"),), permute_gradient)
convert = Op("convert", lambda x, *, dtype: (Spec(x.shape, np.dtype(dtype)),), convert_meaning, convert_gradient)
stop_gradient = Op("stop_gradient", lambda x: (x,), lambda x: (x,), lambda *_: (None,))
concatenate = Op("concatenate", concatenate_shape, concatenate_meaning, concatenate_gradient)
stretch = Op("stretch", stretch_shape, stretch_meaning)
