"""Values put back where they stood before pooling, zeros elsewhere.

Where two values name the same place, the last in reading order stays, and each of them has the gradient of that place.
Source: https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html and `aten/src/ATen/native/MaxUnpooling.cpp`.
"""

from __future__ import annotations

import numpy as np

from knoll.errors import ArgumentError, DTypeError, ShapeError
from knoll.graph import SAME, Array, IndexOperand, Node, Op, Read, Reads, Roles, Spec, Value, along
from knoll.graph.batching_rules import by_samples
from knoll.graph.reads import Transposed
from knoll.graph.role import BATCHED
from knoll.graph.sizes import Pair
from knoll.messages import say
from knoll.ops.advice import images_wanted
from knoll.ops.dtypes import refuse_dtype, scalar_name
from knoll.ops.pooling.max_pool import max_pool2d, max_pool2d_dx, windows

INDICES = np.dtype(np.int64)


def check(x: Spec, indices: Spec, size: Pair) -> None:
    """Refuse shapes that do not fit, batched or not, in PyTorch's words and order."""
    for axis, length in enumerate(size):
        if length < 0:
            raise ArgumentError(
                "max_unpooling: output_size must contain non-negative spatial dimensions, "
                f"but got output_size[{axis}]={length}"
            )
    if indices.dtype != INDICES:
        raise DTypeError(
            f"elements in indices should be type int64 but got: {scalar_name(indices.dtype)}",
            advice=say("ops.pool_indices"),
        )
    if x.rank not in (3, 4):
        raise ShapeError(
            f"Input to max_unpooling2d should be a 3d or 4d Tensor, but got a tensor with {x.rank} dimensions.",
            **images_wanted(x),
        )
    if x.shape != indices.shape:
        raise ShapeError(
            f"Expected shape of indices to be same as that of the input tensor ({list(x.shape)}) "
            f"but got indices tensor with shape: {list(indices.shape)}",
            advice=say("ops.same_pooling"),
        )
    for axis, length in enumerate(x.shape):
        if length == 0 and axis >= x.rank - 3:
            raise ShapeError(
                "max_unpooling2d_forward_out_cpu(): Expected input to have non-zero size for non-batch dimensions, "
                f"but got {list(x.shape)} with dimension {axis} being empty."
            )
    if not x.is_float:
        refuse_dtype("max_unpool2d", x.dtype)


def check_indices(indices: Array, size: Pair) -> None:
    """Refuse an index that points outside the image it is to be put in; −1 is that of a window without a pixel."""
    wrong = indices.view(np.uint64) >= size[0] * size[1]  # negative ones are very large ones
    if wrong.any():
        n, c, i, j = map(int, np.argwhere(wrong)[0])
        raise ShapeError(
            f"Found an invalid max index: {indices[n, c, i, j]} (output volumes are of size {size[0]}x{size[1]})",
            expected=say("ops.places", last=size[0] * size[1] - 1),
            got=say("ops.place", index=indices[n, c, i, j], n=n, c=c, i=i, j=j),
            advice=say("ops.size_before_pooling"),
        )


def shape(x: Spec, indices: Spec, *, size: Pair) -> tuple[Spec]:
    """(n, c, h, w) → (n, c, rows, columns) with `size` = (rows, columns)."""
    check(x, indices, size)
    return (x.with_shape(*x.shape[:2], *size),)


def meaning(x: Array, indices: Array, *, size: Pair) -> tuple[Array]:
    """For each place the last value that names it."""
    check_indices(indices, size)
    n, c, h, w = x.shape
    places, values = indices.reshape(n * c, h * w), x.reshape(n * c, h * w)
    last = np.full((n * c, size[0] * size[1]), -1)
    np.maximum.at(last, (np.arange(n * c)[:, None], places), np.arange(h * w))
    y = np.where(last < 0, x.dtype.type(0), np.take_along_axis(values, last.clip(0), 1))
    return (y.reshape(n, c, *size),)


def dx_shape(dy: Spec, indices: Spec, **_: object) -> tuple[Spec]:
    """The shape of the indices."""
    return (dy.with_shape(*indices.shape),)


def dx_meaning(dy: Array, indices: Array) -> tuple[Array]:
    """For each value the gradient of the place that it names."""
    check_indices(indices, (dy.shape[2], dy.shape[3]))
    n, c, h, w = indices.shape
    planes = dy.reshape(n * c, dy.shape[2] * dy.shape[3])
    return (np.take_along_axis(planes, indices.reshape(n * c, h * w), 1).reshape(n, c, h, w),)


def gradient(node: Node, dy: Value) -> tuple[Value, None]:
    """Each value has the gradient of its place."""
    return max_unpool2d_dx(dy, node.inputs[1]), None


def reads(node: Node, _: int) -> tuple[Reads, ...]:
    """Any value of its own channel; where the indices are those of a pooling, one whose window lies over the place."""
    pooling, every = node.inputs[1].node, along(0, 1, None, None)
    size = node.attributes["size"]
    if pooling is None or pooling.op is not max_pool2d or pooling.inputs[0].spec.shape[2:] != size:
        return every, every
    rows, columns = map(Transposed, windows(**pooling.attributes), size)
    under = (Read(0, SAME), Read(1, SAME), Read(2, rows), Read(3, columns))
    return under, under


ROLES = Roles((BATCHED, BATCHED), (BATCHED,))

max_unpool2d: Op = Op(
    "max_unpool2d",
    shape,
    meaning,
    gradient,
    reads=reads,
    roles=ROLES,
    indices=lambda node: IndexOperand(1, check_indices, (node.specs[0].shape[2:],)),
    worth_compiling=True,
    batching=by_samples,
)
max_unpool2d_dx: Op = Op(
    "max_unpool2d_dx",
    dx_shape,
    dx_meaning,
    lambda node, g: (max_pool2d_dx(g, node.inputs[1], size=node.inputs[0].spec.shape[2:]), None),
    roles=ROLES,
    indices=lambda node: IndexOperand(1, check_indices, (node.inputs[0].spec.shape[2:],)),
    batching=by_samples,
)
