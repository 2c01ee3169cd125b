"""Which elements of an input an output depends on, exactly, through any graph.

What an operation reads stands on its card (`Op.reads`); here it is followed backwards, from the output to the input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from types import EllipsisType

import numpy as np

from knoll.analysis.trace import Trace
from knoll.errors import ArgumentError
from knoll.graph import Array, Node, Places, Read, Reads, Value
from knoll.graph.node import topological
from knoll.messages import say

Part = int | slice | EllipsisType
Index = Part | tuple[Part, ...]
"""What NumPy takes between brackets: (0, 5, 2, 3) is one element, (0, ..., 2, 3) all channels of a pixel."""

_NONE: Mapping[Value, Array] = {}


def dependencies(trace: Trace, output: Value | None = None, index: Index = ..., source: Value | None = None) -> Array:
    """Where the elements are that the element `index` of `output` depends on: a mask in the shape of `source`.

    `output` and `source` are values of the trace; the first output and the first input unless given. An element is
    marked if some numbers exist with which a change of it changes the output. Padding belongs to no element.

    >>> from knoll import nn
    >>> from knoll.analysis import dependencies, trace
    >>> net = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.MaxPool2d(2))
    >>> dependencies(trace(net, (1, 6, 6)), index=(0, 0, 0, 1))[0, 0].astype(int)
    array([[0, 1, 1, 1, 1, 0],
           [0, 1, 1, 1, 1, 0],
           [0, 1, 1, 1, 1, 0],
           [0, 0, 0, 0, 0, 0],
           [0, 0, 0, 0, 0, 0],
           [0, 0, 0, 0, 0, 0]])
    """
    end, start = trace.outputs[0] if output is None else output, trace.inputs[0] if source is None else source
    return depends(end, index, start, trace.constants)


def depends(output: Value, index: Index, source: Value, constants: Mapping[Value, Array] = _NONE) -> Array:
    """The same for two values of any graph; `constants` are the numbers of values that never change."""
    (mask,) = dependencies_on(output, index, (source,), constants)
    return mask


def dependencies_on(
    output: Value, index: Index, sources: Sequence[Value], constants: Mapping[Value, Array] = _NONE
) -> list[Array]:
    """The mask of each source, found in one backward pass over the graph."""
    wanted = np.zeros(output.spec.shape, np.bool_)
    try:
        wanted[index] = True
    except IndexError:
        expected = say("analysis.cells", shape=output.spec.shape)
        raise ArgumentError(say("analysis.no_cell"), expected=expected, got=f"{index}") from None
    nodes, masks = topological((output,)), {output: wanted}
    above = _made_of(nodes, sources)
    useful = above.union(sources)
    for node in reversed(nodes):
        for number, value in enumerate(node.outputs):
            if value in masks and value in above:
                _follow(node, number, masks, useful, constants)
    return [masks.get(source, np.zeros(source.spec.shape, np.bool_)) for source in sources]


def _made_of(nodes: Sequence[Node], sources: Sequence[Value]) -> set[Value]:
    """The values that are made of a source: masks of others are of no use."""
    found: set[Value] = set()
    for node in nodes:
        if any(value in found or value in sources for value in node.inputs):
            found.update(node.outputs)
    return found


def _follow(
    node: Node, result: int, masks: dict[Value, Array], useful: Set[Value], constants: Mapping[Value, Array]
) -> None:
    """Mark what the marked elements of a result read."""
    wanted = masks[node.outputs[result]]
    for value, reads in zip(node.inputs, _reads(node, result, constants), strict=True):
        if value in useful:
            mask = read_mask(wanted, reads, value.spec.shape)
            masks[value] = masks[value] | mask if value in masks else mask


def _reads(node: Node, result: int, constants: Mapping[Value, Array]) -> tuple[Reads, ...]:
    """What a node reads; where it looks up places that are known, just those."""
    reads, (x, *indices) = node.reads(result), node.inputs
    if not node.op.looks_up or not all(value in constants for value in indices):
        return reads
    places = np.arange(x.spec.size).reshape(x.spec.shape)
    (found,) = node.op.meaning(places, *(constants[value] for value in indices), **node.attributes)
    return (Places(found), *reads[1:])


def read_mask(wanted: Array, reads: Reads, shape: tuple[int, ...]) -> Array:
    """The elements of an operand of this shape that the `wanted` elements of a result read."""
    if isinstance(reads, Places):
        return _marked(reads.of[wanted], shape)
    axes = [read.axis for read in reads if read.axis is not None]
    mask: Array = np.asarray(wanted.any(axis=tuple(axis for axis in range(wanted.ndim) if axis not in axes)))
    mask = mask.transpose(np.argsort(np.argsort(axes)))
    mask = mask.reshape([1 if read.axis is None else wanted.shape[read.axis] for read in reads])
    for axis, (read, size) in enumerate(zip(reads, shape, strict=True)):
        mask = seen_along(mask, axis, read, size)
    return mask


def _marked(places: Array, shape: tuple[int, ...]) -> Array:
    mask = np.zeros(shape, np.bool_)
    mask.ravel()[places[places >= 0]] = True
    return mask


def seen_along(mask: Array, axis: int, read: Read, size: int) -> Array:
    """The marked results along an axis, as the elements that they see."""
    seen = read.slide.seen(size)
    if mask.ndim == 1:
        line = np.zeros(size + 1, np.bool_)
        line[seen[np.flatnonzero(mask)]] = True  # −1 stands for the last
        return line[:size]
    results = np.moveaxis(mask, axis, 0)
    elements = np.zeros((size, *results.shape[1:]), np.bool_)
    for result in np.flatnonzero(results.any(axis=tuple(range(1, mask.ndim)))):
        places = seen[result]
        elements[places[places >= 0]] |= results[result]
    return np.moveaxis(elements, 0, axis)
