"""Which graphs have kernels throughout, and which of their values have a batch axis.

Each value gets a role: batched (an entry for each sample), a parameter, or a sum over samples.
"""

from __future__ import annotations

from collections.abc import Hashable

from knoll.graph import Graph, Node, Role, Roles, Value
from knoll.graph.role import BATCHED, BROADCAST, ELEMENTWISE, PARAMETER, REDUCED, SHARED
from knoll.graph.spec import FLOATS
from knoll.plan.rules import rule_of

UNBATCHED = frozenset({PARAMETER, REDUCED})
DEPENDENT = frozenset({ELEMENTWISE, BROADCAST})


def batched_values(graph: Graph) -> frozenset[Value] | None:
    """The values with a batch axis; None if a node has no kernel, or roles or batch sizes contradict each other."""
    if not all(map(has_kernel, graph.nodes)):
        return None
    roles = dict.fromkeys(_parameters_of(graph), PARAMETER)
    for node in graph.nodes:
        reads, makes = _roles_of(node, roles)
        for value, role in zip(node.inputs, reads, strict=False):
            held = roles.setdefault(value, PARAMETER if role is SHARED else role)
            if held is not role and not (role is SHARED and held in UNBATCHED):
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


def _parameters_of(graph: Graph) -> set[Value]:
    """Inputs without a batch axis: those read as parameters, directly or through elementwise operations."""
    whole: set[Value] = set()
    for node in reversed(graph.nodes):
        for value, role in zip(node.inputs, _reads_of(node), strict=False):
            if role in (PARAMETER, SHARED) or (role in DEPENDENT and node.outputs[0] in whole):
                whole.add(value)
    return whole.intersection(graph.inputs)


def _reads_of(node: Node) -> tuple[Role, ...]:
    """The roles of a node's operands, as far as shapes tell: one whose shape differs from the result's is broadcast."""
    assert node.roles is not None, "it has a kernel"
    y = node.specs[0]
    return tuple(
        SHARED if role is BROADCAST and x.spec.shape != y.shape else role
        for role, x in zip(node.roles.reads, node.inputs, strict=False)
    )


def _roles_of(node: Node, roles: dict[Value, Role]) -> Roles:
    """The roles of a node's operands and results; an elementwise result is batched if an operand is."""
    assert node.roles is not None, "it has a kernel"
    if not DEPENDENT.issuperset(node.roles.reads):
        return node.roles
    reads = _reads_of(node)
    if SHARED not in reads and all(_is_unbatched(value, roles) for value in node.inputs):
        return Roles((SHARED,) * len(node.inputs), (REDUCED,))
    return Roles(tuple(BATCHED if role in DEPENDENT else role for role in reads), (BATCHED,))


def _is_unbatched(value: Value, roles: dict[Value, Role]) -> bool:
    """Whether a value is a scalar, a parameter or a sum over samples."""
    return not value.spec.shape or roles.get(value) in UNBATCHED


def batch_independent_key(graph: Graph, batch: frozenset[Value]) -> Hashable:
    """A key that is equal for graphs that differ only in the batch size."""
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
