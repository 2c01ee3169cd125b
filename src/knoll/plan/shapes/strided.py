"""Lowering of diagonals and windows to strided views, which are copied only for kernels that cannot read them."""

from __future__ import annotations

from math import prod

import numpy as np

from knoll.graph import Node, Shape
from knoll.ops.shapes.strided import Axes, is_distinct, sizes_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.shapes import permute, slices
from knoll.plan.strided_view import StridedView


def strided(lowering: Lowering, node: Node) -> None:
    """A view of each sample; what samples share is copied."""
    (x,), (value,), (start, axes) = node.inputs, node.outputs, _start_and_axes(node)
    if value in lowering.batch:
        permute.define_view(lowering, value, _seen_elements(lowering.view(x), *_of_sample(start, axes)))
    else:
        seen = _seen_elements(StridedView.shared(x), start, axes)
        slices.copy_shared(lowering, seen, StridedView.shared(value), x, value)


def strided_dx(lowering: Lowering, node: Node) -> None:
    """Zeros, with each dy where it was seen."""
    (dy,), (value,), (start, axes) = node.inputs, node.outputs, _start_and_axes(node)
    if value not in lowering.batch:
        seen = _seen_elements(StridedView.shared(value), start, axes)
        slices.copy_shared(lowering, StridedView.shared(dy), seen, dy, value)
        return
    seen = _seen_elements(StridedView.contiguous(value), *_of_sample(start, axes))
    slices.copy_plain(lowering, lowering.view(dy), seen, 0.0)


def fits(node: Node) -> bool:
    """There is something to see."""
    return prod(node.specs[0].shape) > 0


def fits_dx(node: Node) -> bool:
    """Each element of the result has one gradient at most."""
    return prod(node.inputs[0].spec.shape) > 0 and is_distinct(node.attributes["axes"])


def _start_and_axes(node: Node) -> tuple[Shape, Axes]:
    return node.attributes["start"], node.attributes["axes"]


def _of_sample(start: Shape, axes: Axes) -> tuple[Shape, Axes]:
    """The same within one sample: without the first axis of x, which is that of the result."""
    return start[1:], tuple((size, steps[1:]) for size, steps in axes[1:])


def _seen_elements(view: StridedView, start: Shape, axes: Axes) -> StridedView:
    """The elements of a view that are seen, as another view."""
    first = view.start + int(np.dot(start, view.strides))
    strides = tuple(int(np.dot(steps, view.strides)) for _, steps in axes)
    return StridedView(view.base, sizes_of(view.shape, axes), strides, first)
