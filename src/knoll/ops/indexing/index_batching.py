"""How picking and putting of elements is done for many examples at once: NumPy's rules with one more axis in front.

Results of indices stand where the first of them stood, or in front of all where they are apart.
"""

from __future__ import annotations

from typing import Any

from knoll.graph import Shape, Value
from knoll.graph.batching import Batch

Axes = tuple[int, ...]


def behind(key: Any) -> Any:
    """A frozen index of one example, behind the axis of all of them.

    >>> behind(("tuple", 1, "ellipsis"))
    ('tuple', ('slice', None, None, None), 1, 'ellipsis')
    """
    entries = key[1:] if isinstance(key, tuple) and key[0] == "tuple" else (key,)
    return ("tuple", ("slice", None, None, None), *entries)


def pick_batching(batch: Batch) -> tuple[Value, ...]:
    """The same index behind the axis of the examples."""
    return batch.apply(*batch.operands, key=behind(batch.node.attributes["key"]))


def pick_dx_batching(batch: Batch) -> tuple[Value, ...]:
    """The same index behind the axis of the examples."""
    shape, key = batch.node.attributes["shape"], batch.node.attributes["key"]
    return batch.apply(*batch.operands, shape=(batch.size, *shape), key=behind(key))


def _is_together(axes: Axes) -> bool:
    return axes == tuple(range(axes[0], axes[0] + len(axes)))


def _further(axes: Axes) -> Axes:
    return tuple(axis + 1 for axis in axes)


def _index_rank(batch: Batch, first: int) -> int:
    """How many axes the indices, which are the operands from `first` on, have together."""
    return max((value.spec.rank for value in batch.node.inputs[first:]), default=0)


def _numbered(batch: Batch, first: int) -> tuple[Value, ...]:
    """Indices of all examples, the first of which says in which example."""
    rank = _index_rank(batch, first)
    numbers = batch.shaped(batch.numbers, batch.size, *(1,) * rank)
    return numbers, *(batch.lifted(place, rank) for place in range(first, len(batch.operands)))


def take_batching(batch: Batch) -> tuple[Value, ...]:
    """Along the same axes, one further behind; indices that differ say in which example, too."""
    x, *indices = batch.operands
    axes, rank = batch.node.attributes["axes"], _index_rank(batch, 1)
    if not any(batch.batched[1:]):
        (y,) = batch.apply(x, *indices, axes=_further(axes))
        return (y if _is_together(axes) else batch.moved(y, rank, 0),)
    if not batch.batched[0]:
        (y,) = batch.apply(x, *(batch.lifted(place, rank) for place in range(1, len(batch.operands))))
        return (batch.moved(y, axes[0], 0) if _is_together(axes) else y,)
    (y,) = batch.apply(x, *_numbered(batch, 1), axes=(0, *_further(axes)))
    return (_moved_behind(batch, y, axes, rank),)


def _moved_behind(batch: Batch, y: Value, axes: Axes, rank: int) -> Value:
    """A result of `take` whose indexed axes stand right behind that of the examples, where they would stand."""
    if not _is_together(axes) or not axes[0]:
        return y
    indexed = tuple(range(1, 1 + rank))
    before = tuple(range(1 + rank, 1 + rank + axes[0]))
    after = tuple(range(1 + rank + axes[0], y.spec.rank))
    return batch.layout.permute(y, axes=(0, *before, *indexed, *after))


def take_dx_batching(batch: Batch) -> tuple[Value, ...]:
    """As `take_batching`, backward."""
    shape: Shape = (batch.size, *batch.node.attributes["shape"])
    axes, rank, dy = batch.node.attributes["axes"], _index_rank(batch, 1), batch.repeat(0)
    if not any(batch.batched[1:]):
        dy = dy if _is_together(axes) else batch.moved(dy, 0, rank)
        return batch.apply(dy, *batch.operands[1:], shape=shape, axes=_further(axes))
    if _is_together(axes) and axes[0]:
        before, indexed = tuple(range(1, 1 + axes[0])), tuple(range(1 + axes[0], 1 + axes[0] + rank))
        after = tuple(range(1 + axes[0] + rank, dy.spec.rank))
        dy = batch.layout.permute(dy, axes=(0, *indexed, *before, *after))
    return batch.apply(dy, *_numbered(batch, 1), shape=shape, axes=(0, *_further(axes)))


def put_batching(batch: Batch) -> tuple[Value, ...] | None:
    """The value in place of the elements of each example, where its axes follow those of the examples."""
    x, places = batch.repeat(0), _places(batch, 2)
    if places is None:
        return None
    value = batch.operands[1]
    if batch.batched[1]:
        value = batch.shaped(value, batch.size, *(1,) * (_selected(batch) - value.spec.rank + 1), *value.spec.shape[1:])
    indices, changed = places
    return batch.apply(x, value, *indices, **changed)


def put_dx_batching(batch: Batch) -> tuple[Value, ...] | None:
    """Nothing in place of the elements of each example."""
    places = _places(batch, 1)
    return None if places is None else batch.apply(batch.repeat(0), *places[0], **places[1])


def _places(batch: Batch, first: int) -> tuple[tuple[Value, ...], dict[str, Any]] | None:
    """The indices from operand `first` on and the attributes for all examples; None where axes would be mixed."""
    axes, key = batch.node.attributes["axes"], behind(batch.node.attributes["key"])
    if not any(batch.batched[first:]):
        if axes and not _is_together(axes):
            return None
        return batch.operands[first:], {"key": key, "axes": _further(axes)}
    if not _is_together(axes) or axes[0]:
        return None
    return _numbered(batch, first), {"key": key, "axes": (0, *_further(axes))}


def _selected(batch: Batch) -> int:
    """How many axes the elements have that `put` overwrites."""
    axes, key = batch.node.attributes["axes"], batch.node.attributes["key"]
    entries = key[1:] if isinstance(key, tuple) and key[0] == "tuple" else (key,)
    left = batch.rank - sum(isinstance(entry, int) for entry in entries) + sum(entry is None for entry in entries)
    return left - len(axes) + (_index_rank(batch, 2) if axes else 0)
