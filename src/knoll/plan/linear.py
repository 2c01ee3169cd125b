"""A linear layer and its gradients as steps: products of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.graph import Node
from knoll.kernels.matmul import Matmul
from knoll.plan import packing
from knoll.plan.following import behind
from knoll.plan.places import images_of

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering


def linear(lowering: Lowering, node: Node) -> None:
    """Rows of x times the weights, with what follows element by element."""
    x, w, *bias = node.inputs
    following = behind(lowering, node.outputs[0])
    epilogue, operands = following.epilogue(lowering, images_of(following.value))
    outputs, inputs = w.spec.shape
    kernel = Matmul(
        lowering.machine, lowering.element, 0, inputs, outputs, (inputs, 1), 0, outputs,
        bias=bool(bias), b_packed=True, epilogue=epilogue,
    )  # fmt: skip
    width = kernel.vectors * kernel.lanes
    nests = packing.matrix_weights(outputs, inputs, width)
    packed = lowering.pack(w, nests, kernel.column_tiles * width * inputs)
    buffers = [lowering.places.plain(x), packed, lowering.places.new(following.value, images_of(following.value))]
    lowering.draft.step(lowering.places.when, kernel, *buffers, *(lowering.wholes[b] for b in bias), *operands)


def linear_dx(lowering: Lowering, node: Node) -> None:
    """Rows of dy times the weights as they are."""
    dy, w = node.inputs
    outputs, inputs = w.spec.shape
    following = behind(lowering, node.outputs[0])
    epilogue, operands = following.epilogue(lowering, images_of(following.value))
    kernel = Matmul(
        lowering.machine, lowering.element, 0, outputs, inputs, (outputs, 1), inputs, inputs, epilogue=epilogue
    )
    source = lowering.places.plain(dy)
    result = lowering.places.new(following.value, images_of(following.value))
    lowering.draft.step(lowering.places.when, kernel, source, lowering.wholes[w], result, *operands)


def linear_dw(lowering: Lowering, node: Node) -> None:
    """Columns of dy times rows of x, summed over samples."""
    dy, x = node.inputs
    outputs, inputs = node.specs[0].shape
    size = outputs * inputs
    kernel = Matmul(
        lowering.machine, lowering.element, outputs, 0, inputs, (1, outputs), inputs, inputs, samples="inner"
    )
    sources = lowering.places.plain(dy), lowering.places.plain(x)
    lowering.summed(node.outputs[0], kernel, size, packing.line(size), *sources)


def fits(node: Node) -> bool:
    """Samples are rows."""
    return node.inputs[0].spec.rank == 2
