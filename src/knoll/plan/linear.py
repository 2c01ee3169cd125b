"""A linear layer and its gradients as steps: products of matrices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from knoll.graph import Node
from knoll.kernels.epilogue import AS_IT_IS, Epilogue
from knoll.kernels.matmul import Matmul
from knoll.kernels.term import Term
from knoll.plan import packing
from knoll.plan.places import images_of

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering


def linear(lowering: Lowering, node: Node) -> None:
    """Rows of x times the weights, with the ReLU behind it."""
    x, w, *bias = node.inputs
    value, relu = node.outputs[0], False
    reader = lowering.only_reader(value)
    if reader is not None and reader.op.name == "relu":
        value, relu = reader.outputs[0], True
        lowering.done.add(reader)
    outputs, inputs = w.spec.shape
    kernel = Matmul(
        lowering.machine, lowering.element, 0, inputs, outputs, (inputs, 1), 0, outputs,
        bias=bool(bias), b_packed=True, epilogue=Epilogue((Term("relu", (0,)),)) if relu else AS_IT_IS,
    )  # fmt: skip
    width = kernel.vectors * kernel.lanes
    nests = packing.matrix_weights(outputs, inputs, width)
    packed = lowering.pack(w, nests, kernel.column_tiles * width * inputs)
    buffers = [lowering.places.plain(x), packed, lowering.places.new(value, images_of(value))]
    lowering.draft.step(lowering.places.when, kernel, *buffers, *(lowering.wholes[b] for b in bias))


def linear_dx(lowering: Lowering, node: Node) -> None:
    """Rows of dy times the weights as they are."""
    dy, w = node.inputs
    outputs, inputs = w.spec.shape
    kernel = Matmul(lowering.machine, lowering.element, 0, outputs, inputs, (outputs, 1), inputs, inputs)
    result = lowering.places.new(node.outputs[0], images_of(node.outputs[0]))
    lowering.draft.step(lowering.places.when, kernel, lowering.places.plain(dy), lowering.wholes[w], result)


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
