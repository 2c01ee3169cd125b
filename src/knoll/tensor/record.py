"""Recording: operations become a graph instead of numbers, and the graph runs as one program.

The outermost module call opens a recording. Inside it a tensor may be pending: it has a shape and no numbers. When the call
ends, every tensor that is still alive is computed by one program. A tensor that is asked for its numbers earlier (printed,
compared, branched on) makes the recording run what it has so far and go on from there, so that any `forward` means the
same as if each operation had run at once.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from knoll.graph import Graph, Op, Value, spec_of
from knoll.ops.reshape import stop_gradient
from knoll.run import program_for
from knoll.tensor.backward import Origin, Run

if TYPE_CHECKING:
    from knoll.tensor.tensor import Tensor


class _State(threading.local):
    recorder: Recorder | None = None
    grad: bool = True


state = _State()


class Recorder:
    """A graph in the making, and the tensors that wait for it."""

    def __init__(self) -> None:
        self._leaves: dict[int, tuple[Tensor, Value]] = {}
        self._pending: list[weakref.ref[Tensor]] = []

    def value_of(self, tensor: Tensor) -> Value:
        """The tensor's place in the graph: pending, or an input."""
        if tensor._recorder is self and tensor._value is not None:
            return tensor._value
        leaf = self._leaves.get(id(tensor))
        if leaf is None:
            leaf = self._leaves[id(tensor)] = (tensor, Value(spec_of(tensor._numbers())))
        return leaf[1]

    def record(self, op: Op, tensors: tuple[Tensor, ...], attributes: dict[str, Hashable]) -> tuple[Tensor, ...]:
        """Add a node; its results are pending."""
        from knoll.tensor.tensor import Tensor  # Tensor is made of recordings

        node = op.node(*(self.value_of(tensor) for tensor in tensors), **attributes)
        gradient = op.gradient is not None and op is not stop_gradient and any(t.requires_grad for t in tensors)
        results = []
        for value in node.outputs:
            wants = gradient and state.grad and value.spec.is_float
            if gradient and not state.grad:
                value = stop_gradient(value)
            results.append(Tensor._pending(self, value, wants))
        self._pending.extend(weakref.ref(result) for result in results)
        return tuple(results)

    def finish(self) -> None:
        """Compute every pending tensor that somebody still holds, by one program."""
        waiting = [t for ref in self._pending if (t := ref()) is not None and t._value is not None]
        self._pending.clear()
        if not waiting:
            return
        outputs = tuple(dict.fromkeys(t._value for t in waiting if t._value is not None))
        behind = {value for node in Graph((), outputs).nodes for value in node.inputs} | set(outputs)
        leaves = [(tensor, value) for tensor, value in self._leaves.values() if value in behind]
        graph = Graph(tuple(value for _, value in leaves), outputs)
        wanted = tuple(i for i, (tensor, _) in enumerate(leaves) if tensor.requires_grad)
        wanted = wanted if any(t.requires_grad for t in waiting) else ()
        program = program_for(graph, wanted)
        tensors = tuple(tensor for tensor, _ in leaves)
        arrays, saved = program.forward([t._numbers() for t in tensors], [t._stamp() for t in tensors])
        run = Run(program, saved, tensors, wanted, tuple(value.spec for value in outputs))
        place = {value: index for index, value in enumerate(outputs)}
        for tensor in waiting:
            assert tensor._value is not None
            index = place[tensor._value]
            tensor._settle(arrays[index], Origin(run, index) if tensor.requires_grad else None)


@contextmanager
def recording() -> Iterator[None]:
    """Let operations join one graph, which runs when the outermost recording ends."""
    if state.recorder is not None:
        yield
        return
    recorder = state.recorder = Recorder()
    try:
        yield
        recorder.finish()
    finally:
        state.recorder = None


@contextmanager
def grad_mode(enabled: bool) -> Iterator[None]:
    """Keep, or do not keep, what backward needs."""
    before, state.grad = state.grad, enabled
    try:
        yield
    finally:
        state.grad = before


def apply(op: Op, *tensors: Tensor, **attributes: Hashable) -> tuple[Tensor, ...]:
    """The results of one operation: pending inside a recording, computed at once outside."""
    if state.recorder is not None:
        return state.recorder.record(op, tensors, attributes)
    recorder = Recorder()
    results = recorder.record(op, tensors, attributes)
    recorder.finish()
    return results
