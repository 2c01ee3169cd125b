"""Gradients of what waits in a mapped call: its recording is differentiated, and the gradients are recorded too.

From the innermost call outward: gradients of what a recording begins with go on to where that was made, in another
mapped call or by programs that ran.
"""

from __future__ import annotations

from collections.abc import Sequence

from knoll.graph import Graph, Value
from knoll.graph.node import topological
from knoll.ops.differentiate import differentiate
from knoll.tensor.autograd.gradients import seen_at
from knoll.tensor.autograd.higher_order import RecordedBackwardPass
from knoll.tensor.base import TensorBase
from knoll.tensor.mapped import MappedCall, depth, mapped_call
from knoll.tensor.record import apply, grad_mode

Seed = tuple[TensorBase, TensorBase]  # a result and its gradient
Found = dict[int, TensorBase]  # the gradients of inputs, by their ids


def mapped_gradients(
    roots: Sequence[Seed], inputs: Sequence[TensorBase], keep: bool, create_graph: bool
) -> list[TensorBase | None]:
    """The gradients of the inputs; None where none arrives. They have gradients in turn with `create_graph`."""
    found: Found = {}
    waiting = list(roots)
    with grad_mode(create_graph):
        while calls := [call for y, _ in waiting if (call := mapped_call(y))]:
            call = max(calls, key=depth)
            inner = [(y, dy) for y, dy in waiting if mapped_call(y) is call]
            outer = [(y, dy) for y, dy in waiting if mapped_call(y) is not call]
            waiting = outer + _through(call, inner, [x for x in inputs if mapped_call(x) is call], found)
        _through_programs(waiting, [x for x in inputs if mapped_call(x) is None], keep, found)
    return [found.get(id(x)) for x in inputs]


def _through(call: MappedCall, roots: Sequence[Seed], inputs: Sequence[TensorBase], found: Found) -> list[Seed]:
    """Add the gradients of inputs that wait in a call to `found`; the gradients of what its recording begins with."""
    begins = {value: leaf for leaf, value in call.shared_leaves if value in call.flowing}
    wanted = [call.value_of(x) for x in inputs]
    sources = tuple(dict.fromkeys((*wanted, *begins)))
    graph = Graph(sources, tuple(call.value_of(y) for y, _ in roots))
    both = differentiate(graph, tuple(range(len(sources))))
    gradients = both.joint.outputs[len(graph.outputs) :]
    known = dict(zip(both.joint.inputs[len(sources) :], (dy for _, dy in roots), strict=True))

    def tensor_of(value: Value) -> TensorBase:
        if value not in known:
            known[value] = call.tensor_of(value, roots[0][0])
        return known[value]

    recorded = call.nodes
    for node in topological(gradients):
        if node not in recorded:
            results = apply(node.op, *map(tensor_of, node.inputs), **node.attributes)
            known.update(zip(node.outputs, results, strict=True))
    arrived = {sources[place]: tensor_of(value) for place, value in zip(both.wrt, gradients, strict=True)}
    found.update({id(x): arrived[value] for x, value in zip(inputs, wanted, strict=True) if value in arrived})
    return [(leaf, arrived[value]) for value, leaf in begins.items() if value in arrived and value not in wanted]


def _through_programs(roots: Sequence[Seed], inputs: Sequence[TensorBase], keep: bool, found: Found) -> None:
    """Add the gradients of inputs that programs made, or that were there before."""
    if not roots or not inputs:
        return
    for y, _ in roots:
        y._realize()
    places = {id(x): seen_at(x) or x for x in inputs}
    backward_pass = RecordedBackwardPass(keep, frozenset(places.values()))
    backward_pass.walk([(y._edge or y, dy) for y, dy in roots])
    found.update({key: backward_pass.found[place] for key, place in places.items() if place in backward_pass.found})
