"""Where a result came from: a program that ran, with what its backward pass needs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array, Graph, Value, gradient
from knoll.messages import say
from knoll.ops.elementwise import add
from knoll.run import Program
from knoll.tensor.memory import Memory

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor

Place: TypeAlias = "Tensor | Origin"  # where a gradient arrives: at a leaf, or at the program that made a result


@dataclass(frozen=True)
class Origin:
    """Where a tensor came from: an output of a program that ran."""

    run: Run
    index: int


@dataclass(eq=False)
class Run:
    """One program that ran, with what its backward pass needs until that has run too.

    `sources` says for each wanted input where its gradient goes: to a leaf, or on to the program that made it.
    `versions` remembers the memory behind inputs and outputs as it was when the program had run. `retained` and `hooks`
    have for an output, by its number, who keeps its gradient and who is called with it. `hook` is told the gradients of
    all outputs together, and may give others instead.
    """

    graph: Graph
    program: Program
    saved: Any
    wanted: tuple[int, ...]
    sources: tuple[Place, ...]
    versions: tuple[tuple[Value, Memory, int], ...] = ()
    retained: dict[int, weakref.ref[Tensor]] = field(default_factory=dict)
    hooks: dict[int, dict[int, Callable[[Tensor], Any]]] = field(default_factory=dict)
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


def _held_by(value: Value) -> Value:
    """The value in whose memory this one may lie."""
    while value.node is not None and value.node.op.is_view:
        value = value.node.inputs[0]
    return value
