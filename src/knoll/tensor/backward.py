"""From a loss back to the parameters: each program that ran gives the gradients of its inputs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array, Graph, Value, gradient
from knoll.messages import say
from knoll.ops.elementwise import add
from knoll.run import Program
from knoll.tensor.memory import Memory

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


@dataclass(frozen=True, eq=False)
class Origin:
    """Where a tensor came from: an output of a program that ran."""

    run: Run
    index: int


@dataclass(eq=False)
class Run:
    """One program that ran, with what its backward pass needs until that has run too.

    `sources` says for each wanted input where its gradient goes: to a leaf, or on to the program that made it.
    `versions` remembers the memory behind inputs and outputs as it was when the program had run. `hook` is told the
    gradients of the outputs when they are all there, and may give others instead.
    """

    graph: Graph
    program: Program
    saved: Any
    wanted: tuple[int, ...]
    sources: tuple[Tensor | Origin, ...]
    versions: tuple[tuple[Value, Memory, int], ...] = ()
    retained: dict[int, weakref.ref[Tensor]] = field(default_factory=dict)
    hook: Callable[[Sequence[Array | None]], list[Array | None]] | None = None
    spent: bool = False

    def backward(self, doutputs: Sequence[Array | None], keep: bool) -> list[Array]:
        """The gradient of each wanted input."""
        if self.spent:
            raise StateError(
                "Trying to backward through the graph a second time (or directly access saved tensors after they have "
                "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
                "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or "
                "if you need to access saved tensors after calling backward.",
                advice=say("tensor.retain"),
            )
        self._check_versions()
        outputs = self.graph.outputs
        given = [
            np.zeros(v.spec.shape, v.spec.dtype) if d is None else d for d, v in zip(doutputs, outputs, strict=True)
        ]
        gradients = self.program.backward(self.saved, given)
        if not keep:
            # What lies behind is let go too: a sum of losses over an epoch would hold every step of it.
            self.saved, self.sources, self.versions, self.spent = None, (), (), True
        return gradients

    def _check_versions(self) -> None:
        """Refuse when numbers that backward reads were changed in place after they were used."""
        changed = [(value, memory, then) for value, memory, then in self.versions if memory.version != then]
        if not changed:
            return
        differentiated = gradient(self.graph, self.wanted, add)
        read = {_held_by(value) for node in differentiated.backward_nodes for value in node.inputs}
        for value, memory, then in changed:
            if _held_by(value) in read:
                raise StateError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation",
                    expected=say("tensor.version", version=then),
                    came=say("tensor.changed", version=memory.version, shape=value.spec.shape),
                    advice=say("tensor.out_of_place"),
                )


MOVES = frozenset({"reshape", "permute", "pick", "stop_gradient"})  # operations whose results may be views


def _held_by(value: Value) -> Value:
    """The value in whose memory this one may lie."""
    while value.node is not None and value.node.op.name in MOVES:
        value = value.node.inputs[0]
    return value


def backward(root: Tensor, seed: Array, keep: bool) -> None:
    """Add the gradient of `root` to every leaf that it was computed from."""
    sweep = _Sweep()
    sweep.send(root if root._origin is None else root._origin, seed.copy())
    if root._origin is None:
        return
    for run in _newest_first(root._origin.run):
        doutputs = sweep.pending.pop(run, None)
        if doutputs is None:
            continue
        if run.hook is not None:
            doutputs = run.hook(doutputs)
        for index, reference in run.retained.items():
            tensor, doutput = reference(), doutputs[index]
            if tensor is not None and doutput is not None:
                sweep.send(tensor, doutput.copy())
        dinputs = list(zip(run.sources, run.backward(doutputs, keep), strict=True))
        for source, dinput in sorted(dinputs, key=lambda pair: isinstance(pair[0], Origin), reverse=True):
            sweep.send(source, dinput)


class _Sweep:
    """One walk from a result to the leaves: gradients that wait for their program, and gradients that arrived."""

    def __init__(self) -> None:
        self.pending: dict[Run, list[Array | None]] = {}
        self._used: dict[int, Array] = {}

    def send(self, source: Tensor | Origin, gradient: Array) -> None:
        """Bring a gradient to a leaf, or to the program that comes next."""
        if isinstance(source, Origin):
            slots = self.pending.setdefault(source.run, [None] * len(source.run.graph.outputs))
            held = slots[source.index]
            slots[source.index] = gradient if held is None else held + gradient
            self._claim(gradient)
        elif source.grad is not None:
            held = source.grad._numbers()
            np.add(held, gradient, out=held)
            source.grad._version += 1
        else:
            source.grad = source._over(gradient if self._claim(gradient) else gradient.copy())

    def _claim(self, gradient: Array) -> bool:
        """Whether nobody in this sweep has the array yet: one array may be the gradient of several tensors."""
        owner = gradient if gradient.base is None else gradient.base
        free = owner is gradient and id(gradient) not in self._used
        self._used[id(owner)] = gradient
        return free


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
        stack.extend((source.run, False) for source in run.sources if isinstance(source, Origin))
    return reversed(order)
