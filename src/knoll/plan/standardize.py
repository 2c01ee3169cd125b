"""Lowering of the standardisation of rows."""

from __future__ import annotations

from math import prod

from knoll.graph import Node
from knoll.kernels.normalisation.standardize import Standardize, StandardizeGradient, StandardizeSums
from knoll.plan import packing
from knoll.plan.lowering import Lowering
from knoll.plan.plain import plain


def standardize(lowering: Lowering, node: Node) -> None:
    """A kernel on contiguous arrays."""
    rows, centred, run, to = (node.attributes[name] for name in ("rows", "centred", "run", "to"))
    size, affine = prod(to) // rows, node.inputs[2:]
    own = bool(affine) and affine[0].spec.size > size // run
    plain(lowering, node, lowering.kernel(Standardize, rows, size, centred, len(affine), run, own), samples=1)


def standardize_dx(lowering: Lowering, node: Node) -> None:
    """The gradient of what is standardised."""
    rows, centred = node.attributes["rows"], node.attributes["centred"]
    size = prod(node.specs[0].shape[1:]) // rows
    plain(lowering, node, lowering.kernel(StandardizeGradient, rows, size, centred, len(node.inputs) > 3))


def standardize_sums(lowering: Lowering, node: Node) -> None:
    """The gradients of scale and shift, which one kernel sums."""
    rows, (size,) = node.attributes["rows"], node.specs[0].shape
    kernel = lowering.kernel(StandardizeSums, rows, size, node.attributes["centred"])
    given = [*map(lowering.buffers.plain, node.inputs[:2]), lowering.unbatched[node.inputs[2]]]
    both = lowering.group_sums(kernel, 2 * kernel.section, "standardize_sums", *given)
    for place, value in enumerate(node.outputs):
        lowering.unpack(value, packing.contiguous(size, place * kernel.section), both)
