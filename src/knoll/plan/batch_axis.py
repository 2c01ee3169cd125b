"""Which graphs have kernels throughout, and which of their values have a batch axis.

Each value gets a role: batched (an entry for each sample), a parameter, or a sum over samples.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from types import MappingProxyType

from knoll.graph import Graph, Node, Role, Roles, Value
from knoll.graph.node import key_of
from knoll.graph.role import BATCHED, BROADCAST, ELEMENTWISE, PARAMETER, REDUCED, SHARED
from knoll.graph.spec import FLOATS
from knoll.ops.reshape import reshape
from knoll.plan.rules import rule_of

UNBATCHED = frozenset({PARAMETER, REDUCED})
DEPENDENT = frozenset({ELEMENTWISE, BROADCAST})
WHOLE = frozenset({PARAMETER, SHARED})
NO_ROLES: Mapping[Value, Role] = MappingProxyType({})


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
    floats = {value.spec.dtype for value in roles if value.spec.dtype.kind not in "ib"}
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
            if role in WHOLE or (role in DEPENDENT and node.outputs[0] in whole):
                whole.add(value)
    return whole.intersection(graph.inputs)


def _reads_of(node: Node, roles: Mapping[Value, Role] = NO_ROLES) -> tuple[Role, ...]:
    """The roles of a node's operands, as far as shapes tell: one without the result's samples is shared by them.

    Where the batch has one sample, an operand is shared if it is known to be, or has another shape and is not known to
    be batched; but not all of them for their shapes alone.
    """
    assert node.roles is not None, "it has a kernel"
    y = node.specs[0]

    def is_shared(x: Value) -> bool:
        if x.spec.rank < y.rank or x.spec.shape[:1] != y.shape[:1]:
            return True
        return y.shape[:1] == (1,) and roles.get(x) in UNBATCHED

    def looks_shared(x: Value) -> bool:
        return is_shared(x) or (y.shape[:1] == (1,) and x.spec.shape != y.shape and roles.get(x) is not BATCHED)

    shares = is_shared if all(map(looks_shared, node.inputs)) else looks_shared
    return tuple(
        SHARED if role is BROADCAST and shares(x) else role
        for role, x in zip(node.roles.reads, node.inputs, strict=False)
    )


def _roles_of(node: Node, roles: dict[Value, Role]) -> Roles:
    """The roles of a node's operands and results; an elementwise result is batched if an operand is."""
    assert node.roles is not None, "it has a kernel"
    if not DEPENDENT.issuperset(node.roles.reads):
        return node.roles
    alike = all(value.spec.shape == node.specs[0].shape for value in node.inputs)
    if (alike or BROADCAST not in node.roles.reads) and all(_is_unbatched(value, roles) for value in node.inputs):
        is_parameter = node.op is reshape and roles.get(node.inputs[0]) is PARAMETER  # its numbers in another shape
        return Roles((SHARED,) * len(node.inputs), (PARAMETER if is_parameter else REDUCED,))
    reads = _reads_of(node, roles)
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
        (node.op.name, tuple(number[v] for v in node.inputs), key_of(node.per_sample)) for node in graph.nodes
    )
    return tuple(map(of, graph.inputs)), nodes, tuple(number[v] for v in graph.outputs)


def has_kernel(node: Node) -> bool:
    """Whether there is a kernel for this operation with these shapes."""
    specs = [value.spec for value in node.inputs]
    rule = rule_of(node)
    if rule is None or any(0 in spec.shape[1:] for spec in (*specs, *node.specs)):
        return False
    return node.specs[0].is_float and rule.fits(node)


def before_parameters(graph: Graph) -> frozenset[Node]:
    """The nodes of which parameters are computed, if kernels would take them for batched.

    Standardised weights are made of weights and their means: they run apart, before the samples do.
    """
    before: set[Node] = set()
    shared: set[Value] = set()  # parameters, and what they are made of
    batched = {value: BATCHED for node in graph.nodes for value in node.outputs}  # what shapes leave open
    for node in reversed(graph.nodes):
        if node.roles is None:
            shared.update(node.inputs if shared.intersection(node.outputs) else ())
            continue
        if shared.intersection(node.outputs) and not UNBATCHED.intersection(node.roles.makes):
            before.add(node)
            shared.update(node.inputs)
        shared.update(v for v, role in zip(node.inputs, _reads_of(node, batched), strict=False) if role in WHOLE)
    return frozenset(before) if any(map(_takes_samples, before)) else frozenset()


def _takes_samples(node: Node) -> bool:
    """Whether its kernel takes samples one by one, whatever its operands are."""
    assert node.roles is not None, "it has a kernel"
    repeats = BROADCAST in node.roles.reads and any(v.spec.shape != node.specs[0].shape for v in node.inputs)
    return BATCHED in node.roles.makes or repeats
