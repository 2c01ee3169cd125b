"""Lowering of a graph to a plan.

The nodes are visited phase by phase; the rule of each operation (`rules.py`) drafts its steps and chooses layouts.
Helpers of the rules are in `lowering_state.py`.
"""

from __future__ import annotations

from knoll.graph import Differentiated, Graph, Node, Value
from knoll.kernels.layout.copy import Copy
from knoll.machine import Machine
from knoll.ops.shapes.reshape import reshape
from knoll.plan import matrix_packing
from knoll.plan.buffer_map import images_of
from knoll.plan.lowering_state import Lowering
from knoll.plan.phase_key import PREPARE, PhaseKey, Section
from knoll.plan.plan import Buffer, Kind, Plan
from knoll.plan.rules import LoweringRule, rule_of

OutputCopy = tuple[Value, Buffer, PhaseKey]  # a copy of a value for the caller, at the end of a phase


def lower(graph: Graph, batch: frozenset[Value], machine: Machine) -> Plan:
    """The plan of a graph without gradient; `batch` are the values with a batch axis."""
    graph = _before_reshapes(graph, batch, frozenset())
    return _planned(Lowering(graph, batch, frozenset(), machine), graph.outputs, (), graph.inputs, ())


def lower_differentiated(both: Differentiated, batch: frozenset[Value], machine: Machine) -> Plan:
    """The plan of a graph and its gradient."""
    inputs, outputs = len(both.forward.inputs), len(both.forward.outputs)
    joint = _before_reshapes(both.joint, batch, both.backward_nodes)
    differentiated, seeds = frozenset(joint.inputs[i] for i in both.wrt), frozenset(joint.inputs[inputs:])
    lowering = Lowering(joint, batch, both.backward_nodes, machine, differentiated, seeds)
    return _planned(
        lowering, joint.outputs[:outputs], joint.outputs[outputs:], joint.inputs[:inputs], joint.inputs[inputs:]
    )


def _before_reshapes(graph: Graph, batch: frozenset[Value], backward_nodes: frozenset[Node]) -> Graph:
    """The graph with its outputs in the shapes that they are computed in: the caller's memory is the same in any."""

    def computed(value: Value) -> Value:
        node = value.node
        if node is None or node.op is not reshape:
            return value
        (x,) = node.inputs
        fits = x in batch and x.node is not None and (x.node in backward_nodes) is (node in backward_nodes)
        return computed(x) if fits else value

    outputs = tuple(map(computed, graph.outputs))
    return graph if outputs == graph.outputs else Graph(graph.inputs, outputs)


def _planned(
    lowering: Lowering,
    outputs: tuple[Value, ...],
    gradients: tuple[Value, ...],
    inputs: tuple[Value, ...],
    doutputs: tuple[Value, ...],
) -> Plan:
    output_copies: list[OutputCopy] = []
    given = _inputs(lowering)
    results = _results(lowering, outputs, "output", Section.FORWARD, output_copies)
    dinputs = _results(lowering, gradients, "gradient", Section.BACKWARD, output_copies)
    _walk(lowering)
    for value, buffer, phase_key in output_copies:
        source = lowering.buffers.outputs.get(value) or lowering.buffers.layouts[value][0]
        _copy(lowering, value, phase_key, source, buffer)
    return lowering.draft.plan(given[: len(inputs)], results, given[len(inputs) : len(inputs) + len(doutputs)], dinputs)


def _inputs(lowering: Lowering) -> list[Buffer]:
    """The buffers of the inputs."""
    buffers = []
    for value in lowering.graph.inputs:
        images = images_of(value) if value in lowering.batch else None
        kind = Kind.BATCH if value in lowering.batch else Kind.CONSTANT
        size = images.size if images else value.spec.size
        buffer = lowering.draft.buffer(kind, value.spec.dtype.name, size, "input", images)
        buffers.append(buffer)
        if images:
            lowering.buffers.layouts[value] = [buffer]
        else:
            lowering.unbatched[value] = buffer
    return buffers


def _results(
    lowering: Lowering, values: tuple[Value, ...], note: str, section: Section, output_copies: list[OutputCopy]
) -> list[Buffer]:
    """The buffers of outputs; an output that is an input, or is wanted twice, gets an entry in `output_copies`."""
    buffers = []
    for value in values:
        images = images_of(value) if value in lowering.batch else None
        kind, size = (Kind.BATCH, images.size) if images else (Kind.RESULT, value.spec.size)
        buffers.append(lowering.draft.buffer(kind, value.spec.dtype.name, size, note, images))
        if value.node is None or value in lowering.buffers.outputs:
            made = PhaseKey(section) if value.node is None else lowering.phase_keys[value.node]
            output_copies.append((value, buffers[-1], made))
        else:
            lowering.buffers.outputs[value] = buffers[-1]
    return buffers


def _walk(lowering: Lowering) -> None:
    """Draft the steps of all nodes, phase by phase, and the copies of outputs to the caller's buffers."""
    nodes = lowering.graph.nodes
    for node in nodes:
        _rule(node).request_layouts(lowering, node)
    phases: dict[PhaseKey, list[Node]] = {}
    for node in nodes:
        phases.setdefault(lowering.phase_keys[node], []).append(node)
    for phase_key in sorted(phases):
        lowering.buffers.phase_key = phase_key
        for node in phases[phase_key]:
            if node not in lowering.done:
                _rule(node).steps(lowering, node)
        made = [value for node in phases[phase_key] for value in node.outputs]
        _copy_outputs(lowering, [value for value in made if value in lowering.buffers.outputs])


def _rule(node: Node) -> LoweringRule:
    rule = rule_of(node)
    assert rule is not None, "the graph has kernels throughout"
    return rule


def _copy_outputs(lowering: Lowering, values: list[Value]) -> None:
    """Draft copies of the outputs of a phase to the caller's buffers, where they are not computed there."""
    for value in values:
        output = lowering.buffers.outputs[value]
        if value in lowering.batch:
            assert output is lowering.buffers.plain(value), "an output is a graph's input"
        elif lowering.unbatched[value] is not output:
            _copy(lowering, value, lowering.buffers.phase_key, lowering.unbatched[value], output)


def _copy(lowering: Lowering, value: Value, phase_key: PhaseKey, source: Buffer, output: Buffer) -> None:
    """Draft a copy to the caller's buffer at the end of a phase; integers are copied as floats of their size."""
    element, by_samples = f"float{8 * value.spec.dtype.itemsize}", value in lowering.batch
    sizes = (output.size, output.size) if by_samples else (0, 0)
    kernel = Copy(lowering.machine, element, matrix_packing.contiguous(output.size), sizes, "copy_output")
    if phase_key is PREPARE:  # a rearranged parameter is made before all calls, its copy in each of them
        phase_key = PhaseKey(Section.FORWARD)
    lowering.draft.step(phase_key if by_samples else phase_key.combining, kernel, source, output)
