"""What follows a value element by element: done while the value is in registers, not in passes over memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from knoll.graph import Node, Value
from knoll.kernels.epilogue import Epilogue, Operand
from knoll.kernels.formulas import FORMULAS
from knoll.kernels.layout import Images
from knoll.kernels.term import Term, Terms
from knoll.plan.plan import Buffer

if TYPE_CHECKING:
    from knoll.plan.lower import Lowering


@dataclass(frozen=True)
class Following:
    """Terms, what they read besides the value that they follow, and the value that comes out."""

    terms: Terms
    operands: tuple[Value, ...]
    value: Value

    def read(self, lowering: Lowering, wanted: Images) -> tuple[tuple[Operand, ...], list[Buffer]]:
        """How the operands lie, and where: images in the `wanted` layout or one with more room around them."""
        found = [_read(lowering, value, wanted) for value in self.operands]
        return tuple(operand for operand, _ in found), [buffer for _, buffer in found]

    def epilogue(self, lowering: Lowering, wanted: Images) -> tuple[Epilogue, list[Buffer]]:
        """As the epilogue of a kernel that writes the value, and the buffers that it reads."""
        operands, buffers = self.read(lowering, wanted)
        return Epilogue(self.terms, operands), buffers


def behind(lowering: Lowering, value: Value, spread: bool = False, channels: bool = True) -> Following:
    """All that can be done with a value before it is written.

    With its channels `spread`, what reads it alone; without `channels`, what has no number for each of them.
    """
    return described(followers(lowering, value, spread, channels), (value,))


def followers(lowering: Lowering, value: Value, spread: bool = False, channels: bool = True) -> list[Node]:
    """The elementwise nodes behind a value, each the only reader of the one before; they count as done."""
    nodes: list[Node] = []
    while (reader := lowering.only_reader(value)) is not None and _joins(lowering, reader, value, spread, channels):
        nodes.append(reader)
        value = reader.outputs[0]
    lowering.done.update(nodes)
    return nodes


def described(nodes: Sequence[Node], given: tuple[Value, ...] = ()) -> Following:
    """Nodes that follow each other as terms: values are numbered as they are given, read and made."""
    made = {node.outputs[0] for node in nodes}
    operands = dict.fromkeys(v for node in nodes for v in node.inputs if v not in made and v not in given)
    numbers = {value: number for number, value in enumerate((*given, *operands))}
    terms: list[Term] = []
    for node in nodes:
        terms += _terms(node, [numbers[v] for v in node.inputs], len(given) + len(operands) + len(terms))
        numbers[node.outputs[0]] = len(given) + len(operands) + len(terms) - 1
    return Following(tuple(terms), tuple(operands), nodes[-1].outputs[0] if nodes else given[-1])


def _terms(node: Node, operands: list[int], next_number: int) -> list[Term]:
    """A node as terms; what normalisation multiplies by is a term of its own, as it is the same for all pixels."""
    name, attributes = node.op.name, node.attributes
    if name not in ("batch_norm", "batch_norm_through"):
        return [Term(name, tuple(operands), tuple(sorted(attributes.items())))]
    images, (variance, *learned) = (
        (operands[:2], operands[2:]) if name == "batch_norm" else (operands[:1], operands[1:])
    )
    factor = Term("factor", (variance, *learned[:1]), (("epsilon", attributes["epsilon"]),))
    return [factor, Term(name, (*images, next_number, *learned[1:]))]


def _joins(lowering: Lowering, node: Node, value: Value, spread: bool, channels: bool) -> bool:
    """Whether a reader has a formula, and everything else that it reads is there already."""
    others = [other for other in node.inputs if other is not value]
    there = all(other not in lowering.batch or lowering.places.holds(other) for other in others)
    many = [other for other in others if other.spec.size > 1 and (spread or other not in lowering.batch)]
    return node.op.name in FORMULAS and there and not (many and (spread or not channels))


def _read(lowering: Lowering, value: Value, wanted: Images) -> tuple[Operand, Buffer]:
    if value not in lowering.batch:
        return ("one", lowering.wholes[value]) if value.spec.size == 1 else ("channels", lowering.line(value))
    buffer = lowering.places.get(value, wanted)
    assert buffer.images is not None
    return buffer.images, buffer
