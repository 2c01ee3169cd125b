"""Where a result came from: a program that ran, with what its backward pass needs."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from knoll.errors import StateError
from knoll.graph import Array, Graph, Value
from knoll.messages import say
from knoll.ops.differentiate import differentiate
from knoll.run import Program, program_for
from knoll.run.lru import LRU
from knoll.run.reference import reference_program
from knoll.tensor.storage.memory import Memory


class GradientTarget:
    """Where a gradient arrives: at a leaf, which is a tensor, or at the program that made a result."""

    __slots__ = ()


@dataclass(frozen=True)
class GradientEdge(GradientTarget):
    """Where a tensor came from: an output of a program that ran."""

    node: AutogradNode
    index: int

    def keep_for(self, x: GradientTarget) -> None:
        """Let backward leave the gradient that arrives here in the `grad` of x."""
        self.node.retained[self.index] = weakref.ref(x)

    def is_kept_for(self, x: GradientTarget) -> bool:
        """Whether backward does so."""
        kept = self.node.retained.get(self.index)
        return kept is not None and kept() is x


Versions: TypeAlias = tuple[Sequence[Value], Sequence[Memory], Sequence[int]]  # side by side


@dataclass(eq=False)
class AutogradNode:
    """One program that ran, with what its backward pass needs until that has run too.

    `sources` says for each input in `wrt` where its gradient goes: to a leaf, or on to the program that made it.
    `inputs` are the arrays that the program read.
    `versions` remembers the memory behind inputs and outputs as it was when the program had run. `retained` and `hooks`
    have for an output, by its number, who keeps its gradient and who is called with it. `hook` is told the gradients of
    all outputs together, tensors or None, and may give others instead.
    """

    graph: Graph
    program: Program
    saved: Any
    wrt: tuple[int, ...]
    sources: tuple[GradientTarget, ...]
    inputs: tuple[Array, ...] = ()
    versions: Versions = ((), (), ())
    retained: dict[int, weakref.ref[GradientTarget]] = field(default_factory=dict)
    hooks: dict[int, dict[int, Callable[[Any], Any]]] = field(default_factory=dict)
    hook: Callable[[Sequence[Any]], list[Any]] | None = None
    spent: bool = False

    def remember(self, values: Sequence[Value], memories: Sequence[Memory]) -> None:
        """Note the versions of the memories of the inputs, and of results that hold these values."""
        if self.wrt:
            self.versions = (*self.graph.inputs, *values), memories, [memory.version for memory in memories]

    def backward(self, doutputs: Sequence[Array | None], keep: bool) -> list[Array | None]:
        """The gradient of each input in `wrt`; None where no gradient of an output arrives."""
        self.check_usable()
        gradients = self._gradients(doutputs, keep)
        if not keep:
            self.release()
        return gradients

    def release(self) -> None:
        """Keep no numbers any more; where backward needs some, nor what lies behind.

        So a sum of losses over an epoch does not hold every step of it, and what needs no numbers can run again.
        """
        if self._needs_numbers():
            self.sources, self.spent = (), True
        if self.spent or self.inputs:
            self.saved, self.versions, self.inputs = None, ((), (), ()), ()

    def _needs_numbers(self) -> bool:
        return linear_backward(self.graph, self.wrt) is None

    def check_usable(self) -> None:
        """Refuse where backward ran before, or where what it needs was changed in place. Raises StateError."""
        if self.spent:
            raise StateError(
                "Trying to backward through the graph a second time (or directly access saved tensors after they have "
                "already been freed). Saved intermediate values of the graph are freed when you call .backward() or "
                "autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or "
                "if you need to access saved tensors after calling backward.",
                advice=say("tensor.retain"),
            )
        if self._changed():
            differentiated = differentiate(self.graph, self.wrt)
            self._check_unchanged(value for node in differentiated.backward_nodes for value in node.inputs)

    def check_repeatable(self) -> None:
        """As `check_usable`, where the forward pass is computed again too. Raises StateError."""
        self.check_usable()
        if self._changed():
            both = differentiate(self.graph, self.wrt)
            nodes = Graph(both.joint.inputs, both.joint.outputs[len(self.graph.outputs) :]).nodes
            self._check_unchanged(value for node in nodes for value in node.inputs if value.node is None)

    def _gradients(self, doutputs: Sequence[Array | None], keep: bool) -> list[Array | None]:
        """The gradients by the program, to which an output without gradient has one of zeros.

        What flows back from zeros adds nothing, unless a slope on its way is infinite: 0 · ∞ is NaN. Only what is NaN
        is taken from the other outputs alone, so that a NaN of one sample changes no bit of another one.
        """
        if not self.wrt:
            return []  # no input is reached, as behind the slope of a ReLU
        outputs = self.graph.outputs
        given = tuple(i for i, doutput in enumerate(doutputs) if doutput is not None)
        filled = [
            np.zeros(v.spec.shape, v.spec.dtype) if d is None else d for d, v in zip(doutputs, outputs, strict=True)
        ]
        if len(given) == len(outputs):
            return [*self._run_back(filled, keep)]
        arrives = reached(self.graph, self.wrt, given)
        if not arrives:
            return [None] * len(self.wrt)
        gradients = dict(zip(self.wrt, self._run_back(filled, keep), strict=True))
        others = tuple(i for i, doutput in enumerate(doutputs) if doutput is None)
        if self.inputs and reached(self.graph, self.wrt, others) and any(_has_nan(gradients[i]) for i in arrives):
            alone = self._of_these_outputs(given, [filled[i] for i in given])
            gradients |= {i: np.where(np.isnan(gradients[i]), alone[i], gradients[i]) for i in arrives}
        return [gradients[i] if i in arrives else None for i in self.wrt]

    def _run_back(self, doutputs: Sequence[Array], keep: bool) -> list[Array]:
        if self.inputs:
            return list(self.program.backward(self.saved, doutputs, keep))
        backward = linear_backward(self.graph, self.wrt)
        assert backward is not None
        return list(program_for(backward, ()).infer(doutputs))

    def _of_these_outputs(self, given: tuple[int, ...], doutputs: Sequence[Array]) -> dict[int, Array]:
        """The gradients by the meanings of the operations that lead to the outputs numbered in `given`, run again."""
        alone = reference_program(Graph(self.graph.inputs, tuple(self.graph.outputs[i] for i in given)), self.wrt)
        self._check_unchanged(value for node in alone.graph.nodes for value in node.inputs if value.node is None)
        assert alone.differentiated is not None
        with np.errstate(all="ignore"):
            _, saved = alone.forward(self.inputs)
            return dict(zip(alone.differentiated.wrt, alone.backward(saved, doutputs), strict=True))

    def _changed(self) -> list[tuple[Value, Memory, int]]:
        """The values whose numbers were changed in place after they were used."""
        return [
            (value, memory, then) for value, memory, then in zip(*self.versions, strict=True) if memory.version != then
        ]

    def _check_unchanged(self, values: Iterable[Value]) -> None:
        """Refuse when one of these values, which are read again, was changed in place after it was used."""
        read = {value.viewed for value in values}
        for value, memory, then in self._changed():
            if value.viewed in read:
                raise StateError(
                    "one of the variables needed for gradient computation has been modified by an inplace operation",
                    expected=say("tensor.version", version=then),
                    got=say("tensor.changed", version=memory.version, shape=value.spec.shape),
                    advice=say("tensor.out_of_place"),
                )


_linear_backwards = LRU[Hashable, Graph | None](most=1024)


def linear_backward(graph: Graph, wrt: tuple[int, ...]) -> Graph | None:
    """From the gradients of all outputs to those of the inputs numbered in `wrt`; None where it needs other numbers."""

    def worked_out() -> Graph | None:
        both = differentiate(graph, wrt)
        seeds = both.joint.inputs[len(graph.inputs) :]
        backward = Graph(seeds, both.joint.outputs[len(graph.outputs) :])
        made = {value for node in backward.nodes for value in node.outputs}.union(seeds)
        read = {value for node in backward.nodes for value in node.inputs}.union(backward.outputs)
        return backward if read <= made else None

    return _linear_backwards.get((graph.key, wrt), worked_out)


_reached_inputs = LRU[Hashable, tuple[int, ...]](most=1024)


def reached(graph: Graph, wrt: tuple[int, ...], outputs: tuple[int, ...] | None = None) -> tuple[int, ...]:
    """Those of the inputs numbered in `wrt` that a gradient of all outputs, or of those in `outputs`, arrives at."""

    def worked_out() -> tuple[int, ...]:
        some = graph if outputs is None else Graph(graph.inputs, tuple(graph.outputs[i] for i in outputs))
        return differentiate(some, wrt).wrt

    return _reached_inputs.get((graph.key, wrt, outputs), worked_out)


def _has_nan(array: Array) -> bool:
    return bool(array.size) and bool(np.isnan(array.min()))
