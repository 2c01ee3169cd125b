"""Outermost calls, memoised: a module that nobody calls from a recording runs its program at once.

The first such call opens a recording, as any other. What comes of it follows from the call that `memoised.py` keeps:
the graph that ends in its result. The next call with an input of the same shape makes the checks of `memoised.py` and
runs the program of that graph, without a recording.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

from knoll.graph import Array, Shape
from knoll.graph.spec import DType
from knoll.nn.memoised import MOST_CALLS, Call, calls_of, recorded
from knoll.nn.module_base import AnyModule
from knoll.run import Stamp
from knoll.run.repeated import RepeatedCall, repeated_call
from knoll.tensor import Tensor
from knoll.tensor.autograd.gradient_edge import GradientEdge
from knoll.tensor.base import TensorBase
from knoll.tensor.record import state
from knoll.tensor.storage.memory import last_write
from knoll.tensor.trace_cache import CachedTrace, trace_cache

# The input's shape and element type, and whether it wants a gradient; whether gradients are recorded; the mode.
Key: TypeAlias = tuple[Shape, DType, bool, bool, bool]


@dataclass(slots=True, eq=False)
class Unwritten:
    """The stamps of leaves that were not changed since a write into a watched memory, and the inference with them.

    A call that has run `may_repeat` unless nothing came of it.
    """

    write: object
    stamps: list[Stamp]
    may_repeat: bool
    repeated: RepeatedCall | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OutermostCall:
    """A call with one input, and the graph that ends in its result; `leaves` are the graph's other inputs.

    `known` is what is known of them, or nothing.
    """

    call: Call
    trace: CachedTrace
    leaves: tuple[TensorBase, ...]
    arrays: tuple[Array, ...]
    known: list[Unwritten]

    @classmethod
    def of(cls, call: Call | None) -> OutermostCall | None:
        """What followed from a call; None where its result is the input."""
        trace = None if call is None or call.changes else trace_cache().facts.get((call.result,))
        if call is None or trace is None or trace.leaves[:1] != (0,):
            return None
        others = [number - 1 for number in trace.leaves[1:]]
        added = call.added
        return cls(call, trace, tuple(added.leaves[i] for i in others), tuple(added.arrays[i] for i in others), [])

    def holds(self, module: AnyModule, x: Tensor) -> bool:
        """Whether `forward` would do the same with x, which is none of the parameters."""
        return id(x) not in self.call.added.numbers and self.call.holds(module)

    def again(self, x: Tensor, array: Array) -> Tensor:
        """The result of the same call for x, which has the numbers of `array`."""
        unwritten, wants_gradient = self._unwritten(), self.call.wants_gradient
        if unwritten.repeated is not None:
            results = unwritten.repeated(array)
            if results is not None:
                return Tensor._over(results[0])
        leaves, arrays = (x, *self.leaves), (array, *self.arrays)
        stamps = [x._stamp() if x._array is array else None, *unwritten.stamps]
        results, node = self.trace.run(leaves, arrays, stamps, wants_gradient)
        result = Tensor._over(results[0])
        if node is not None:
            result._requires_grad, result._edge = True, GradientEdge(node, 0)
            node.remember((self.call.result,), [tensor._memory for tensor in (*leaves, result)])
        elif not wants_gradient and unwritten.may_repeat:
            unwritten.repeated = repeated_call(self.trace.graph, arrays, stamps)
            unwritten.may_repeat = unwritten.repeated is not None
        return result

    def _unwritten(self) -> Unwritten:
        """The stamps of the leaves: those of the last call, if no number was changed since, nor could be unseen."""
        write = last_write()
        for unwritten in self.known:
            if unwritten.write is write:
                return unwritten
        stamps = [leaf._stamp() for leaf in self.leaves]
        is_known = all(version is not None for _, version in stamps)
        unwritten = Unwritten(write, stamps, is_known)
        self.known[:] = [unwritten] if is_known else []
        return unwritten


def run(module: AnyModule, x: Any) -> Any:
    """The result of an outermost call with one input of a module without hooks."""
    if x.__class__ is not Tensor:
        return recorded(module, False, (x,), {})
    array, calls = x._realize(), calls_of.get(id(module))
    key: Key = array.shape, array.dtype, x._requires_grad, state.grad, module.training
    known = calls.outermost.get(key) if calls is not None else None
    if known is not None and known.holds(module, x):
        return known.again(x, array)
    result = recorded(module, False, (x,), {})
    _keep(module, key, array)
    return result


def _keep(module: AnyModule, key: Key, array: Array) -> None:
    """Keep what came of a call, if it was memoised; `array` is what its input was."""
    calls = calls_of.get(id(module))
    if calls is None or module.training in calls.runs:
        return
    if len(calls.outermost) >= MOST_CALLS:
        calls.outermost.clear()
    *_, wants, grad, training = key
    made = calls.get(((trace_cache().leaf(0, array),), (wants,), 1, grad, training))
    calls.outermost[key] = OutermostCall.of(made)
