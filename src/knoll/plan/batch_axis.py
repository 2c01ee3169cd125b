"""Which graphs have kernels throughout, and which of their values have a batch axis.

Each value gets a role: batched (an entry for each sample), a parameter, or a sum over samples.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from types import MappingProxyType

from knoll.graph import Graph, Node, Role, Roles, Value
from knoll.graph.node import key_of, topological
from knoll.graph.role import BATCHED, BROADCAST, ELEMENTWISE, PARAMETER, REDUCED, SHARED
from knoll.graph.spec import FLOATS
from knoll.plan.indices import VIEWS
from knoll.plan.rules import rule_of

UNBATCHED = frozenset({PARAMETER, REDUCED})
DEPENDENT = frozenset({ELEMENTWISE, BROADCAST})
WHOLE = frozenset({PARAMETER, SHARED})
NO_ROLES: Mapping[Value, Role] = MappingProxyType({})


def batched_values(graph: Graph) -> frozenset[Value] | None:
    """The values with a batch axis; None if a node has no kernel, or roles or batch sizes contradict each other."""
    if not all(map(has_kernel, graph.nodes)):
        return None
    roles, contradiction = _assigned(graph.nodes, graph)
    if contradiction is not None:
        return None
    batch = frozenset(value for value, role in roles.items() if role is BATCHED)
    floats = {value.spec.dtype for value in roles if value.spec.dtype.kind not in "ib"}
    sizes = {value.spec.shape[:1] for value in batch}
    if len(sizes) != 1 or len(floats) != 1 or floats.isdisjoint(FLOATS):
        return None
    unread = {value for value in graph.inputs if value not in roles and value.spec.shape[:1] in sizes}
    given = batch | unread
    taken = all(value.node is not None or (value in given and value.spec.is_float) for value in graph.outputs)
    return given if taken else None


def apart_from_kernels(graph: Graph) -> frozenset[Node]:
    """The nodes that have kernels, but not in one program with the others."""
    before = before_parameters(graph)
    apart = {*before, *contradicting(graph, before)}
    roles, _ = _assigned([node for node in graph.nodes if node not in apart and has_kernel(node)], graph)
    unbatched = [node for node in graph.nodes if node not in apart and _is_of_all_samples(node, roles)]
    for node in unbatched:  # what is made of them
        apart.update([node] if any(value.node in apart for value in node.inputs) else [])
    for node in reversed(unbatched):  # what only they read
        readers = [reader for value in node.outputs for reader in graph.readers.get(value, [])]
        apart.update([node] if readers and apart.issuperset(readers) else [])
    return frozenset(apart)


def _is_of_all_samples(node: Node, roles: Mapping[Value, Role]) -> bool:
    """Whether it has a kernel, and its results are parameters or sums that are made of such ones."""
    values = (*node.inputs, *node.outputs)
    return node.outputs[0] in roles and all(_is_unbatched(value, roles) for value in values)


def contradicting(graph: Graph, before: frozenset[Node] = frozenset()) -> frozenset[Node]:
    """Nodes with kernels that take for shared what others take for batched, or have another number of samples.

    The others run in machine code without them: a batch is shuffled, or its samples are cut into windows, apart. Those
    that run `before` all others give parameters.
    """
    nodes, apart = [node for node in graph.nodes if has_kernel(node) and node not in before], list[Node]()
    while True:
        roles, node = _assigned(nodes, graph)
        node = _of_another_batch(nodes, roles) if node is None else node
        if node is None:
            return frozenset(apart)
        apart.append(node)
        nodes.remove(node)


def _assigned(nodes: Sequence[Node], graph: Graph) -> tuple[dict[Value, Role], Node | None]:
    """The role of each value that nodes read or make, up to the first contradiction, and the node at fault."""
    roles = dict.fromkeys(_parameters_of(nodes, graph), PARAMETER)
    for node in nodes:
        reads, makes = _roles_of(node, roles)
        for value, role in zip(node.inputs, reads, strict=False):
            held = roles.setdefault(value, PARAMETER if role is SHARED else role)
            if held is not role and not (role is SHARED and held in UNBATCHED):
                return roles, _at_fault(node, value, held, nodes)
        roles.update(zip(node.outputs, makes, strict=True))
    return roles, None


def _at_fault(node: Node, value: Value, held: Role, nodes: Sequence[Node]) -> Node:
    """The node that runs apart where one takes a value for what it is not held for."""
    if held is not BATCHED:
        return _rearranging(value, nodes) or node
    assert node.roles is not None, "it has a kernel"
    by_samples = not {*node.roles.makes} & {*UNBATCHED, SHARED} and value.spec.shape[:1] != node.specs[0].shape[:1]
    maker = value.node if by_samples else None  # of another number of samples than those of the node
    return maker if maker in nodes and maker is not None else node


def _rearranging(value: Value, nodes: Sequence[Node]) -> Node | None:
    """The first node behind a value that rearranges all samples as a whole, or else the one that makes it."""
    behind = topological([value])
    whole = (node for node in behind if node in nodes and node.roles is not None and SHARED in node.roles.makes)
    return next(whole, value.node if value.node in nodes else None)


def _of_another_batch(nodes: Sequence[Node], roles: Mapping[Value, Role]) -> Node | None:
    """The first node with a number of samples that most others do not have."""
    numbers = {node: _samples(node, roles) for node in nodes}
    counts = Counter(each for found in numbers.values() for each in found)
    most = max(counts, key=lambda number: counts[number], default=0)
    return next((node for node, found in numbers.items() if found - {most}), None)


def _samples(node: Node, roles: Mapping[Value, Role]) -> set[int]:
    values = (*node.inputs, *node.outputs)
    return {value.spec.shape[0] for value in values if roles.get(value) is BATCHED and value.spec.shape}


def _parameters_of(nodes: Sequence[Node], graph: Graph) -> set[Value]:
    """Inputs without a batch axis: those read as parameters, directly or through elementwise operations."""
    whole: set[Value] = set()
    for node in reversed(nodes):
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
    kind = PARAMETER if all(roles.get(value) is PARAMETER for value in node.inputs) else REDUCED
    if not DEPENDENT.issuperset(node.roles.reads):
        return Roles(node.roles.reads, tuple(kind if role is SHARED else role for role in node.roles.makes))
    alike = all(value.spec.shape in (node.specs[0].shape, ()) for value in node.inputs)
    if (alike or BROADCAST not in node.roles.reads) and all(_is_unbatched(value, roles) for value in node.inputs):
        makes = (REDUCED if node.op.formula else kind,) * len(node.specs)
        return Roles((SHARED,) * len(node.inputs), makes)
    reads = _reads_of(node, roles)
    return Roles(tuple(BATCHED if role in DEPENDENT else role for role in reads), (BATCHED,) * len(node.specs))


def _is_unbatched(value: Value, roles: Mapping[Value, Role]) -> bool:
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
    return (node.specs[0].is_float or node.op in VIEWS) and rule.fits(node)


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
        if shared.intersection(node.outputs):
            before.update([node] if _takes_batches(node) else [])
            shared.update(node.inputs)
        if SHARED in node.roles.makes and not shared.intersection(node.outputs):
            continue  # it may be a batch that is rearranged as a whole
        shared.update(v for v, role in zip(node.inputs, _reads_of(node, batched), strict=False) if role in WHOLE)
    return frozenset(before) if any(map(_takes_samples, before)) else frozenset()


def _takes_batches(node: Node) -> bool:
    """Whether a program with this node would take it for one of samples: all but sums, and what parameters become."""
    assert node.roles is not None, "it has a kernel"
    makes = {*node.roles.makes}
    moves = ELEMENTWISE in makes and node.op.formula is None  # parameters are reshaped, permuted and converted
    return not (moves or makes & {*UNBATCHED, SHARED})


def _takes_samples(node: Node) -> bool:
    """Whether its kernel takes samples one by one, whatever its operands are."""
    assert node.roles is not None, "it has a kernel"
    repeats = BROADCAST in node.roles.reads and any(v.spec.shape != node.specs[0].shape for v in node.inputs)
    return BATCHED in node.roles.makes or repeats
