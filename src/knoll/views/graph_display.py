"""What a graph of operations shows of itself, and the plan that it is compiled to."""

from __future__ import annotations

from collections.abc import Iterator

from knoll.document import Block, Cell, Code, Document, Heading, Listing, Paragraph, Picture, Table
from knoll.draw import Node, Scene, network
from knoll.graph import Graph, Value
from knoll.graph.node import Node as Operation
from knoll.graph.role import Role
from knoll.messages import sentence
from knoll.plan.plan import Kind, Phase, Plan
from knoll.run.measure import bytes_of
from knoll.run.program import Program
from knoll.views.embedded import embedded
from knoll.views.summary import memory_text

MOST = 90  # boxes that are drawn; a larger graph is listed
_TOLD = 60  # lines of a graph that is listed


def graph_html(graph: Graph) -> str:
    """What a notebook shows of a graph."""
    return embedded(graph_display(graph))


def plan_html(plan: Plan) -> str:
    """What a notebook shows of a plan."""
    return embedded(plan_display(plan))


def program_html(graph: Graph, program: Program) -> str:
    """What a notebook shows of a compiled module: what it computes, and the plans of its machine code."""
    plans = [block for each in program.compiled_programs() for block in plan_display(each.plan).blocks]
    computed = graph_display(graph).blocks
    return embedded(Document(Code("CompiledModule"), (*computed, *(plans or [Paragraph(sentence("run.numpy"))]))))


def graph_display(graph: Graph) -> Document:
    """The operations of a graph and what feeds what, as a drawing; of a graph too large to be read, its lines."""
    told = Paragraph(sentence("views.graph_told", nodes=len(graph.nodes), work=graph.cost))
    return Document(Code("Graph"), (told, *_drawn(graph)))


def _drawn(graph: Graph) -> Iterator[Block]:
    if len(graph.nodes) + len(graph.inputs) - len(_parameters(graph)) + len(graph.outputs) <= MOST:
        yield Picture(graph_picture(graph), sentence("views.graph_alternative"))
    else:
        lines = repr(graph).split("\n")
        cut = [*lines[:_TOLD], "…"] if len(lines) > _TOLD else lines
        yield Listing("\n".join(cut), "text")


def graph_picture(graph: Graph) -> Scene:
    """The operations of a graph from top to bottom; its inputs by their numbers, parameters in the box that reads them.

    >>> from knoll.analysis import trace
    >>> from knoll import nn
    >>> "conv2d" in graph_picture(trace(nn.Conv2d(3, 8, 3), (3, 8, 8)).graph).svg()
    True
    """
    nodes: list[Node] = []
    edges: list[tuple[int, int]] = []
    made: dict[Value, int] = {}

    def box(node: Node, reads: tuple[Value, ...] = ()) -> int:
        nodes.append(node)
        edges.extend((start, len(nodes) - 1) for start in dict.fromkeys(made[each] for each in reads if each in made))
        return len(nodes) - 1

    inside = _parameters(graph)
    for value in graph.inputs:
        if value not in inside:
            made[value] = box(Node(_numbered(graph, value), (str(value.spec),), "input"))
    for node in graph.nodes:
        learned = (f"{_numbered(graph, value)} {value.spec}" for value in node.inputs if value in inside)
        at = box(Node(node.op.name, (*learned, *_attributes(node.attributes), *map(str, node.specs))), node.inputs)
        made.update(dict.fromkeys(node.outputs, at))
    for value in graph.outputs:
        box(Node(sentence("views.output"), (str(value.spec),), "output"), (value,))
    return network(nodes, edges)


def _numbered(graph: Graph, value: Value) -> str:
    return f"%{graph.numbers[value]}"


def _parameters(graph: Graph) -> set[Value]:
    """The inputs that one operation alone reads, as something that is the same for all samples."""
    found = set[Value]()
    for value in graph.inputs:
        readers = graph.readers.get(value, [])
        if len(readers) == 1 and value not in graph.outputs and _is_parameter(readers[0], value):
            found.add(value)
    return found


def _is_parameter(node: Operation, value: Value) -> bool:
    roles = node.roles
    return roles is not None and roles.reads[node.inputs.index(value)] in (Role.PARAMETER, Role.SHARED)


def _attributes(attributes: dict[str, object]) -> Iterator[str]:
    """One a line, those that are short enough to be read."""
    for name, value in attributes.items():
        text = f"{name}={value}"
        if len(text) <= 40:
            yield text


def plan_display(plan: Plan) -> Document:
    """The steps of a plan, phase by phase: their work and memory for one sample; and the memory of each kind."""
    phases = (block for phase in plan.phases if phase.steps for block in _phase(phase))
    return Document(Code("Plan"), (*phases, *_memory(plan)))


def _phase(phase: Phase) -> Iterator[Block]:
    way = sentence("views.by_samples" if phase.by_samples else "views.by_parts")
    yield Heading((phase.name, way))
    header = tuple(sentence(f"views.column_{name}") for name in ("step", "multiply_adds", "memory"))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (Code(step.kernel.title), step.kernel.work or "–", memory_text(bytes_of(step, 1))) for step in phase.steps
    )
    yield Table(header, rows)


def _memory(plan: Plan) -> Iterator[Block]:
    sizes = {kind: sum(buffer.bytes for buffer in plan.of_kind(kind)) for kind in Kind}
    rows = tuple((sentence(f"views.kind_{kind.value}"), memory_text(size)) for kind, size in sizes.items() if size)
    yield Heading(sentence("views.memory"))
    yield Table((sentence("views.column_kind"), sentence("views.column_memory")), rows)
