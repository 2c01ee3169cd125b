"""Role inference: which values of a graph have a batch axis, which are parameters, and which are sums over samples.

An operation says in its `roles` (`graph/role.py`) how its operands and results relate to samples. Where it leaves a
role open, as elementwise operations do, the role follows from those of the operands, or from their shapes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from knoll.graph import Graph, Node, Role, Roles, Value
from knoll.graph.role import BATCHED, BROADCAST, ELEMENTWISE, PARAMETER, REDUCED, SHARED

UNBATCHED = frozenset({PARAMETER, REDUCED})
DEPENDENT = frozenset({ELEMENTWISE, BROADCAST})
WHOLE = frozenset({PARAMETER, SHARED})
NO_ROLES: Mapping[Value, Role] = MappingProxyType({})


class Contradiction(NamedTuple):
    """A node that reads a value in another role than the one it has."""

    node: Node
    value: Value
    has: Role


def assigned(nodes: Sequence[Node], graph: Graph) -> tuple[dict[Value, Role], Contradiction | None]:
    """The role of each value that nodes read or make, up to the first contradiction."""
    roles = dict.fromkeys(_parameters_of(nodes, graph), PARAMETER)
    for node in nodes:
        reads, makes = roles_of(node, roles)
        for value, role in zip(node.inputs, reads, strict=False):
            held = roles.setdefault(value, PARAMETER if role is SHARED else role)
            if held is not role and not (role is SHARED and held in UNBATCHED):
                return roles, Contradiction(node, value, held)
        roles.update(zip(node.outputs, makes, strict=True))
    return roles, None


def _parameters_of(nodes: Sequence[Node], graph: Graph) -> set[Value]:
    """Inputs without a batch axis: those read as parameters, directly or through elementwise operations."""
    whole: set[Value] = set()
    for node in reversed(nodes):
        for value, role in zip(node.inputs, reads_of(node), strict=False):
            if role in WHOLE or (role in DEPENDENT and node.outputs[0] in whole):
                whole.add(value)
    return whole.intersection(graph.inputs)


def reads_of(node: Node, roles: Mapping[Value, Role] = NO_ROLES) -> tuple[Role, ...]:
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


def roles_of(node: Node, roles: dict[Value, Role]) -> Roles:
    """The roles of a node's operands and results; an elementwise result is batched if an operand is."""
    assert node.roles is not None, "it has a kernel"
    kind = PARAMETER if all(roles.get(value) is PARAMETER for value in node.inputs) else REDUCED
    if not DEPENDENT.issuperset(node.roles.reads):
        return Roles(node.roles.reads, tuple(kind if role is SHARED else role for role in node.roles.makes))
    alike = all(value.spec.shape in (node.specs[0].shape, ()) for value in node.inputs)
    if (alike or BROADCAST not in node.roles.reads) and all(is_unbatched(value, roles) for value in node.inputs):
        makes = (REDUCED if node.op.formula else kind,) * len(node.specs)
        return Roles((SHARED,) * len(node.inputs), makes)
    reads = tuple(BATCHED if role in DEPENDENT else role for role in reads_of(node, roles))
    if (
        BATCHED not in reads
    ):  # no kernel repeats values that have no samples: to read them as samples is a contradiction
        reads = (BATCHED,) * len(node.inputs)
    return Roles(reads, (BATCHED,) * len(node.specs))


def is_unbatched(value: Value, roles: Mapping[Value, Role]) -> bool:
    """Whether a value is a scalar, a parameter or a sum over samples."""
    return not value.spec.shape or roles.get(value) in UNBATCHED
