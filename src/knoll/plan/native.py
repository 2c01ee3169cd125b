"""Which graphs the kernels can run.

Every value has one entry for each sample, or is a parameter, or is a sum over samples.
"""

from __future__ import annotations

from collections.abc import Hashable

from knoll.graph import Graph, Node, Role, Roles, Value
from knoll.graph.role import BATCHED, BROADCAST, ELEMENTWISE, PARAMETER, REDUCED, SHARED
from knoll.graph.spec import FLOATS
from knoll.plan.rules import rule_of

WHOLE = frozenset({PARAMETER, REDUCED})
OPEN = frozenset({ELEMENTWISE, BROADCAST})


def batch_of(graph: Graph) -> frozenset[Value] | None:
    """The values with one entry for each sample; None if the kernels cannot run this graph."""
    if not all(map(has_kernel, graph.nodes)):
        return None
    roles = dict.fromkeys(_parameters(graph), PARAMETER)
    for node in graph.nodes:
        reads, makes = _roles(node, roles)
        for value, role in zip(node.inputs, reads, strict=False):
            held = roles.setdefault(value, PARAMETER if role is SHARED else role)
            if held is not role and not (role is SHARED and held in WHOLE):
                return None
        roles.update(zip(node.outputs, makes, strict=True))
    batch = frozenset(value for value, role in roles.items() if role is BATCHED)
    floats = {value.spec.dtype for value in roles if value.spec.dtype.kind != "i"}
    sizes = {value.spec.shape[:1] for value in batch}
    if len(sizes) != 1 or len(floats) != 1 or floats.isdisjoint(FLOATS):
        return None
    unread = {value for value in graph.inputs if value not in roles and value.spec.shape[:1] in sizes}
    given = batch | unread
    taken = all(value.node is not None or (value in given and value.spec.is_float) for value in graph.outputs)
    return given if taken else None


def _parameters(graph: Graph) -> set[Value]:
    """Inputs that are read whole, or that are made into what is read whole by operations that take anything."""
    whole: set[Value] = set()
    for node in reversed(graph.nodes):
        for value, role in zip(node.inputs, _reads(node), strict=False):
            if role in (PARAMETER, SHARED) or (role in OPEN and node.outputs[0] in whole):
                whole.add(value)
    return whole.intersection(graph.inputs)


def _reads(node: Node) -> tuple[Role, ...]:
    """What a node reads, as far as its shapes tell: an operand of another shape than the result is broadcast."""
    assert node.roles is not None, "it has a kernel"
    y = node.specs[0]
    return tuple(
        SHARED if role is BROADCAST and x.spec.shape != y.shape else role
        for role, x in zip(node.roles.reads, node.inputs, strict=False)
    )


def _roles(node: Node, roles: dict[Value, Role]) -> Roles:
    """What a node reads and makes; an elementwise operation makes a whole array of whole arrays."""
    assert node.roles is not None, "it has a kernel"
    if not OPEN.issuperset(node.roles.reads):
        return node.roles
    reads = _reads(node)
    if SHARED not in reads and all(_is_whole(value, roles) for value in node.inputs):
        return Roles((SHARED,) * len(node.inputs), (REDUCED,))
    return Roles(tuple(BATCHED if role in OPEN else role for role in reads), (BATCHED,))


def _is_whole(value: Value, roles: dict[Value, Role]) -> bool:
    """Whether a value is a parameter or a sum: one number cannot have one entry for each sample."""
    return not value.spec.shape or roles.get(value) in WHOLE


def sample_key(graph: Graph, batch: frozenset[Value]) -> Hashable:
    """Equal for graphs that do the same with each sample, however many there are."""
    number = graph.numbers

    def of(value: Value) -> Hashable:
        return (value.spec.dtype, value.spec.shape[1:] if value in batch else value.spec.shape, value in batch)

    nodes = tuple(
        (node.op.name, tuple(number[v] for v in node.inputs), tuple(sorted(node.per_sample.items())))
        for node in graph.nodes
    )
    return tuple(map(of, graph.inputs)), nodes, tuple(number[v] for v in graph.outputs)


def has_kernel(node: Node) -> bool:
    """Whether there is a kernel for this operation with these shapes."""
    specs = [value.spec for value in node.inputs]
    rule = rule_of(node)
    if rule is None or any(0 in spec.shape[1:] for spec in (*specs, *node.specs)):
        return False
    return node.specs[0].is_float and rule.fits(node)
