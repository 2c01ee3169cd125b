"""Lowering of sums, means and extremes over axes of each sample, and of their gradients."""

from __future__ import annotations

from math import prod

from knoll.graph import Node, Shape
from knoll.kernels.kernel import Kernel
from knoll.kernels.reduction.axis_extreme import AxisExtreme, AxisExtremeGradient
from knoll.kernels.reduction.axis_reduction import AxisBroadcast, AxisSum
from knoll.kernels.reduction.first_extreme import FirstExtremeGradient
from knoll.ops.reduction.extreme import amin
from knoll.ops.reduction.first_extreme import first_min
from knoll.ops.reduction.reduce import mean
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.plain import plain
from knoll.plan.plan import Kind

Collapsed = tuple[int, int, int]  # the shape of a sample as (outer, size, inner): `size` are adjacent axes


def sum_(lowering: Lowering, node: Node) -> None:
    """A sum or a mean, over the last adjacent axes first."""
    runs = _runs(node.inputs[0].spec.shape, node.attributes["axes"])
    _chain(
        lowering, node, [lowering.kernel(AxisSum, *run, run[1] if node.op is mean else 1) for run in runs],
        [outer * inner for outer, _, inner in runs],
    )  # fmt: skip


def expand(lowering: Lowering, node: Node) -> None:
    """A broadcast, along the first adjacent axes first."""
    runs, scale = _runs(node.specs[0].shape, node.attributes["axes"])[::-1], float(node.attributes["scale"])
    _chain(
        lowering, node, [lowering.kernel(AxisBroadcast, *run, scale if run is runs[0] else 1.0) for run in runs],
        [prod(run) for run in runs],
    )  # fmt: skip


def extreme(lowering: Lowering, node: Node) -> None:
    """The largest or the smallest over adjacent axes."""
    (run,) = _runs(node.inputs[0].spec.shape, node.attributes["axes"])
    plain(lowering, node, lowering.kernel(AxisExtreme, *run, node.op is amin))


def extreme_dx(lowering: Lowering, node: Node) -> None:
    """Its gradient."""
    (run,) = _runs(node.specs[0].shape, node.attributes["axes"])
    ways = (node.attributes["nan_ties"], node.attributes["masked"])
    plain(lowering, node, lowering.kernel(AxisExtremeGradient, *run, *ways), samples=3)


def fits_extreme(node: Node) -> bool:
    """Adjacent axes of each sample, ignoring those of size 1."""
    x, axes = node.inputs[len(node.inputs) > 1].spec, node.attributes["axes"]
    return x.is_float and fits(x.shape, axes) and len(_runs(x.shape, axes)) == 1


def first_extreme(lowering: Lowering, node: Node) -> None:
    """The largest or the smallest along one axis, without its place."""
    (run,) = _runs(node.inputs[0].spec.shape, (node.attributes["axis"],))
    plain(lowering, node, lowering.kernel(AxisExtreme, *run, node.op is first_min))


def first_extreme_dx(lowering: Lowering, node: Node) -> None:
    """Its gradient, for the first of those that tie."""
    (run,) = _runs(node.specs[0].shape, (node.attributes["axis"],))
    plain(lowering, node, lowering.kernel(FirstExtremeGradient, *run), samples=3)


def fits_first(node: Node) -> bool:
    """An axis of each sample."""
    x = node.inputs[len(node.inputs) > 1].spec
    return x.is_float and fits(x.shape, (node.attributes["axis"],))


def fits(shape: Shape, axes: tuple[int, ...]) -> bool:
    """The axes do not include the batch axis."""
    return len(shape) > 0 and 0 not in axes


def _chain(lowering: Lowering, node: Node, kernels: list[Kernel], sizes: list[int]) -> None:
    """Draft one kernel after the other; `sizes` are the elements that each writes."""
    (x,), (value,) = node.inputs, node.outputs
    source = lowering.buffers.plain(x)
    for kernel, size in zip(kernels[:-1], sizes, strict=False):
        target = lowering.buffer(Kind.SCRATCH, size, node.op.name)
        lowering.step(kernel, source, target)
        source = target
    lowering.step(kernels[-1], source, lowering.buffers.new(value, images_of(value)))


def _runs(shape: Shape, axes: tuple[int, ...]) -> list[Collapsed]:
    """For each run of adjacent axes, from the last on, the shape of a sample in which later ones are summed."""
    runs: list[Collapsed] = []
    left = list(shape[1:])
    axis = len(shape)
    while axis > 1:
        axis -= 1
        if axis not in axes or shape[axis] == 1:
            continue
        last = axis
        while axis - 1 in axes or shape[axis - 1] == 1 < axis:
            axis -= 1
        runs.append((prod(left[: axis - 1]), prod(left[axis - 1 : last]), prod(left[last:])))
        left[axis - 1 : last] = [1] * (last - axis + 1)
    return runs or [(1, 1, prod(shape[1:]))]
