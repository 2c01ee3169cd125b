"""Lowering of batch normalisation: statistics are sums over samples, so their readers are in the next level."""

from __future__ import annotations

from knoll.graph import Node, Value
from knoll.graph.sizes import round_up
from knoll.kernels.layout.copy import Copy
from knoll.kernels.normalisation.average import RunningAverage
from knoll.kernels.normalisation.batch_norm import NormaliseGradient, NormaliseSums
from knoll.kernels.normalisation.fold import FoldBias, FoldWeight
from knoll.kernels.normalisation.statistics import ChannelStatistics, CombineStatistics
from knoll.plan import matrix_packing
from knoll.plan.buffer_map import images_in
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer, Kind


def batch_statistics(lowering: Lowering, node: Node) -> None:
    """Mean and variances, from statistics of each group of samples."""
    source = _blocked(lowering, node.inputs[0])
    images = images_in(source)
    statistics = lowering.kernel(ChannelStatistics, images)
    group = lowering.buffer(Kind.PARTIAL, statistics.size, "statistics")
    lowering.step(statistics, source, group)
    combine = lowering.kernel(CombineStatistics, images.c, images.h * images.w)
    results = [_padded_result(lowering, value) for value in node.outputs]
    lowering.combining_step(combine, group, *results, combines=True)


def batch_norm_sums(lowering: Lowering, node: Node) -> None:
    """The gradients of scale and shift: two sums over samples for each channel."""
    dy, x, mean, variance = node.inputs
    gradient, source = _blocked(lowering, dy), _blocked(lowering, x)
    kernel = lowering.kernel(NormaliseSums, images_in(gradient), images_in(source), node.attributes["epsilon"])
    section = kernel.size // 2
    statistics = lowering.per_channel(mean), lowering.per_channel(variance)
    both = lowering.group_sums(kernel, kernel.size, "batch_norm_sums", gradient, source, *statistics)
    for place, value in enumerate(node.outputs):
        nests = matrix_packing.contiguous(value.spec.size, place * section)
        copy = lowering.kernel(Copy, nests, (0, 0), "unpack")
        lowering.combining_step(copy, both, lowering.unbatched_result(value))


def batch_norm_dx(lowering: Lowering, node: Node) -> None:
    """The input gradient in training mode, through mean and variance."""
    dy, x, *channels = node.inputs
    gradient, source = _blocked(lowering, dy), _blocked(lowering, x)
    target = lowering.buffers.blocked(node.outputs[0])
    kernel = lowering.kernel(NormaliseGradient, images_in(gradient), images_in(source), target,
        node.attributes["epsilon"], len(channels) > 4,
    )  # fmt: skip
    lines = [lowering.per_channel(value) for value in channels]
    result = lowering.buffers.new(node.outputs[0], target)
    lowering.step(kernel, gradient, source, *lines, result)


def running_average(lowering: Lowering, node: Node) -> None:
    """The running statistics, updated in the combining phase."""
    kernel = lowering.kernel(RunningAverage, node.specs[0].size)
    sources = [lowering.unbatched[value] for value in node.inputs]
    lowering.step(kernel, *sources, lowering.unbatched_result(node.outputs[0]))


def fold_weight(lowering: Lowering, node: Node) -> None:
    """The folded weights, computed in the prepare phase, whenever parameters change."""
    weight, *channels = node.inputs
    count = weight.spec.shape[0]
    kernel = lowering.kernel(FoldWeight, count, weight.spec.size // count,
        node.attributes["epsilon"], len(channels) > 1,
    )  # fmt: skip
    _prepare(lowering, node, kernel)


def fold_bias(lowering: Lowering, node: Node) -> None:
    """The folded bias, computed in the prepare phase, whenever parameters change."""
    of = node.attributes
    kernel = lowering.kernel(FoldBias, node.specs[0].size, of["epsilon"], of["has_bias"], of["is_affine"])
    _prepare(lowering, node, kernel)


def fits(node: Node) -> bool:
    """Images, or rows of features."""
    return node.inputs[0].spec.rank in (2, 4)


def _prepare(lowering: Lowering, node: Node, kernel: FoldWeight | FoldBias) -> None:
    (value,) = node.outputs
    result = lowering.buffer(Kind.PACKED, value.spec.size, node.op.name)
    lowering.unbatched[value] = result
    lowering.step(kernel, *(lowering.unbatched[v] for v in node.inputs), result)


def _blocked(lowering: Lowering, value: Value) -> Buffer:
    return lowering.buffers.get(value, lowering.vector_layout(value))


def _padded_result(lowering: Lowering, value: Value) -> Buffer:
    """A buffer padded to whole vectors, as the caller's array is not."""
    size = round_up(value.spec.size, lowering.lanes)
    lowering.unbatched[value] = lowering.buffer(Kind.REDUCED, size, "statistics")
    return lowering.unbatched[value]
