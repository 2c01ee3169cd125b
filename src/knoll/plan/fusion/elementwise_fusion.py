"""Fusion of elementwise operations: evaluated while the operand is in registers, not in passes over memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from knoll.graph import Node, Role, Shape, Spec, Value
from knoll.kernels.elementwise.epilogue import Epilogue, Operand
from knoll.kernels.elementwise.term import Term, Terms
from knoll.kernels.layout.copy import Copy, Nest, between
from knoll.kernels.layout.layout import Images
from knoll.ops.normalisation.batch_norm import batch_norm, batch_norm_factor, batch_norm_through
from knoll.plan.buffer_map import images_of
from knoll.plan.elementwise.repeated import repeated_operand
from knoll.plan.lowering_state import Lowering
from knoll.plan.plan import Buffer, Kind

MAX_OPERANDS = 64  # of one step, so that a kernel uses less than 16 kB of stack


@dataclass(frozen=True)
class FusedElementwise:
    """Terms of a fused epilogue, the operands that they read besides the fused value, and the value that results.

    Operands without a batch axis have one element per channel, or are in `broadcast` and broadcast in another way.
    """

    terms: Terms
    operands: tuple[Value, ...]
    value: Value
    broadcast: frozenset[Value]

    def read(self, lowering: Lowering, wanted: Images) -> tuple[tuple[Operand, ...], list[Buffer]]:
        """The layouts and the buffers of the operands: images in the `wanted` layout, or one with a larger halo."""
        found = [self._operand(lowering, value, wanted) for value in self.operands]
        return tuple(operand for operand, _ in found), [buffer for _, buffer in found]

    def is_per_channel(self, lowering: Lowering, value: Value) -> bool:
        """Whether an operand has no batch axis and one number for each channel."""
        return value not in lowering.batch and value.spec.size > 1 and value not in self.broadcast

    def _operand(self, lowering: Lowering, value: Value, wanted: Images) -> tuple[Operand, Buffer]:
        if value in lowering.batch and value.spec.shape != self.value.spec.shape:
            return repeated_operand(lowering, value, self.value.spec, wanted)
        if value in lowering.batch:
            buffer = lowering.buffers.get(value, wanted)
        elif value.spec.size == 1:
            return "scalar", lowering.unbatched[value]
        elif self.is_per_channel(lowering, value):
            return "per_channel", lowering.per_channel(value)
        else:
            buffer = _broadcast_operand(lowering, value, wanted, self.value.spec)
        assert buffer.images is not None
        return wanted if buffer.images.is_plain else buffer.images, buffer

    def epilogue(self, lowering: Lowering, wanted: Images) -> tuple[Epilogue, list[Buffer]]:
        """The epilogue of the kernel that writes the value, and the buffers that it reads."""
        operands, buffers = self.read(lowering, wanted)
        return Epilogue(self.terms, operands), buffers


def fuse_elementwise(
    lowering: Lowering, value: Value, padded_groups: bool = False, channels: bool = True
) -> FusedElementwise:
    """The elementwise operations that are fused with the kernel that makes `value`.

    A kernel with `padded_groups` of channels can evaluate operations of that value alone; one without whole
    `channels` cannot read an operand with a number for each channel.
    """
    return as_terms(fusable_users(lowering, value, padded_groups, channels), (value,))


def fusable_users(
    lowering: Lowering, value: Value, padded_groups: bool = False, channels: bool = True, repeated: bool = False
) -> list[Node]:
    """The elementwise nodes after a value, each the only reader of the one before; they are marked as done.

    Only some kernels read operands with a batch axis that are `repeated` along others.
    """
    nodes: list[Node] = []
    first = [] if value.node is None else [value.node]
    while (
        (reader := lowering.only_reader(value)) is not None
        and _is_fusable(lowering, reader, value, padded_groups, channels)
        and (repeated or not _repeats(lowering, reader))
    ):
        if (
            _broadcast_differently(lowering, [*first, *nodes, reader])
            or _operand_count([*nodes, reader]) > MAX_OPERANDS
        ):
            break
        nodes.append(reader)
        value = reader.outputs[0]
    lowering.done.update(nodes)
    return nodes


def _operand_count(nodes: Sequence[Node]) -> int:
    """An upper bound of the operands of a chain of nodes, besides the value that it begins with."""
    return sum(len(node.inputs) - 1 for node in nodes)


def as_terms(nodes: Sequence[Node], given: tuple[Value, ...] = ()) -> FusedElementwise:
    """A chain of nodes as terms, which number values in order: those given, the operands, then each result."""
    made = {node.outputs[0] for node in nodes}
    operands = dict.fromkeys(v for node in nodes for v in node.inputs if v not in made and v not in given)
    numbers = {value: number for number, value in enumerate((*given, *operands))}
    terms: list[Term] = []
    for node in nodes:
        terms += _terms(node, [numbers[v] for v in node.inputs], len(given) + len(operands) + len(terms))
        numbers[node.outputs[0]] = len(given) + len(operands) + len(terms) - 1
    broadcast = frozenset(v for node in nodes for v in node.inputs if v in operands and not _is_per_channel(v, node))
    return FusedElementwise(tuple(terms), tuple(operands), nodes[-1].outputs[0] if nodes else given[-1], broadcast)


def _terms(node: Node, operands: list[int], next_number: int) -> list[Term]:
    """The terms of a node; the factor of a normalisation is a term of its own, as it is the same for all pixels."""
    op, attributes = node.op, node.attributes
    if op not in (batch_norm, batch_norm_through):
        return [Term(op, tuple(operands), tuple(sorted(attributes.items())))]
    images, (variance, *affine) = (operands[:2], operands[2:]) if op is batch_norm else (operands[:1], operands[1:])
    factor = Term(batch_norm_factor, (variance, *affine[:1]), (("epsilon", attributes["epsilon"]),))
    return [factor, Term(op, (*images, next_number, *affine[1:]))]


def _is_fusable(lowering: Lowering, node: Node, value: Value, padded_groups: bool, channels: bool) -> bool:
    """Whether a node has a formula, and its other operands are available already."""
    others = [other for other in node.inputs if other is not value]
    available = all(other not in lowering.batch or lowering.buffers.holds(other) for other in others)
    many = [other for other in others if other.spec.size > 1 and (padded_groups or other not in lowering.batch)]
    same_shape = node.specs[0].shape == value.spec.shape
    return node.op.formula is not None and same_shape and available and not (many and (padded_groups or not channels))


def _repeats(lowering: Lowering, node: Node) -> bool:
    """Whether an operand with a batch axis is repeated along others."""
    return any(value in lowering.batch and value.spec.shape != node.specs[0].shape for value in node.inputs)


def _is_per_channel(value: Value, node: Node) -> bool:
    """Whether an operand without a batch axis has one number for each channel of the result, or is broadcast otherwise.

    An operation that reads shared arrays by role, and not by broadcasting, has one number for each channel in them.
    """
    y, roles = node.specs[0], node.roles
    channels = y.rank in (2, 4) and all(
        size == 1 or axis == 1 for axis, size in enumerate(_with_rank_of(value.spec, y))
    )
    return channels or (roles is not None and Role.SHARED in roles.reads)


def _broadcast_differently(lowering: Lowering, nodes: Sequence[Node]) -> bool:
    """Whether nodes broadcast the same operand differently."""
    ways = {(v, _is_per_channel(v, node)) for node in nodes for v in node.inputs if v not in lowering.batch}
    return len(ways) > len({v for v, _ in ways})


def _with_rank_of(x: Spec, y: Spec) -> Shape:
    return (1,) * (y.rank - x.rank) + x.shape


def _broadcast_operand(lowering: Lowering, value: Value, wanted: Images, y: Spec) -> Buffer:
    """An operand without a batch axis, broadcast over one sample, in the wanted layout."""
    wide, loops = _with_rank_of(value.spec, y), []
    for axis in range(1, y.rank):
        step = prod(wide[axis + 1 :]) if wide[axis] > 1 else 0
        loops.append((y.shape[axis], step, prod(y.shape[axis + 1 :])))
    plain = images_of(Value(y))
    buffer = lowering.buffer(Kind.SCRATCH, plain.size, "broadcast", plain)
    kernel = lowering.kernel(Copy, (Nest(tuple(loops)),), (0, plain.size), "broadcast")
    lowering.step(kernel, lowering.unbatched[value], buffer)
    if wanted.is_plain:
        return buffer
    reordered = lowering.buffer(Kind.SCRATCH, wanted.size, "broadcast", wanted)
    sizes = plain.size, wanted.size
    reorder = lowering.kernel(Copy, between(plain, wanted), sizes, "reorder")
    lowering.step(reorder, buffer, reordered)
    return reordered
