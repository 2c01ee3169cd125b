"""Lowering of the standardisation of rows."""

from __future__ import annotations

from math import prod

from knoll.graph import Node
from knoll.kernels.normalisation.standardize import Standardize, StandardizeGradient, StandardizeSums
from knoll.kernels.normalisation.standardize_channels import StandardizeChannels
from knoll.plan import matrix_packing
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.plain import plain
from knoll.plan.plan import Buffer


def standardize(lowering: Lowering, node: Node) -> None:
    """A kernel on contiguous arrays."""
    rows, centred, run, to = (node.attributes[name] for name in ("rows", "centred", "run", "to"))
    size, affine = prod(to) // rows, node.inputs[2:]
    own = bool(affine) and affine[0].spec.size > size // run
    plain(lowering, node, lowering.kernel(Standardize, rows, size, centred, len(affine), run, own), samples=1)


def standardize_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of what is standardised."""
    if _is_by_channel(node):
        _channel_gradients(lowering, node, _other_gradient(lowering, node, "standardize_sums"))
        return
    rows, centred = node.attributes["rows"], node.attributes["centred"]
    size = prod(node.specs[0].shape[1:]) // rows
    scaled = len(node.inputs) > 3
    own = scaled and node.inputs[3].spec.size > size
    plain(lowering, node, lowering.kernel(StandardizeGradient, rows, size, centred, own, scaled))


def standardize_sums(lowering: Lowering, node: Node) -> None:
    """The gradients of scale and shift, which one kernel sums."""
    if _is_by_channel(node):
        _channel_gradients(lowering, _other_gradient(lowering, node, "standardize_dx"), node)
        return
    rows, count = node.attributes["rows"], node.attributes["count"]
    size = prod(node.inputs[0].spec.shape[1:]) // rows
    kernel = lowering.kernel(StandardizeSums, rows, size, node.attributes["centred"], count > size)
    _draft_sums(lowering, node, kernel, [*map(lowering.buffers.plain, node.inputs[:2]), _epsilon(lowering, node)])


def _is_by_channel(node: Node) -> bool:
    """Whether a scale has a number for each of several runs of elements."""
    return node.attributes["run"] > 1 and ("count" in node.attributes or len(node.inputs) > 3)


def _other_gradient(lowering: Lowering, node: Node, name: str) -> Node | None:
    """The other gradient of the same standardisation, if it is in the same phase."""
    for reader in lowering.graph.readers[node.inputs[0]]:
        same = reader.op.name == name and reader.inputs[:3] == node.inputs[:3]
        of = ("rows", "centred", "run")
        if same and all(reader.attributes[each] == node.attributes[each] for each in of) and _is_by_channel(reader):
            return reader if lowering.phase_keys[reader] == lowering.phase_keys[node] else None
    return None


def _channel_gradients(lowering: Lowering, dx: Node | None, sums: Node | None) -> None:
    """One kernel for both gradients, or for the one that is wanted."""
    node = dx or sums
    assert node is not None
    of = node.attributes
    size = prod(node.inputs[0].spec.shape[1:]) // of["rows"]
    kernel = lowering.kernel(
        StandardizeChannels, of["rows"], size, of["centred"], of["run"], dx is not None, sums is not None
    )
    given = [*map(lowering.buffers.plain, node.inputs[:2]), _epsilon(lowering, node)]
    if dx is not None:
        given += [lowering.unbatched[dx.inputs[3]], lowering.buffers.new(dx.outputs[0], images_of(dx.outputs[0]))]
        lowering.done.add(dx)
    if sums is None:
        lowering.step(kernel, *given)
        return
    _draft_sums(lowering, sums, kernel, given)
    lowering.done.add(sums)


def _epsilon(lowering: Lowering, node: Node) -> Buffer:
    return lowering.unbatched[node.inputs[2]]


def _draft_sums(
    lowering: Lowering, node: Node, kernel: StandardizeSums | StandardizeChannels, given: list[Buffer]
) -> None:
    both = lowering.group_sums(kernel, 2 * kernel.section, "standardize_sums", *given)
    for place, value in enumerate(node.outputs):
        lowering.unpack(value, matrix_packing.contiguous(value.spec.size, place * kernel.section), both)
