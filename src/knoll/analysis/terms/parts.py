"""What the rules for the terms of a number share: elements of operands as terms, and the windows that read them."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.analysis.cell import Cell, Index, Term
from knoll.analysis.run import Run, copied, unravelled
from knoll.graph import Node, Value, Window
from knoll.graph.reads import Transposed
from knoll.ops.shapes.reshape import convert


def computed(value: Value, index: Index) -> tuple[Value, Index] | None:
    """The value that computes an element, and the element's index there, behind all movements."""
    found: tuple[Value, Index] | None = (value, index)
    while found is not None and found[0].node is not None and (found[0].node.moves or found[0].node.op is convert):
        found = _one_back(found[0], found[0].node, found[1])
    return found


def _one_back(value: Value, node: Node, index: Index) -> tuple[Value, Index] | None:
    """The operand, and its element, that an element is a copy of; None for the constant of a padding."""
    for operand, reads in zip(node.inputs, node.reads(value.index), strict=True):
        place = int(copied(reads, operand.spec.shape, value.spec.shape)[index])
        if place >= 0:
            return operand, unravelled(place, operand.spec.shape)
    return None


def term(run: Run, value: Value, index: Index, factor: float = 1.0, weight: Index | None = None) -> Term:
    """The term of an element of an operand."""
    return Term(run.source(value, index), run.number(value, index), factor, weight)


def cell_with(run: Run, node: Node, at: Index, index: Index, **parts: object) -> Cell:
    """The cell of the layer's output at `index`, which is the element `at` of a node's result."""
    return Cell(index=index, result=run.number(node.outputs[0], at), **parts)  # type: ignore[arg-type]  # fields


def taps(window: Window, position: int) -> Iterator[tuple[int, int]]:
    """The number of each tap of a window, and its place on the axis, which may lie in the padding."""
    start = window.start(position)
    return ((tap, start + tap * window.dilation) for tap in range(window.kernel))


def padded_term(
    run: Run, x: Value, element: Index, padding: float, factor: float = 1.0, weight: Index | None = None
) -> Term:
    """The term of an element of an image, or of the padding around it."""
    if all(0 <= i < size for i, size in zip(element, x.spec.shape, strict=True)):
        return term(run, x, element, factor, weight)
    return Term(None, padding, factor, weight)


def taps_over(window: Window, length: int, count: int, position: int) -> list[tuple[int, int]]:
    """The windows that lie over a position of an axis of `length`, of `count` windows, and the tap that meets it."""
    seen = Transposed(window, length).seen(count)[position]
    return [(int(i), (position - window.start(int(i))) // window.dilation) for i in seen[seen >= 0]]
