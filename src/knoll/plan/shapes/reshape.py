"""Lowering of reshapes, conversions and stop_gradient."""

from __future__ import annotations

from dataclasses import replace

from knoll.graph import Node, Value
from knoll.kernels.elementwise.convert import Convert
from knoll.kernels.layout.copy import Copy
from knoll.plan import matrix_packing
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.plain import plain


def reshape(lowering: Lowering, node: Node) -> None:
    """The same buffers with another shape; a copy only for an output, or if the layout differs."""
    x, value = node.inputs[0], node.outputs[0]
    if x not in lowering.batch:
        lowering.unbatched[value] = lowering.unbatched[x]
    elif value in lowering.buffers.outputs or images_of(value) != images_of(x):
        _reshape_plain(lowering, x, value)
    else:
        if x in lowering.buffers.outputs:
            lowering.buffers.plain(x)  # a plain version that value makes would keep x from the caller's own
        lowering.buffers.alias(value, x)


def convert(lowering: Lowering, node: Node) -> None:
    """A conversion of integers or truth values to floats."""
    (x,), (value,) = node.inputs, node.outputs
    if value in lowering.batch:
        plain(lowering, node, lowering.kernel(Convert, images_of(x).size, x.spec.dtype.name))
    else:
        kernel = lowering.kernel(Convert, x.spec.size, x.spec.dtype.name)
        lowering.step(kernel, lowering.unbatched[x], lowering.unbatched_result(value))


def fits_convert(node: Node) -> bool:
    """Integers or truth values that a program may be given, to floats."""
    return node.inputs[0].spec.dtype.name in ("int32", "int64", "bool") and node.inputs[0].spec.rank > 0


def _reshape_plain(lowering: Lowering, x: Value, value: Value) -> None:
    """Use the plain buffer of x, copied if the result is an output."""
    source = lowering.buffers.plain(x)
    images = images_of(value)
    if value in lowering.buffers.outputs:
        target, element = lowering.buffers.new(value, images), f"float{8 * value.spec.dtype.itemsize}"
        sizes = (images.size, images.size)
        lowering.step(
            Copy(lowering.machine, element, matrix_packing.contiguous(images.size), sizes, "reshape"), source, target
        )
    else:
        lowering.buffers.layouts[value] = [replace(source, images=images)]
