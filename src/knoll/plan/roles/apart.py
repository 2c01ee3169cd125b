"""Nodes that have kernels and yet run apart, as they take for shared what other nodes take for samples.

Kernels go sample by sample. A batch that is shuffled, samples that are cut into more samples, and weights that are
standardised by their own means do not fit into one program with the layers around them, which stay one program.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from knoll.graph import Graph, Node, Role, Value
from knoll.graph.node import topological
from knoll.graph.role import BATCHED, BROADCAST, ELEMENTWISE, SHARED
from knoll.plan.roles.batch_axis import has_kernel
from knoll.plan.roles.role_inference import UNBATCHED, WHOLE, Contradiction, assigned, is_unbatched, reads_of


def nodes_apart(graph: Graph) -> frozenset[Node]:
    """The nodes that have kernels, but not in one program with the others."""
    before = before_parameters(graph)
    apart = {*before, *contradicting(graph, before)}
    roles, _ = assigned([node for node in graph.nodes if node not in apart and has_kernel(node)], graph)
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
    return node.outputs[0] in roles and all(is_unbatched(value, roles) for value in values)


def contradicting(graph: Graph, before: frozenset[Node] = frozenset()) -> frozenset[Node]:
    """Nodes with kernels that take for shared what others take for batched, or have another number of samples.

    The others run in machine code without them: a batch is shuffled, or its samples are cut into windows, apart. Those
    that run `before` all others give parameters.
    """
    nodes, apart = [node for node in graph.nodes if has_kernel(node) and node not in before], list[Node]()
    while True:
        roles, contradiction = assigned(nodes, graph)
        node = _at_fault(contradiction, nodes) if contradiction else _of_another_batch(nodes, roles)
        if node is None:
            return frozenset(apart)
        apart.append(node)
        nodes.remove(node)


def _at_fault(contradiction: Contradiction, nodes: Sequence[Node]) -> Node:
    """The node that has to run apart, so that a contradiction goes.

    Where a node reads samples and the value is a parameter or a sum, it is what rearranged all samples as a whole.
    Where a value has samples and the node would share it, it is the node; or, if the node has another number of samples
    than the value, what made the value.
    """
    node, value, has = contradiction
    if has is not BATCHED:
        return _rearranging(value, nodes) or node
    assert node.roles is not None, "it has a kernel"
    by_samples = not {*node.roles.makes} & {*UNBATCHED, SHARED} and value.spec.shape[:1] != node.specs[0].shape[:1]
    maker = value.node if by_samples else None
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
        shared.update(v for v, role in zip(node.inputs, reads_of(node, batched), strict=False) if role in WHOLE)
    return frozenset(before) if any(map(_takes_samples, before)) else frozenset()


def _takes_batches(node: Node) -> bool:
    """Whether a program would take its results for batched: those of all nodes but sums and rearranged parameters."""
    assert node.roles is not None, "it has a kernel"
    makes = {*node.roles.makes}
    moves = ELEMENTWISE in makes and node.op.formula is None  # parameters are reshaped, permuted and converted
    return not (moves or makes & {*UNBATCHED, SHARED})


def _takes_samples(node: Node) -> bool:
    """Whether its kernel takes samples one by one, whatever its operands are."""
    assert node.roles is not None, "it has a kernel"
    repeats = BROADCAST in node.roles.reads and any(v.spec.shape != node.specs[0].shape for v in node.inputs)
    return BATCHED in node.roles.makes or repeats
