"""Max pooling and its gradient as steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from knoll.graph import Node
from knoll.kernels.pool import NO_TAP, MaxPool, MaxPoolGradient
from knoll.ops import max_pool2d as pooling

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering

POOL_TAPS = 16  # more than this many pixels of a window are not worth holding in registers


def max_pool2d(lowering: Lowering, node: Node) -> None:
    """A pooling that no convolution took along."""
    value, index = node.outputs
    source = lowering.places.get(node.inputs[0], lowering.vectors(node.inputs[0]))
    target, codes = lowering.places.blocked(value), index in lowering.graph.readers
    assert source.images is not None
    windows = pooling.windows(**node.attributes)
    kernel = MaxPool(lowering.machine, lowering.element, source.images, target, *windows, codes)
    buffers = [source, lowering.places.new(value, target)]
    buffers += [lowering.new_codes(index, target)] if codes else []
    lowering.draft.step(lowering.places.when, kernel, *buffers)


def max_pool2d_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of pooling, made only when somebody reads it."""

    def make() -> None:
        dy, index = node.inputs
        source, codes = lowering.places.get(dy, lowering.vectors(dy)), lowering.codes[index]
        target = lowering.places.blocked(node.outputs[0])
        assert source.images is not None
        windows = pooling.windows(**slide_of(node))
        kernel = MaxPoolGradient(lowering.machine, lowering.element, source.images, target, *windows)
        result = lowering.places.new(node.outputs[0], target)
        lowering.draft.step(lowering.places.when, kernel, source, codes, result)

    lowering.places.deferred[node.outputs[0]] = make


def poolable(node: Node) -> bool:
    """Whether the windows of a pooling, or of its gradient, stand side by side and are few enough for registers."""
    slide = slide_of(node)
    few = slide["kernel"][0] * slide["kernel"][1] <= POOL_TAPS
    return few and not slide["ceil"] and all(window.is_tiling for window in pooling.windows(**slide))


def slide_of(node: Node) -> dict[str, Any]:
    """How the window of a pooling, or of its gradient, slides."""
    pool = node if node.op is pooling.max_pool2d else node.inputs[1].node
    assert pool is not None
    return pool.attributes


def fits(node: Node) -> bool:
    """A tap's number fits one byte."""
    rows, columns = slide_of(node)["kernel"]
    return bool(rows * columns < NO_TAP)
