"""ONNX operators that move elements, and those that take axes together."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from adapter import OPERATORS, Node, OutOfScope, numbers, operator

import knoll
from knoll import Tensor
from knoll.nn import functional as F

OPERATORS.update(
    {
        "Concat": lambda node, *several: knoll.cat(several, node["axis"]),
        "Expand": lambda _, x, shape: x.expand(np.broadcast_shapes(x.shape, tuple(numbers(shape)))),
        "Flatten": lambda node, x: x.reshape((math.prod(x.shape[: node["axis"]]), -1)),
        "Tile": lambda _, x, times: x.repeat(numbers(times)),
        "Transpose": lambda node, x: x.permute(node["perm"] or tuple(reversed(range(x.ndim)))),
    }
)


def axes_of(node: Node, axes: Tensor | None) -> list[int] | None:
    """Axes are an attribute in old versions and an input in new ones."""
    return node["axes"] if axes is None else numbers(axes)


@operator("Reshape")
def reshape(node: Node, x: Tensor, shape: Tensor) -> Tensor:
    """A size of 0 is the size that the axis has."""
    wanted = numbers(shape)
    if node["allowzero"]:
        return x.reshape(wanted)
    return x.reshape([size or x.shape[axis] for axis, size in enumerate(wanted)])


@operator("Squeeze")
def squeeze(node: Node, x: Tensor, axes: Tensor | None = None) -> Tensor:
    return x.squeeze(axes_of(node, axes))


@operator("Unsqueeze")
def unsqueeze(node: Node, x: Tensor, axes: Tensor | None = None) -> Tensor:
    """Axes count in the result."""
    new = axes_of(node, axes) or []
    rank = x.ndim + len(new)
    for axis in sorted(axis % rank for axis in new):
        x = x.unsqueeze(axis)
    return x


@operator("Split")
def split(node: Node, x: Tensor, sizes: Tensor | None = None) -> Any:
    """Parts of given sizes, or as many as are asked for."""
    wanted = node["split"] if sizes is None else numbers(sizes)
    return x.split(wanted, node["axis"]) if wanted else x.chunk(len(node.outputs), node["axis"])


@operator("Slice")
def cut(node: Node, x: Tensor, *given: Tensor | None) -> Tensor:
    """Starts, ends, axes and steps."""
    words = ("starts", "ends", "axes", "steps")
    told = dict(zip(words, (None if part is None else numbers(part) for part in given), strict=False))
    starts, ends, axes, steps = (told.get(word) or node[word] for word in words)
    key = [slice(None)] * x.ndim
    for i, axis in enumerate(axes or range(len(starts))):
        key[axis] = slice(starts[i], ends[i], steps[i] if steps else 1)
        if steps and steps[i] < 0:
            raise OutOfScope("slices that run backwards")
    return x[tuple(key)]


@operator("Gather")
def gather(node: Node, x: Tensor, indices: Tensor) -> Tensor:
    return x[(slice(None),) * (node["axis"] or 0) + (indices.to(np.int64),)]


@operator("DepthToSpace")
def depth_to_space(node: Node, x: Tensor) -> Tensor:
    """PyTorch takes a block from neighbouring channels (CRD); ONNX may also take it from distant ones (DCR)."""
    size = node["blocksize"]
    if node["mode"] == "DCR":
        x = x.unflatten(1, (size * size, -1)).transpose(1, 2).flatten(1, 2)
    return F.pixel_shuffle(x, size)


@operator("SpaceToDepth")
def space_to_depth(node: Node, x: Tensor) -> Tensor:
    """The way back; ONNX's order was DCR before there was a choice."""
    size = node["blocksize"]
    y = F.pixel_unshuffle(x, size)
    return y if node["mode"] == "CRD" else y.unflatten(1, (-1, size * size)).transpose(1, 2).flatten(1, 2)


@operator("Pad")
def pad(node: Node, x: Tensor, pads: Tensor | None = None, value: Tensor | None = None, axes: Any = None) -> Tensor:
    """ONNX says all beginnings, then all ends, of the axes in order."""
    sizes = node["pads"] if pads is None else numbers(pads)
    chosen = range(x.ndim) if axes is None else [axis % x.ndim for axis in numbers(axes)]
    begins, ends = sizes[: len(chosen)], sizes[len(chosen) :]
    sides = {axis: (begin, end) for axis, begin, end in zip(chosen, begins, ends, strict=True)}
    mode = {"edge": "replicate", "wrap": "circular"}.get(node["mode"], node["mode"])
    flat = [size for axis in reversed(range(min(sides), x.ndim)) for size in sides.get(axis, (0, 0))]
    while flat[-2:] == [0, 0]:  # PyTorch mirrors the last axes only
        del flat[-2:]
    return F.pad(x, flat, mode, node["value"] if value is None else value.item())


@operator("ReduceMax", "ReduceMean", "ReduceMin", "ReduceSum")
def reduced(node: Node, x: Tensor, axes: Tensor | None = None) -> Tensor:
    """Over all axes if none is named, unless the node says that this means over none."""
    chosen = axes_of(node, axes) or list(range(x.ndim))
    if node["noop_with_empty_axes"] and not axes_of(node, axes):
        return x
    if node.kind in ("ReduceMax", "ReduceMin") and not math.prod(x.shape):
        raise OutOfScope("the largest of nothing")
    function = {"ReduceMax": x.amax, "ReduceMean": x.mean, "ReduceMin": x.amin, "ReduceSum": x.sum}[node.kind]
    return function(chosen, keepdim=bool(node["keepdims"]))
