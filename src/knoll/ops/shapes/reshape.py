"""Reshape, permute, convert, concatenate and split."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import accumulate

import numpy as np

from knoll.errors import ShapeError, StateError
from knoll.graph import (
    SAME,
    Array,
    Node,
    Op,
    Places,
    Read,
    Reads,
    Roles,
    Shape,
    Spec,
    Value,
    Window,
    along,
    always,
    by_element,
)
from knoll.graph.batching import Batch
from knoll.graph.batching_rules import along_axes
from knoll.graph.reads import stretch
from knoll.graph.role import ELEMENTWISE, SHARED
from knoll.messages import say
from knoll.ops.copying import Parts, by_copies


@lru_cache(maxsize=1024)
def inferred(size: int, shape: Shape, given: Shape = ()) -> Shape:
    """`shape` with its one −1, if any, worked out for `size` elements, which had the shape `given` before.

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
            **_misfit(size, shape, known),
            advice=_counted(size, shape, given) or _in_rows(given, shape),
        )
    return tuple(size // known if s == -1 else s for s in shape)


def _misfit(size: int, shape: Shape, known: int) -> dict[str, str]:
    """What was expected, and what came; one axis may take what the others leave."""
    if -1 in shape:
        rest = [str(s) for s in shape if s != -1]
        product = " × ".join(rest) + f" = {known}" * (len(rest) > 1)
        return {"expected": say("tensor.multiple", product=product), "got": say("tensor.elements", count=size)}
    return {
        "expected": say("tensor.elements", count=size),
        "got": say("tensor.elements_of", count=known, shape=shape),
    }


def _counted(size: int, shape: Shape, given: Shape) -> str | None:
    """The first axis left to be counted, where that helps: the last batch of an epoch may be smaller."""
    rest = math.prod(shape[1:])
    if -1 in shape or not shape or not rest or size % rest or given[:1] not in ((), (size // rest,)):
        return None
    return say("tensor.count_first", shape=(-1, *shape[1:]), first=size // rest)


def _in_rows(given: Shape, shape: Shape) -> str | None:
    """Images in rows, whose length was not what it was taken for."""
    if len(given) != 4 or len(shape) != 2 or shape[0] != -1:
        return None
    return say("tensor.in_rows", features=math.prod(given[1:]), samples=given[0])


def reshape_shape(x: Spec, *, shape: Shape) -> tuple[Spec]:
    """The same elements in reading order, in another shape."""
    return (x.with_shape(*inferred(x.size, shape, x.shape)),)


def reshape_gradient(node: Node, dy: Value) -> tuple[Value]:
    """Back to the old shape."""
    return (reshape(dy, shape=node.inputs[0].spec.shape),)


def reshape_rebatched(node: Node, read: tuple[Value, ...], before: int, samples: int) -> dict[str, Shape]:
    """The shape for another number of samples: only its first axis may follow it."""
    shape: Shape = node.attributes["shape"]
    rest = math.prod(shape[1:])
    if not shape or not rest:
        return {"shape": (samples, *shape[1:]) if shape[:1] == (before,) else shape}
    return {"shape": (read[0].spec.size // rest, *shape[1:])}


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


def permute_batching(batch: Batch) -> tuple[Value, ...]:
    """The examples stay in front."""
    return batch.apply(*batch.operands, axes=(0, *(axis + 1 for axis in batch.node.attributes["axes"])))


def convert_gradient(node: Node, dy: Value) -> tuple[Value | None]:
    """Back to the old type, if it can carry a gradient."""
    (x,) = node.inputs
    return (convert(dy, dtype=x.spec.dtype.name) if x.spec.is_float else None,)


def convert_shape(x: Spec, *, dtype: str) -> tuple[Spec]:
    """The same shape in another type."""
    return (Spec(x.shape, np.dtype(dtype)),)


def convert_copies(x: Array, **_: str) -> Parts:
    """Each element as another type."""
    return [(..., x)]


def permute_copies(x: Array, *, axes: tuple[int, ...]) -> Parts:
    """All elements, as they lie along the axes in their new order."""
    return [(..., x.transpose(axes))]


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
                    f"Expected size {size} but got size {other} for tensor number {number} in the list.",
                    expected=say("ops.same_but", axis=axis),
                    got=", ".join(str(each.shape) for each in parts),
                )
    length = sum(part.shape[axis] for part in parts)
    return (first.with_shape(*first.shape[:axis], length, *first.shape[axis + 1 :]),)


def concatenate_copies(*parts: Array, axis: int) -> Parts:
    """The parts, one behind the other."""
    ends = list(accumulate(part.shape[axis] for part in parts))
    before = (slice(None),) * axis
    return [((*before, slice(end - part.shape[axis], end)), part) for end, part in zip(ends, parts, strict=True)]


def concatenate_gradient(node: Node, dy: Value) -> tuple[Value, ...]:
    """Each part its stretch of dy."""
    axis = node.attributes["axis"]
    return split.node(dy, axis=axis, sizes=tuple(part.spec.shape[axis] for part in node.inputs)).outputs


def split_shape(x: Spec, *, axis: int, sizes: Shape) -> tuple[Spec, ...]:
    """Parts of so many `sizes` along `axis`."""
    return tuple(x.with_shape(*x.shape[:axis], size, *x.shape[axis + 1 :]) for size in sizes)


def split_meaning(x: Array, *, axis: int, sizes: Shape) -> tuple[Array, ...]:
    """The parts, one after the other."""
    return tuple(np.array(part, order="C") for part in np.split(x, np.cumsum(sizes)[:-1], axis))


def split_gradient(node: Node, *dparts: Value | None) -> tuple[Value]:
    """All parts side by side again; nothing comes back from one that nobody read."""
    parts = zip(node.outputs, dparts, strict=True)
    return (concatenate(*(none_of(part) if d is None else d for part, d in parts), axis=node.attributes["axis"]),)


def concatenate_roles(node: Node) -> Roles:
    """Along the axis of samples whole arrays are joined: the gradients of parameters that were split."""
    reads, makes = (SHARED, SHARED) if node.attributes["axis"] == 0 else (ELEMENTWISE, ELEMENTWISE)
    return Roles((reads,) * len(node.inputs), (makes,))


def split_roles(node: Node) -> Roles:
    """Along the first axis what samples share comes apart."""
    role = SHARED if node.attributes["axis"] == 0 else ELEMENTWISE
    return Roles((role,), (role,) * len(node.specs))


def permute_reads(node: Node, _: int) -> tuple[Reads]:
    """Each axis where it went."""
    return (along(*(int(axis) for axis in np.argsort(node.attributes["axes"]))),)


def concatenate_reads(node: Node, _: int) -> tuple[Reads, ...]:
    """Each part where it came to stand."""
    axis, whole, first = node.attributes["axis"], node.specs[0].shape, 0
    found = []
    for part in (value.spec for value in node.inputs):
        beside = Window(1, before=first, after=whole[axis] - first - part.shape[axis])
        found.append(tuple(Read(i, beside if i == axis else SAME) for i in range(part.rank)))
        first += part.shape[axis]
    return tuple(found)


def split_reads(node: Node, result: int) -> tuple[Reads]:
    """The stretch that this part was."""
    axis, x = node.attributes["axis"], node.inputs[0].spec
    sizes = node.attributes["sizes"]
    part = stretch(x.shape[axis], sum(sizes[:result]), sizes[result])
    return (tuple(Read(i, part if i == axis else SAME) for i in range(x.rank)),)


ANY = Roles((ELEMENTWISE,), (ELEMENTWISE,))
WHOLE = Roles((SHARED,), (SHARED,))


def reshape_roles(node: Node) -> Roles:
    """Each sample by itself, if the first axis stays; else what all samples share."""
    x, y = node.inputs[0].spec, node.specs[0]
    return ANY if x.rank < 2 or (y.rank > 0 and x.shape[0] == y.shape[0]) else WHOLE


def reshape_per_sample(node: Node) -> dict[str, Shape]:
    """The shape without the samples, where each is reshaped by itself."""
    shape: Shape = node.attributes["shape"]
    return {"shape": shape if node.roles is WHOLE else shape[1:]}


reshape: Op = Op(
    "reshape",
    reshape_shape,
    lambda x, *, shape: (x.reshape(inferred(x.size, shape)),),
    reshape_gradient,
    reads=lambda node, _: (Places(np.arange(node.specs[0].size).reshape(node.specs[0].shape)),),
    moves=always,
    roles=reshape_roles,
    is_view=True,
    per_sample=reshape_per_sample,
    rebatched=reshape_rebatched,
    batching=lambda batch: batch.split(batch.operands),
)
permute: Op = Op(
    "permute",
    permute_shape,
    by_copies(permute_shape, permute_copies, is_view=True),
    permute_gradient,
    copies=permute_copies,
    reads=permute_reads,
    moves=always,
    roles=lambda node: ANY if node.attributes["axes"][:1] == (0,) else WHOLE,
    is_view=True,
    compiled_from=1 << 15,
    batching=permute_batching,
)
convert: Op = Op(
    "convert",
    convert_shape,
    by_copies(convert_shape, convert_copies),
    convert_gradient,
    copies=convert_copies,
    reads=by_element,
    roles=ANY,
)
stop_gradient: Op = Op(
    "stop_gradient",
    lambda x: (x,),
    lambda x: (x,),
    lambda *_: (None,),
    reads=by_element,
    moves=always,
    roles=ANY,
    is_view=True,
)
# The elements of the second operand with the gradient of the first: a straight-through estimator
straight_through: Op = Op(
    "straight_through",
    lambda x, _: (x,),
    lambda _, numbers: (numbers.copy(),),
    lambda _, dy: (dy, None),
    reads=by_element,
)
none_of: Op = Op("none_of", lambda x: (x,), lambda x: (np.zeros_like(x),), lambda *_: (None,), reads=by_element)
concatenate: Op = Op(
    "concatenate",
    concatenate_shape,
    by_copies(concatenate_shape, concatenate_copies),
    concatenate_gradient,
    copies=concatenate_copies,
    reads=concatenate_reads,
    moves=always,
    roles=concatenate_roles,
    batching=along_axes,
)
split: Op = Op(
    "split",
    split_shape,
    split_meaning,
    split_gradient,
    reads=split_reads,
    moves=always,
    roles=split_roles,
    batching=along_axes,
)
