"""From a loss back to the parameters: each program that ran gives the gradients of its inputs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array, Spec
from knoll.messages import say
from knoll.run import Program

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


@dataclass(eq=False)
class Run:
    """One program that ran, with what its backward pass needs until that has run too."""

    program: Program
    saved: Any
    inputs: tuple[Tensor, ...]
    wanted: tuple[int, ...]
    outputs: tuple[Spec, ...]
    spent: bool = False

    def backward(self, doutputs: list[Array | None], keep: bool) -> list[tuple[Tensor, Array]]:
        """The inputs that want a gradient, each with its gradient."""
        if self.spent:
            raise StateError(
                "Trying to backward through the graph a second time (or directly access saved tensors after they have "
                "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
                "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or "
                "if you need to access saved tensors after calling backward.",
                advice=say("tensor.retain"),
            )
        zeros = (np.zeros(spec.shape, spec.dtype) for spec in self.outputs)
        given = [zero if d is None else d for d, zero in zip(doutputs, zeros, strict=True)]
        gradients = self.program.backward(self.saved, given)
        if not keep:
            self.saved, self.spent = None, True
        return [(self.inputs[i], gradient) for i, gradient in zip(self.wanted, gradients, strict=True)]


@dataclass(frozen=True, eq=False)
class Origin:
    """Where a tensor came from: an output of a program that ran."""

    run: Run
    index: int


def backward(root: Tensor, seed: Array, keep: bool) -> None:
    """Add the gradient of `root` to every leaf that it was computed from."""
    if root._origin is None:
        _accumulate(root, seed)
        return
    pending: dict[Run, list[Array | None]] = {}
    _receive(pending, root._origin, seed)
    for run in _newest_first(root._origin.run):
        doutputs = pending.pop(run, None)
        if doutputs is None:
            continue
        for tensor, gradient in run.backward(doutputs, keep):
            if tensor._origin is None or tensor._retains:
                _accumulate(tensor, gradient)
            if tensor._origin is not None:
                _receive(pending, tensor._origin, gradient)


def _receive(pending: dict[Run, list[Array | None]], origin: Origin, gradient: Array) -> None:
    slots = pending.setdefault(origin.run, [None] * len(origin.run.outputs))
    held = slots[origin.index]
    slots[origin.index] = gradient if held is None else held + gradient


def _accumulate(leaf: Tensor, gradient: Array) -> None:
    from knoll.tensor.tensor import Tensor  # a gradient is a tensor too

    if leaf.grad is None:
        leaf.grad = Tensor(gradient)
    else:
        leaf.grad = Tensor(leaf.grad._numbers() + gradient)


def _newest_first(last: Run) -> Iterable[Run]:
    """Runs in an order in which each comes after all that used its results."""
    order: dict[Run, None] = {}
    stack = [(last, False)]
    while stack:
        run, done = stack.pop()
        if run in order:
            continue
        if done:
            order[run] = None
            continue
        stack.append((run, True))
        stack.extend((tensor._origin.run, False) for tensor in run.inputs if tensor._origin is not None)
    return reversed(order)
