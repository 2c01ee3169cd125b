"""Which graphs the kernels can run.

Every value has one entry for each sample, or is a parameter, or is a sum over samples.
"""

from __future__ import annotations

from collections.abc import Hashable

from knoll.graph import Graph, Node, Value
from knoll.graph.spec import FLOATS
from knoll.plan import sums
from knoll.plan.operations import OPERATIONS, roles_of


def batch_of(graph: Graph) -> frozenset[Value] | None:
    """The values with one entry for each sample; None if the kernels cannot run this graph."""
    if not all(map(has_kernel, graph.nodes)):
        return None
    roles = dict.fromkeys(_parameters(graph), "c")
    for node in graph.nodes:
        reads, makes = _roles(node, roles)
        for value, role in zip(node.inputs, reads, strict=False):
            held = roles.setdefault(value, "c" if role == "w" else role)
            if held != role and not (role == "w" and held in "ct"):
                return None
        roles.update(zip(node.outputs, makes, strict=True))
    batch = frozenset(value for value, role in roles.items() if role == "b")
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
            if role in "cw" or (role in "ar" and node.outputs[0] in whole):
                whole.add(value)
    return whole.intersection(graph.inputs)


def _reads(node: Node) -> str:
    """What a node reads, as far as its shapes tell."""
    (reads, _), y = roles_of(node), node.specs[0]
    again = [kind == "r" and x.spec.shape != y.shape for kind, x in zip(reads, node.inputs, strict=False)]
    return "".join("w" if repeated else kind for kind, repeated in zip(reads, again, strict=False))


def _roles(node: Node, roles: dict[Value, str]) -> tuple[str, str]:
    """What a node reads and makes; an operation that takes anything makes a whole array of whole arrays."""
    (reads, makes), seen = roles_of(node), _reads(node)
    if reads.strip("ar"):
        return reads, makes
    if "w" not in seen and all(_is_whole(value, roles) for value in node.inputs):
        return "w" * len(node.inputs), "t"
    return seen.replace("a", "b").replace("r", "b"), "b"


def _is_whole(value: Value, roles: dict[Value, str]) -> bool:
    """Whether a value is a parameter or a sum: one number cannot have one entry for each sample."""
    return not value.spec.shape or roles.get(value, "b") in "ct"


def sample_key(graph: Graph, batch: frozenset[Value]) -> Hashable:
    """Equal for graphs that do the same with each sample, however many there are."""
    number = graph.numbers

    def of(value: Value) -> Hashable:
        return (value.spec.dtype, value.spec.shape[1:] if value in batch else value.spec.shape, value in batch)

    def attributes(node: Node) -> Hashable:
        pairs = dict(node.attributes)
        if node.op.name == "reshape":
            pairs["shape"] = pairs["shape"][1:]
        if node.op.name == "spread":
            pairs["shape"], pairs["scale"] = pairs["shape"][1:], sums.scale_of(node)
        return tuple(sorted(pairs.items()))

    nodes = tuple((node.op.name, tuple(number[v] for v in node.inputs), attributes(node)) for node in graph.nodes)
    return tuple(map(of, graph.inputs)), nodes, tuple(number[v] for v in graph.outputs)


def has_kernel(node: Node) -> bool:
    """Whether there is a kernel for this operation with these shapes."""
    specs = [value.spec for value in node.inputs]
    if node.op.name not in OPERATIONS or any(0 in spec.shape[1:] for spec in (*specs, *node.specs)):
        return False
    return node.specs[0].is_float and OPERATIONS[node.op.name].fits(node)
