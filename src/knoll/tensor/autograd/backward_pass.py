"""Reverse-mode differentiation: from results back to the leaves, each node gives the gradients of its inputs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from knoll.graph import Array
from knoll.run.arrays import copy_of
from knoll.run.light import added
from knoll.tensor.autograd.anomaly import check_gradients
from knoll.tensor.autograd.gradient_edge import AutogradNode, GradientEdge, GradientTarget
from knoll.tensor.autograd.hooks import after_hooks, call_after, has_hooks
from knoll.tensor.base import TensorBase
from knoll.tensor.concurrency import changing


def accumulate(x: TensorBase, gradient: Array) -> None:
    """Add a gradient to `grad`; the array is the tensor's own from now on if it is the first."""
    with changing():
        if x._grad is None:
            x._grad = x._over(gradient)
        else:
            held = x._grad._realize()
            added(held, gradient, held)
            x._grad._version += 1
    call_after(x)


class BackwardPass:
    """One backward pass: gradients that wait for their node, and gradients that arrived at leaves.

    A leaf gets its gradient once, when all of it is there. Without `wrt` the gradient is added to its `grad`;
    with it only what leads to those places is walked, and their gradients are left in `found`.
    """

    def __init__(self, keep: bool, wrt: frozenset[GradientTarget] | None = None) -> None:
        self.found: dict[GradientTarget, Array] = {}
        self._keep = keep
        self._wrt = wrt
        self._waiting: dict[AutogradNode, list[Array | None]] = {}
        self._arrived: dict[TensorBase, Array] = {}
        self._used: dict[int, Array] = {}

    def walk(self, roots: Sequence[tuple[GradientTarget, Array]]) -> None:
        """Begin at some results, each with its gradient."""
        for place, seed in roots:
            self._claim(seed)  # it is the caller's own
            self._send(place, seed)
        nodes = newest_first([place.node for place, _ in roots if isinstance(place, GradientEdge)])
        needed = leading_to(self._wrt, nodes)
        complete = self._complete(nodes)
        for node in nodes:
            self._pass(node, node in needed)
            for leaf in complete.get(node, ()):
                self._deliver(leaf)
        for leaf in tuple(self._arrived):
            self._deliver(leaf)

    @staticmethod
    def _complete(nodes: Sequence[AutogradNode]) -> dict[AutogradNode, list[TensorBase]]:
        """The leaves with hooks whose gradient is complete after each node; the last used is first, as in PyTorch."""
        last: dict[TensorBase, tuple[AutogradNode, int]] = {}
        for node in nodes:
            for source, index in zip(node.sources, () if node.spent else node.wrt, strict=True):
                if isinstance(source, TensorBase) and has_hooks(source):
                    reader = node.graph.readers[node.graph.inputs[index]][0]
                    last[source] = node, node.graph.numbers[reader.outputs[0]]
        complete: dict[AutogradNode, list[TensorBase]] = {}
        for leaf, (node, _) in sorted(last.items(), key=lambda item: -item[1][1]):
            complete.setdefault(node, []).append(leaf)
        return complete

    def _pass(self, node: AutogradNode, needed: bool) -> None:
        """Go through one node, once the gradients of its outputs are all there."""
        doutputs = self._waiting.pop(node, None)
        if doutputs is None:
            return
        doutputs = self._hooked(node, doutputs)
        if not needed:
            return
        if node.hook is not None:
            told = node.hook([None if doutput is None else TensorBase._over(doutput) for doutput in doutputs])
            doutputs = [None if doutput is None else doutput._realize() for doutput in told]
        sources = node.sources
        gradients = node.backward(doutputs, self._keep)
        check_gradients(node, gradients)
        dinputs = list(zip(sources, gradients, strict=True))
        for source, dinput in sorted(dinputs, key=lambda pair: isinstance(pair[0], GradientEdge), reverse=True):
            if dinput is not None:
                self._send(source, dinput)

    def _hooked(self, node: AutogradNode, doutputs: list[Array | None]) -> list[Array | None]:
        """The gradients of the outputs, after those who asked for them have seen them."""
        for index, hooks in node.hooks.items():
            doutput = doutputs[index]
            doutputs[index] = None if doutput is None else after_hooks(hooks, doutput)
        for index, reference in node.retained.items():
            tensor, doutput = reference(), doutputs[index]
            if isinstance(tensor, TensorBase) and doutput is not None:
                accumulate(tensor, doutput.copy())
        for place in self._wrt or ():
            if (
                isinstance(place, GradientEdge)
                and place.node is node
                and (doutput := doutputs[place.index]) is not None
            ):
                self.found[place] = doutput.copy()
        return doutputs

    def _send(self, place: GradientTarget, gradient: Array) -> None:
        """Bring a gradient to a leaf, or to the program that comes next."""
        if isinstance(place, GradientEdge):
            slots = self._waiting.setdefault(place.node, [None] * len(place.node.graph.outputs))
            held = slots[place.index]
            if held is not None:
                gradient = added(held, gradient)
            slots[place.index] = gradient
            self._claim(gradient)
        elif not isinstance(place, TensorBase) or not self._is_wanted(place):
            return
        elif (held := self._arrived.get(place)) is not None:
            added(held, gradient, held)
        else:
            self._arrived[place] = np.asarray(gradient) if self._claim(gradient) else copy_of(gradient)

    def _is_wanted(self, leaf: TensorBase) -> bool:
        """Whether a leaf gets a gradient: in `grad` it gets none once it wants none any more."""
        return leaf._requires_grad if self._wrt is None else leaf in self._wrt

    def _deliver(self, leaf: TensorBase) -> None:
        """Give a leaf its whole gradient."""
        gradient = self._arrived.pop(leaf, None)
        if gradient is None:
            return
        if leaf._hooks:
            gradient = after_hooks(leaf._hooks, gradient)
        if self._wrt is None:
            accumulate(leaf, gradient)
        else:
            self.found[leaf] = gradient

    def _claim(self, gradient: Array) -> bool:
        """Whether nobody in this pass has the array yet: one array may be the gradient of several tensors."""
        owner = gradient if gradient.base is None else gradient.base
        free = owner is gradient and id(gradient) not in self._used
        self._used[id(owner)] = gradient
        return free


def leading_to(wrt: frozenset[GradientTarget] | None, nodes: Sequence[AutogradNode]) -> set[AutogradNode]:
    """The nodes whose backward leads to `wrt`, or all; one that is spent raises its own error, unless it is a goal."""
    if wrt is None:
        return set(nodes)
    goals = {place.node for place in wrt if isinstance(place, GradientEdge)}
    needed: set[AutogradNode] = set()
    for node in reversed(nodes):
        leads = any(s in wrt or (isinstance(s, GradientEdge) and s.node in needed) for s in node.sources)
        if leads or (node.spent and node not in goals):
            needed.add(node)
    return needed


def newest_first(roots: Iterable[AutogradNode]) -> list[AutogradNode]:
    """Nodes in an order in which each comes after all that used its results."""
    order: dict[AutogradNode, None] = {}
    stack = [(node, False) for node in roots]
    while stack:
        node, done = stack.pop()
        if node in order:
            continue
        if done:
            order[node] = None
            continue
        stack.append((node, True))
        stack.extend((source.node, False) for source in node.sources if isinstance(source, GradientEdge))
    return list(reversed(order))
