"""Gradients that have gradients: the backward pass as operations on tensors, recorded like any others.

Each program that ran is differentiated once more as a graph, and the graph is recorded node by node, its forward part
too: numbers that a program kept in its own memory are computed again. Then the whole recording runs as one program.
"""

from __future__ import annotations

from collections.abc import Sequence

from knoll.errors import UnsupportedError
from knoll.graph import Array, Graph, Node, Value
from knoll.messages import say
from knoll.ops.differentiate import differentiate
from knoll.tensor.autograd.backward_pass import leading_to, newest_first
from knoll.tensor.autograd.function import FunctionNode
from knoll.tensor.autograd.gradient_edge import AutogradNode, GradientEdge, GradientTarget
from knoll.tensor.autograd.hooks import call_after, replaced_by_hooks
from knoll.tensor.base import TensorBase
from knoll.tensor.concurrency import changing
from knoll.tensor.elementwise.arithmetic import add
from knoll.tensor.record import apply
from knoll.tensor.storage.copying import clone


class RecordedBackwardPass:
    """One backward pass, recorded; the gradients of all leaves, or of the places in `wrt`, are left in `found`."""

    def __init__(self, keep: bool, wrt: frozenset[GradientTarget] | None = None) -> None:
        self.found: dict[GradientTarget, TensorBase] = {}
        self._keep = keep
        self._wrt = wrt
        self._waiting: dict[GradientEdge, TensorBase] = {}

    def walk(self, roots: Sequence[tuple[GradientTarget, TensorBase]]) -> None:
        """Begin at some results, each with its gradient."""
        for place, seed in roots:
            self._send(place, seed)
        nodes = newest_first([place.node for place, _ in roots if isinstance(place, GradientEdge)])
        needed = leading_to(self._wrt, nodes)
        for node in nodes:
            self._pass(node, node in needed)
        for leaf, gradient in self.found.items():
            if isinstance(leaf, TensorBase) and leaf._hooks:
                self.found[leaf] = replaced_by_hooks(leaf._hooks, gradient)

    def _pass(self, node: AutogradNode, needed: bool) -> None:
        """Go through one node, once the gradients of its outputs are all there."""
        doutputs = [self._waiting.pop(GradientEdge(node, i), None) for i in range(len(node.graph.outputs))]
        if not any(doutput is not None for doutput in doutputs):
            return
        for index, doutput in enumerate(doutputs):
            if doutput is not None:
                doutputs[index] = self._hooked(node, index, doutput)
        if not needed:
            return
        node.check_repeatable()
        if node.hook is not None:
            doutputs = node.hook(doutputs)
        for source, dinput in zip(node.sources, _gradients_of(node, doutputs), strict=True):
            if dinput is not None:
                self._send(source, dinput)
        if not self._keep:
            node.release()

    def _hooked(self, node: AutogradNode, index: int, doutput: TensorBase) -> TensorBase:
        """The gradient of an output, after those who asked for it have seen it."""
        doutput = replaced_by_hooks(node.hooks.get(index, {}), doutput)
        tensor = node.retained[index]() if index in node.retained else None
        if isinstance(tensor, TensorBase):
            accumulate(tensor, clone(doutput))  # the gradient itself may be a result
        place = GradientEdge(node, index)
        if place in (self._wrt or ()):
            self.found[place] = doutput
        return doutput

    def _send(self, place: GradientTarget, gradient: TensorBase) -> None:
        """Bring a gradient to a leaf, or to the program that comes next."""
        if isinstance(place, GradientEdge):
            held = self._waiting.get(place)
            self._waiting[place] = gradient if held is None else add(held, gradient)
        elif self._wrt is None or place in self._wrt:
            held = self.found.get(place)
            self.found[place] = gradient if held is None else add(held, gradient)


def accumulate(x: TensorBase, gradient: TensorBase | None) -> None:
    """Add a gradient, if there is one, to `grad`, which keeps where both came from."""
    if gradient is not None:
        with changing():
            x._grad = gradient if x._grad is None else add(x._grad, gradient)
        call_after(x)


def _gradients_of(node: AutogradNode, doutputs: Sequence[TensorBase | None]) -> list[TensorBase | None]:
    """The gradients of a program's inputs, or what a function of one's own says."""
    return node.recorded(doutputs) if isinstance(node, FunctionNode) else _gradients(node, doutputs)


def _gradients(node: AutogradNode, doutputs: Sequence[TensorBase | None]) -> list[TensorBase | None]:
    """The gradient of each input in `wrt`; None where none arrives."""
    given = [(value, dy) for value, dy in zip(node.graph.outputs, doutputs, strict=True) if dy is not None]
    graph = Graph(node.graph.inputs, tuple(value for value, _ in given))
    both = differentiate(graph, node.wrt)
    seeds = [dy for _, dy in given]
    known: dict[Value, TensorBase] = dict(zip(both.joint.inputs[len(graph.inputs) :], seeds, strict=True))
    known.update(zip(both.joint.inputs, _inputs(node, seeds[0]), strict=False))  # none are kept where none is needed
    gradients = both.joint.outputs[len(given) :]
    for operation in Graph(both.joint.inputs, gradients).nodes:
        known.update(zip(operation.outputs, _recorded(operation, known), strict=True))
    found = {index: known[value] for index, value in zip(both.wrt, gradients, strict=True)}
    return [found.get(index) for index in node.wrt]


def _recorded(node: Node, known: dict[Value, TensorBase]) -> tuple[TensorBase, ...]:
    operands = [known[value] for value in node.inputs]
    wants_gradient = any(x._requires_grad for x in operands) and any(spec.is_float for spec in node.specs)
    if wants_gradient and not node.op.is_differentiable:
        name = node.op.name.removesuffix("_dx")
        raise UnsupportedError(say("tensor.second_order", op=name), advice=say("tensor.second_order_advice"))
    return apply(node.op, *operands, **node.attributes)


def _inputs(node: AutogradNode, like: TensorBase) -> list[TensorBase]:
    """What a program read, each with where its gradient goes."""
    sources = dict(zip(node.wrt, node.sources, strict=True))
    return [_input(array, sources.get(index), like) for index, array in enumerate(node.inputs)]


def _input(array: Array, source: GradientTarget | None, like: TensorBase) -> TensorBase:
    if isinstance(source, TensorBase) and source._array is array:
        return source
    x = like._over(array)
    if source is not None:
        x._requires_grad = True
        x._edge = source if isinstance(source, GradientEdge) else None
    return x
