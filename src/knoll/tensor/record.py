"""Recording: operations become a graph instead of numbers, and the graph runs as one program.

The outermost module call opens a recording. Inside it a tensor may be pending: it has a shape and no numbers. When the
call ends, every tensor that is still alive is computed by one program. A tensor that is asked for its numbers earlier
(printed, compared, branched on) makes the recording run what it has so far and go on from there, so that any `forward`
means the same as if each operation had run at once.

Python's `forward` runs on every call, but a recording that was made before costs a look-up for each operation: it is
made of the same nodes (`graph/interned.py`), and what follows from its results is remembered (`trace_cache.py`).
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable, Iterator, Sequence
from threading import get_ident
from typing import cast

from knoll.errors import UnsupportedError
from knoll.graph import Array, Graph, Node, Op, Value
from knoll.graph.interned import Interned
from knoll.messages import say
from knoll.ops.shapes.reshape import stop_gradient
from knoll.tensor.autograd.gradient_edge import GradientEdge
from knoll.tensor.base import T, TensorBase
from knoll.tensor.concurrency import changing, notify, owned_elsewhere, wait_for_end
from knoll.tensor.eager import Place, eagerly
from knoll.tensor.storage.memory import Memory
from knoll.tensor.storage.placement import gathered, place
from knoll.tensor.trace_cache import Added, CachedTrace, trace_cache


class _State(threading.local):
    recorder: Recorder | None = None
    grad: bool = True
    place: Place | None = None  # where the result of one of some operations lies
    transforms: int = 0  # how many functions that are transformed (`knoll.func`) are being called


state: _State = _State()


class Recorder:
    """A graph in the making, and the tensors that wait for it.

    One that `traces` is wanted for its graph alone, and nothing may be remembered. While a recording `is_observed`, all
    operations are recorded one by one.
    """

    has_run: bool
    is_running: bool
    is_observed: bool

    def __init__(self, traces: bool = False) -> None:
        self.traces = self.is_observed = traces
        self.has_run = self.is_running = False
        self.owner: int | None = None
        self._interned: Interned[CachedTrace] = Interned() if traces else trace_cache()
        self._leaves: list[TensorBase] = []
        self._arrays: list[Array] = []  # of leaves, which another thread may make wait for something
        self._values: list[Value] = []
        self._numbers: dict[int, int] = {}  # of leaves, by their ids
        self._nodes: set[Node] = set()
        self._pending: list[weakref.ref[TensorBase]] = []

    def value_of(self, tensor: TensorBase) -> Value:
        """The tensor's place in the graph: pending, or an input."""
        value = tensor._value
        if value is not None and tensor._recorder is self:
            return value
        number = self._numbers.get(id(tensor))
        if number is not None and self._arrays[number] is tensor._array:
            return self._values[number]
        array = tensor._realize()
        if number is None or self._arrays[number] is not array:
            number = self._numbers[id(tensor)] = len(self._leaves)
            self._leaves.append(tensor)
            self._arrays.append(array)
            self._values.append(self._interned.leaf(number, array))
        return self._values[number]

    @property
    def leaves(self) -> Iterator[tuple[TensorBase, Value]]:
        """What the graph begins with."""
        return zip(self._leaves, self._values, strict=True)

    def record(self, op: Op, tensors: tuple[T, ...], attributes: dict[str, Hashable]) -> tuple[T, ...]:
        """Add a node; its results are pending."""
        learned = op.is_differentiable and op is not stop_gradient
        if learned and state.grad and True in [t._requires_grad for t in tensors]:
            values = tuple([self.value_of(t) if t._requires_grad else self._without_gradient(t) for t in tensors])
            flows = True
        else:
            values, flows = tuple([self.value_of(tensor) for tensor in tensors]), False
        pending = tensors[0]._pending
        outputs = self._node(op, values, attributes).outputs
        results = tuple([pending(self, value, flows and value.spec.is_float) for value in outputs])
        self._pending += [weakref.ref(result) for result in results]
        return results

    # Several operations at once

    @property
    def count(self) -> int:
        """How many leaves there are."""
        return len(self._leaves)

    @property
    def nodes(self) -> frozenset[Node]:
        """All nodes."""
        return frozenset(self._nodes)

    def added(self, before: int, nodes: frozenset[Node]) -> Added:
        """What was added since there were so many leaves, and these nodes."""
        leaves, arrays = tuple(self._leaves[before:]), tuple(self._arrays[before:])
        numbers = {id(leaf): number for number, leaf in enumerate(leaves, before)}
        return Added(leaves, arrays, tuple(self._values[before:]), numbers, frozenset(self._nodes - nodes))

    def lacks(self, added: Added) -> bool:
        """Whether it has none of these leaves and nodes."""
        return self._numbers.keys().isdisjoint(added.numbers) and added.nodes.isdisjoint(self._nodes)

    def add(self, added: Added) -> None:
        """Add leaves and nodes."""
        self._leaves += added.leaves
        self._arrays += added.arrays
        self._values += added.inputs
        self._numbers.update(added.numbers)
        self._nodes |= added.nodes

    def pending(self, x: T, value: Value, requires_grad: bool) -> T:
        """A tensor of the class of x that waits for a value."""
        result = x._pending(self, value, requires_grad)
        self._pending.append(weakref.ref(result))
        return result

    # One operation

    def _node(self, op: Op, operands: tuple[Value, ...], attributes: dict[str, Hashable]) -> Node:
        """A node that is new in this recording."""
        node, repeat = self._interned.node(op, operands, attributes), 0
        while node in self._nodes:
            repeat += 1
            node = self._interned.node(op, operands, attributes, repeat)
        self._nodes.add(node)
        return node

    def _without_gradient(self, tensor: TensorBase) -> Value:
        """A tensor that wants no gradient, beside one that does: what it was made of must not get one either."""
        value = self.value_of(tensor)
        if value.node is None or not value.spec.is_float:
            return value
        return self._node(stop_gradient, (value,), {}).outputs[0]

    def add_pending(self, tensor: TensorBase) -> None:
        """Compute this pending tensor too."""
        self._pending.append(weakref.ref(tensor))

    def keep(self, memory: Memory) -> None:
        """Go on with the tensors over `memory` as they are now, as they are about to change."""
        for number in [number for number, tensor in enumerate(self._leaves) if tensor._memory is memory]:
            tensor = self._leaves[number]
            if not (tensor._requires_grad and tensor._edge is None):
                former = self._leaves[number] = tensor._alias()
                self._arrays[number] = former._realize()
                del self._numbers[id(tensor)]
                self._numbers[id(former)] = number

    def before_writing(self, array: Array) -> None:
        """Note that numbers are about to be overwritten at once."""

    def before_item(self) -> None:
        """Note that the number of a pending tensor is asked for."""

    def before_change(self, x: TensorBase) -> None:
        """Note that a result of this recording is about to take the place of a tensor."""

    def reads(self, memory: Memory) -> bool:
        """Whether something that waits may need the numbers in `memory` as they are now."""
        return memory in [tensor._memory for tensor in self._leaves]

    def settle(self, tensor: TensorBase) -> None:
        """Give a pending tensor its numbers."""
        if owned_elsewhere(self):
            wait_for_end(self, tensor)
        if tensor._recorder is self:
            self.finish()

    def finish(self) -> None:
        """Compute every pending tensor that somebody still holds, by one program."""
        count = len(self._pending)
        waiting = [tensor for ref in self._pending[:count] if (tensor := ref()) is not None]
        held = [tensor for tensor in dict.fromkeys(waiting) if tensor._value is not None and tensor._recorder is self]
        if held:
            self.has_run = self.is_running = True
            try:
                if any(tensor._view is not None for tensor in held):
                    self._finish_aliases(held)
                else:
                    self._compute(held)
            finally:
                self.is_running = False
        del self._pending[:count]
        notify()

    def _finish_aliases(self, held: list[TensorBase]) -> None:
        """As `finish`, where some of the tensors are aliases, which will lie in one memory."""
        with recorded_by(self):
            for tensor in held:
                if tensor._view is not None:
                    tensor._view.refresh(tensor)
        wanted, trees = gathered([tensor for tensor in held if tensor._value is not None])
        if wanted:
            self._compute(wanted, lambda: place(trees))
        else:
            with changing():
                place(trees)

    def graph_of(self, outputs: Sequence[T]) -> tuple[Graph, list[T]]:
        """The graph that ends in tensors, and those it begins with; one that nothing was done to is both."""
        for output in outputs:
            if output._view is not None:
                output._view.refresh(output)
        if self.has_run:
            raise UnsupportedError(say("tensor.asked"), advice=say("tensor.asked_advice"))
        trace = self._cached_trace(tuple([self.value_of(output) for output in outputs]))
        return trace.graph, [cast(T, self._leaves[number]) for number in trace.leaves]

    def _cached_trace(self, outputs: tuple[Value, ...]) -> CachedTrace:
        """What follows from these results. Values are those of the same leaves in every recording."""
        facts = self._interned.facts
        return facts.get(outputs) or facts.setdefault(outputs, CachedTrace.of(outputs, self._values))

    def _compute(self, tensors: list[TensorBase], place: Callable[[], None] | None = None) -> None:
        """Compute these tensors; `place` is called when they have their numbers."""
        wants_gradient = True in [t._requires_grad for t in tensors]
        waited = [tensor._value for tensor in tensors]
        values = [
            self._without_gradient(t) if wants_gradient and not t._requires_grad else self.value_of(t) for t in tensors
        ]
        outputs = tuple(dict.fromkeys(values))
        trace = self._cached_trace(outputs)
        leaves = [self._leaves[number] for number in trace.leaves]
        inputs = [self._arrays[number] for number in trace.leaves]
        written = [tensor._memory for tensor in tensors if tensor._destination is not None]
        stamps = [t._stamp() if t._array is a else None for t, a in zip(leaves, inputs, strict=True)]
        arrays, node = trace.run(leaves, inputs, stamps, wants_gradient, written)
        number = {value: index for index, value in enumerate(outputs)}
        places = [number[value] for value in values]
        with changing():
            for tensor, value, index in zip(tensors, waited, places, strict=True):
                if tensor._recorder is self and tensor._value is value:  # another thread may have run this too
                    edge = GradientEdge(node, index) if node is not None and tensor._requires_grad else None
                    tensor._fulfil(arrays[index], edge)
            if place is not None:
                place()
        if node is not None:
            node.remember(values, [tensor._memory for tensor in (*leaves, *tensors)])


class recorded_by:  # noqa: N801 (a context manager)
    """Let operations join the graph of `recorder`, which is not run; recorded by None, each runs at once."""

    __slots__ = ("_before", "_recorder")

    def __init__(self, recorder: Recorder | None) -> None:
        self._recorder = recorder

    def __enter__(self) -> None:
        self._before, state.recorder = state.recorder, self._recorder

    def __exit__(self, *_: object) -> None:
        state.recorder = self._before


class recording:  # noqa: N801 (a context manager)
    """Let operations join one graph, which runs when the outermost recording ends."""

    __slots__ = ("_recorder",)

    def __enter__(self) -> None:
        self._recorder: Recorder | None = None
        if state.recorder is None:
            self._recorder = state.recorder = Recorder()
            self._recorder.owner = get_ident()

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if self._recorder is None:
            return
        try:
            if error is None:
                self._recorder.finish()
        finally:
            state.recorder = self._recorder.owner = None
            notify()


def traced(function: Callable[..., T], *tensors: T) -> tuple[Graph, list[T]]:
    """The graph of a call that is not run, and the tensors it begins with."""
    return traced_results(lambda *given: [function(*given)], *tensors)


def traced_results(
    function: Callable[..., Sequence[T]], *tensors: T, recorder: Recorder | None = None
) -> tuple[Graph, list[T]]:
    """As `traced`, for a function with several results; by a recorder of the caller's, which traces, or a new one.

    The function gets pending tensors with the numbers of `tensors`: what it writes into them is written in the graph.
    """
    recorder = recorder or Recorder(traces=True)
    with recorded_by(recorder):
        given = [recorder.pending(t, recorder.value_of(t), state.grad and t._requires_grad) for t in tensors]
        return recorder.graph_of(function(*given))


def remembers() -> bool:
    """Whether a layer may change what it remembers: not while a model is only looked at."""
    return state.recorder is None or not state.recorder.traces


class grad_mode:  # noqa: N801 (a context manager)
    """Keep, or do not keep, what backward needs."""

    __slots__ = ("_before", "_enabled")

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled

    def __enter__(self) -> None:
        self._before, state.grad = state.grad, self._enabled

    def __exit__(self, *_: object) -> None:
        state.grad = self._before


def apply(op: Op, *tensors: T, **attributes: Hashable) -> tuple[T, ...]:
    """The results of one operation: pending inside a recording, computed at once outside."""
    wants_gradient = False
    for tensor in tensors:
        if tensor._view is not None:
            tensor._view.refresh(tensor)
        if tensor._requires_grad:
            wants_gradient = True
    recorder = state.recorder
    if recorder is not None:
        return recorder.record(op, tensors, attributes)
    if not (wants_gradient and state.grad):
        results = eagerly(op, tensors, attributes, state.place)
        if results is not None:
            return results
    recorder = Recorder()
    results = recorder.record(op, tensors, attributes)
    recorder._compute([*results])
    return results
