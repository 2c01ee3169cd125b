"""Lowering of batch normalisation: statistics are sums over samples, so their readers are in the next level."""

from __future__ import annotations

from knoll.graph import Node, Value
from knoll.graph.sizes import round_up
from knoll.kernels.layout.copy import Copy
from knoll.kernels.normalisation.average import RunningAverage
from knoll.kernels.normalisation.batch_norm import NormaliseGradient, NormaliseSums
from knoll.kernels.normalisation.fold import FoldBias, FoldWeight
from knoll.kernels.normalisation.statistics import ChannelStatistics, CombineStatistics
from knoll.kernels.reduction.sums import CombineGroups
from knoll.plan import packing
from knoll.plan.dense_conv import images_in
from knoll.plan.lowering import Lowering
from knoll.plan.plan import Buffer, Kind


def batch_statistics(lowering: Lowering, node: Node) -> None:
    """Sums for each group of samples, joined into mean and variances."""
    source = _vectors(lowering, node.inputs[0])
    images, phase_key, draft = images_in(source), lowering.buffers.phase_key, lowering.draft
    statistics = ChannelStatistics(lowering.machine, lowering.element, images)
    group = draft.buffer(Kind.PARTIAL, lowering.element, statistics.size, "statistics")
    draft.step(phase_key, statistics, source, group)
    join = CombineStatistics(lowering.machine, lowering.element, images.c, images.h * images.w)
    results = [_line_result(lowering, value) for value in node.outputs]
    draft.step(phase_key.combining, join, group, *results, combines=True)


def batch_norm_sums(lowering: Lowering, node: Node) -> None:
    """Two sums for each channel: the gradients of scale and shift."""
    dy, x, mean, variance = node.inputs
    gradient, source = _vectors(lowering, dy), _vectors(lowering, x)
    kernel = NormaliseSums(
        lowering.machine, lowering.element, images_in(gradient), images_in(source), node.attributes["epsilon"]
    )
    draft, phase_key, section = lowering.draft, lowering.buffers.phase_key, kernel.size // 2
    group = draft.buffer(Kind.PARTIAL, lowering.element, kernel.size, "batch_norm_sums")
    both = draft.buffer(Kind.REDUCED, lowering.element, kernel.size, "batch_norm_sums")
    draft.step(phase_key, kernel, gradient, source, lowering.line(mean), lowering.line(variance), group)
    draft.step(
        phase_key.combining, CombineGroups(lowering.machine, lowering.element, kernel.size), group, both, combines=True
    )
    for place, value in enumerate(node.outputs):
        nests = packing.line(value.spec.size, place * section)
        copy = Copy(lowering.machine, lowering.element, nests, (0, 0), "unpack")
        draft.step(phase_key.combining, copy, both, lowering.whole_result(value))


def batch_norm_dx(lowering: Lowering, node: Node) -> None:
    """The gradient by x, through its statistics too."""
    dy, x, *channels = node.inputs
    gradient, source = _vectors(lowering, dy), _vectors(lowering, x)
    target = lowering.buffers.blocked(node.outputs[0])
    kernel = NormaliseGradient(
        lowering.machine, lowering.element, images_in(gradient), images_in(source), target,
        node.attributes["epsilon"], len(channels) > 4,
    )  # fmt: skip
    lines = [lowering.line(value) for value in channels]
    result = lowering.buffers.new(node.outputs[0], target)
    lowering.draft.step(lowering.buffers.phase_key, kernel, gradient, source, *lines, result)


def running_average(lowering: Lowering, node: Node) -> None:
    """What is remembered, renewed when the sums are joined."""
    kernel = RunningAverage(lowering.machine, lowering.element, node.specs[0].size)
    sources = [lowering.unbatched[value] for value in node.inputs]
    lowering.draft.step(lowering.buffers.phase_key, kernel, *sources, lowering.whole_result(node.outputs[0]))


def fold_weight(lowering: Lowering, node: Node) -> None:
    """New weights, whenever parameters change."""
    weight, *channels = node.inputs
    count = weight.spec.shape[0]
    kernel = FoldWeight(
        lowering.machine, lowering.element, count, weight.spec.size // count,
        node.attributes["epsilon"], len(channels) > 1,
    )  # fmt: skip
    _prepare(lowering, node, kernel)


def fold_bias(lowering: Lowering, node: Node) -> None:
    """A new bias, whenever parameters change."""
    of = node.attributes
    kernel = FoldBias(
        lowering.machine, lowering.element, node.specs[0].size, of["epsilon"], of["has_bias"], of["is_affine"]
    )
    _prepare(lowering, node, kernel)


def fits(node: Node) -> bool:
    """Images, or rows of features."""
    return node.inputs[0].spec.rank in (2, 4)


def _prepare(lowering: Lowering, node: Node, kernel: FoldWeight | FoldBias) -> None:
    (value,) = node.outputs
    result = lowering.draft.buffer(Kind.PACKED, lowering.element, value.spec.size, node.op.name)
    lowering.unbatched[value] = result
    lowering.draft.step(lowering.buffers.phase_key, kernel, *(lowering.unbatched[v] for v in node.inputs), result)


def _vectors(lowering: Lowering, value: Value) -> Buffer:
    return lowering.buffers.get(value, lowering.vectors(value))


def _line_result(lowering: Lowering, value: Value) -> Buffer:
    """Room for whole vectors, which the caller's array has not."""
    size = round_up(value.spec.size, lowering.lanes)
    lowering.unbatched[value] = lowering.draft.buffer(Kind.REDUCED, lowering.element, size, "statistics")
    return lowering.unbatched[value]
