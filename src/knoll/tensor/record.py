"""Recording: operations become a graph instead of numbers, and the graph runs as one program.

The outermost module call opens a recording. Inside it a tensor may be pending: it has a shape and no numbers. When the
call ends, every tensor that is still alive is computed by one program. A tensor that is asked for its numbers earlier
(printed, compared, branched on) makes the recording run what it has so far and go on from there, so that any `forward`
means the same as if each operation had run at once.
"""

from __future__ import annotations

import math
import threading
import weakref
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import cast

import numpy as np
from numpy.lib.array_utils import byte_bounds

from knoll.errors import OutOfMemoryError, UnsupportedError
from knoll.graph import Array, Graph, Op, Value, spec_of
from knoll.messages import say
from knoll.ops.reshape import stop_gradient
from knoll.run import program_for
from knoll.tensor.base import T, TensorBase
from knoll.tensor.gradient_edge import AutogradNode, GradientEdge, reached
from knoll.tensor.memory import Memory
from knoll.tensor.storage import gathered, place


class _State(threading.local):
    recorder: Recorder | None = None
    grad: bool = True


state: _State = _State()


class Recorder:
    """A graph in the making, and the tensors that wait for it."""

    has_run: bool

    def __init__(self, traces: bool = False) -> None:
        self.traces = traces  # whether only the graph is wanted, and nothing may be remembered
        self._leaves: dict[int, tuple[TensorBase, Value]] = {}
        self._pending: list[weakref.ref[TensorBase]] = []
        self.has_run = False

    def value_of(self, tensor: TensorBase) -> Value:
        """The tensor's place in the graph: pending, or an input."""
        if tensor._recorder is self and tensor._value is not None:
            return tensor._value
        leaf = self._leaves.get(id(tensor))
        if leaf is None:
            leaf = self._leaves[id(tensor)] = (tensor, Value(spec_of(tensor._realize())))
        return leaf[1]

    def record(self, op: Op, tensors: tuple[T, ...], attributes: dict[str, Hashable]) -> tuple[T, ...]:
        """Add a node; its results are pending."""
        learned = op.gradient is not None and op is not stop_gradient
        flows = state.grad and learned and any(t._requires_grad for t in tensors)
        values = [self._without_gradient(t) if flows and not t._requires_grad else self.value_of(t) for t in tensors]
        node = op.node(*values, **attributes)
        results = [tensors[0]._pending(self, value, flows and value.spec.is_float) for value in node.outputs]
        self._pending.extend([weakref.ref(result) for result in results])
        return tuple(results)

    def _without_gradient(self, tensor: TensorBase) -> Value:
        """A tensor that wants no gradient, beside one that does: what it was made of must not get one either."""
        value = self.value_of(tensor)
        return stop_gradient(value) if value.node is not None and value.spec.is_float else value

    def add_pending(self, tensor: TensorBase) -> None:
        """Compute this pending tensor too."""
        self._pending.append(weakref.ref(tensor))

    def keep(self, memory: Memory) -> None:
        """Go on with the tensors over `memory` as they are now, as they are about to change."""
        for key, (tensor, value) in tuple(self._leaves.items()):
            if tensor._memory is memory and not (tensor._requires_grad and tensor._edge is None):
                former = tensor._alias()
                del self._leaves[key]
                self._leaves[id(former)] = (former, value)

    def reads(self, memory: Memory) -> bool:
        """Whether something that waits may need the numbers in `memory` as they are now."""
        return any(tensor._memory is memory for tensor, _ in self._leaves.values())

    def finish(self) -> None:
        """Compute every pending tensor that somebody still holds, by one program."""
        held = [tensor for ref in self._pending if (tensor := ref()) is not None and tensor._value is not None]
        if held:
            self.has_run = True
            if any(tensor._view is not None for tensor in held):
                self._finish_aliases(held)
            else:
                self._compute(held)
        self._pending.clear()

    def _finish_aliases(self, held: list[TensorBase]) -> None:
        """As `finish`, where some of the tensors are aliases, which will lie in one memory."""
        with tracing(self):
            for tensor in held:
                if tensor._view is not None:
                    tensor._view.refresh(tensor)
        wanted, trees = gathered([tensor for tensor in held if tensor._value is not None])
        if wanted:
            self._compute(wanted, lambda: place(trees))
        else:
            place(trees)

    def graph_of(self, output: T) -> tuple[Graph, list[T]]:
        """The graph that ends in a tensor, and the tensors it begins with; one that nothing was done to is both."""
        if self.has_run:
            raise UnsupportedError(say("tensor.asked"), advice=say("tensor.asked_advice"))
        graph, leaves = self._graph((self.value_of(output),))
        return graph, [cast(T, tensor) for tensor, _ in leaves]

    def _graph(self, outputs: tuple[Value, ...]) -> tuple[Graph, list[tuple[TensorBase, Value]]]:
        """What leads to `outputs`, and the leaves it begins with."""
        behind = {value for node in Graph((), outputs).nodes for value in node.inputs} | set(outputs)
        leaves = [(tensor, value) for tensor, value in self._leaves.values() if value in behind]
        return Graph(tuple(value for _, value in leaves), outputs), leaves

    def _compute(self, tensors: list[TensorBase], place: Callable[[], None] | None = None) -> None:
        """Compute these tensors; `place` is called when they have their numbers."""
        waiting: dict[TensorBase, Value]
        if any(t._requires_grad for t in tensors):
            waiting = {t: self.value_of(t) if t._requires_grad else self._without_gradient(t) for t in tensors}
        else:
            waiting = {t: self.value_of(t) for t in tensors}
        outputs = tuple(dict.fromkeys(waiting.values()))
        graph, leaves = self._graph(outputs)
        wrt: tuple[int, ...] = ()
        if any(t._requires_grad for t in waiting):
            wrt = reached(graph, tuple(i for i, (t, _) in enumerate(leaves) if t._requires_grad))
        program = program_for(graph, wrt)
        inputs = [np.asarray(tensor._realize(), order="C") for tensor, _ in leaves]
        written = {tensor._memory for tensor in tensors if tensor._room is not None} if wrt else ()
        if written:  # backward reads what was there before
            inputs = [a.copy() if t._memory in written else a for a, (t, _) in zip(inputs, leaves, strict=True)]
        arrays, saved = program.forward(inputs, [tensor._stamp() for tensor, _ in leaves])
        sources = tuple(leaves[i][0]._edge or leaves[i][0] for i in wrt)
        node = AutogradNode(graph, program, saved, wrt, sources, tuple(inputs) if wrt else ())
        number = {value: index for index, value in enumerate(outputs)}
        arrays = _without_aliases(outputs, arrays, inputs)
        for tensor, value in waiting.items():
            tensor._fulfil(arrays[number[value]], GradientEdge(node, number[value]) if tensor._requires_grad else None)
        if place is not None:
            place()
        if wrt:
            seen = (
                *((value, tensor._memory) for tensor, value in leaves),
                *((v, t._memory) for t, v in waiting.items()),
            )
            node.versions = tuple((value, memory, memory.version) for value, memory in seen)


def _without_aliases(outputs: tuple[Value, ...], arrays: list[Array], inputs: list[Array]) -> list[Array]:
    """Results that share no memory with an input or with each other, so that a change of one is a change of one."""
    moved = [value.node is not None and value.node.op.is_view for value in outputs]
    if not any(moved):
        return list(arrays)
    starts, ends = np.array([byte_bounds(array) for array in (*arrays, *inputs)], np.uint64).T

    def shares(place: int) -> bool:
        """Whether an array meets another besides itself."""
        return int(((starts < ends[place]) & (ends > starts[place])).sum()) > 1

    return [
        array.copy() if moves and shares(place) else array
        for place, (array, moves) in enumerate(zip(arrays, moved, strict=True))
    ]


@contextmanager
def tracing(recorder: Recorder | None) -> Iterator[None]:
    """Let operations join the graph of `recorder`, which is not run; None lets each run at once."""
    before, state.recorder = state.recorder, recorder
    try:
        yield
    finally:
        state.recorder = before


@contextmanager
def recording() -> Iterator[None]:
    """Let operations join one graph, which runs when the outermost recording ends."""
    if state.recorder is not None:
        yield
        return
    recorder = Recorder()
    with tracing(recorder):
        yield
        recorder.finish()


def traced(function: Callable[..., T], *tensors: T) -> tuple[Graph, list[T]]:
    """The graph of a call that is not run, and the tensors it begins with."""
    recorder = Recorder(traces=True)
    with tracing(recorder):
        return recorder.graph_of(function(*tensors))


def remembers() -> bool:
    """Whether a layer may change what it remembers: not while a model is only looked at."""
    return state.recorder is None or not state.recorder.traces


@contextmanager
def grad_mode(enabled: bool) -> Iterator[None]:
    """Keep, or do not keep, what backward needs."""
    before, state.grad = state.grad, enabled
    try:
        yield
    finally:
        state.grad = before


def apply(op: Op, *tensors: T, **attributes: Hashable) -> tuple[T, ...]:
    """The results of one operation: pending inside a recording, computed at once outside."""
    for tensor in tensors:
        if tensor._view is not None:
            tensor._view.refresh(tensor)
    if state.recorder is not None:
        return state.recorder.record(op, tensors, attributes)
    light = not op.is_worth_compiling(math.prod(tensors[0].shape) if op.compiled_from < math.inf else 0)
    if light and not (state.grad and any(tensor._requires_grad for tensor in tensors)):
        return _at_once(op, tensors, attributes)
    recorder = Recorder()
    results = recorder.record(op, tensors, attributes)
    recorder.finish()
    return results


def _at_once(op: Op, tensors: tuple[T, ...], attributes: dict[str, Hashable]) -> tuple[T, ...]:
    """The results of a light operation that backward need not know of: what its program would compute, sooner."""
    arrays = [tensor._realize() for tensor in tensors]
    op.results(*map(spec_of, arrays), **attributes)
    try:
        results = op.meaning(*arrays, **attributes)
    except MemoryError as error:
        raise OutOfMemoryError.after(error) from None
    if op.is_view:
        results = tuple(r.copy() if any(np.may_share_memory(r, a) for a in arrays) else r for r in results)
    return tuple(map(tensors[0]._over, results))
