"""Longer axes: new elements are a constant, or copies of those that were there.

Every mode is a table that says, for each new place along one axis, which old place it shows.
Going round means round what is left after cutting.
Source: https://pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
"""

from __future__ import annotations

import numpy as np

from knoll.errors import ShapeError
from knoll.graph import Array, Node, Op, Shape, Spec, Value
from knoll.messages import say

MODES = ("constant", "reflect", "replicate", "circular", "symmetric")
Ends = tuple[tuple[int, int], ...]  # (before, after) for every axis; negative numbers cut away


def places(size: int, before: int, after: int, mode: str) -> Array:
    """Which old place each new place shows; −1 for none.

    >>> places(4, 2, 1, "reflect").tolist(), places(4, 2, 1, "circular").tolist(), places(4, 2, 1, "constant").tolist()
    ([2, 1, 0, 1, 2, 3, 2], [2, 3, 0, 1, 2, 3, 0], [-1, -1, 0, 1, 2, 3, -1])
    """
    place = np.arange(-before, size + after)
    if mode == "constant":
        return np.where((place < 0) | (place >= size), -1, place)
    if mode == "replicate":
        return place.clip(0, size - 1)
    if mode == "circular":
        first, last = max(0, -before), size - max(0, -after)
        return first + (place - first) % max(last - first, 1)
    if mode == "symmetric":
        place = place % (2 * max(size, 1))
        return np.minimum(place, 2 * size - 1 - place)
    period = max(2 * size - 2, 1)
    place = place % period
    return np.minimum(place, period - place) if size > 1 else place * 0


def shape(x: Spec, *, padding: Ends, mode: str, value: float) -> tuple[Spec]:  # noqa: ARG001 (any value fits)
    """Each axis with what stands before and after it."""
    for axis, (size, (before, after)) in enumerate(zip(x.shape, padding, strict=True)):
        if before or after:
            _check(x.shape, axis, size, before, after, mode)
    return (x.with_shape(*(size + sum(ends) for size, ends in zip(x.shape, padding, strict=True))),)


def _check(shape: Shape, axis: int, size: int, before: int, after: int, mode: str) -> None:
    if mode == "circular" and size and size + min(before, 0) + min(after, 0) < (max(before, after) > 0):
        raise ShapeError("Negative padding value is resulting in an empty dimension", came=f"({before}, {after})")
    if size + before + after < 0:
        raise ShapeError(
            f"The input size {size}, plus negative padding {before} and {after} resulted in a negative output size, "
            f"which is invalid. Check dimension {axis} of your input.",
            expected=say("ops.pad_left"),
        )
    if mode != "constant" and size == 0:
        raise ShapeError(
            "Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, "
            f"but got: {list(shape)}"
        )
    if mode == "reflect" and max(before, after) >= size:
        raise ShapeError(
            f"Argument #{2 * (len(shape) - axis) + 2}: Padding size should be less than the corresponding input "
            f"dimension, but got: padding ({before}, {after}) at dimension {axis} of input {list(shape)}",
            expected=say("ops.pad_most", most=size - 1),
            advice=say("ops.pad_other_mode"),
        )
    if mode == "circular" and max(before, after) > size:
        raise ShapeError(
            "Padding value causes wrapping around more than once.",
            expected=say("ops.pad_most", most=size),
            came=f"({before}, {after})",
            advice=say("ops.pad_other_mode"),
        )


def meaning(x: Array, *, padding: Ends, mode: str, value: float) -> tuple[Array]:
    """One axis after the other, each place as its table says."""
    for axis, (before, after) in enumerate(padding):
        if not before and not after:
            continue
        place = places(x.shape[axis], before, after, mode)
        if x.shape[axis]:
            padded = np.take(x, place.clip(0), axis)
        else:
            padded = np.empty((*x.shape[:axis], len(place), *x.shape[axis + 1 :]), x.dtype)
        np.moveaxis(padded, axis, 0)[place < 0] = value
        x = padded
    return (np.ascontiguousarray(x),)


def dx_meaning(dy: Array, *, shape: Shape, padding: Ends, mode: str) -> tuple[Array]:
    """Each dy is added where its value came from; a constant came from nowhere."""
    for axis, (before, after) in enumerate(padding):
        if not before and not after:
            continue
        place = places(shape[axis], before, after, mode)
        shown = np.flatnonzero(place >= 0)
        dx = np.zeros((*dy.shape[:axis], shape[axis], *dy.shape[axis + 1 :]), dy.dtype)
        np.add.at(np.moveaxis(dx, axis, 0), place[shown], np.moveaxis(dy, axis, 0)[shown])
        dy = dx
    return (dy,)


def gradient(node: Node, dy: Value) -> tuple[Value]:
    """Back to the places that were shown."""
    attributes = {name: node.attributes[name] for name in ("padding", "mode")}
    return (pad_dx(dy, shape=node.inputs[0].spec.shape, **attributes),)


pad = Op("pad", shape, meaning, gradient)
pad_dx = Op("pad_dx", lambda dy, *, shape, **_: (dy.with_shape(*shape),), dx_meaning)
