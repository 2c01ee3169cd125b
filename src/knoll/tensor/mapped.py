"""Calls of a function of one example that is mapped over many: their recording, and what comes of it for all.

The function is called once. The tensors that it gets have the shape of one example and no numbers; what it does to them
is recorded, and the graph is then batched (`ops/batching.py`) and done to the tensors of all examples, as operations
like any others: so mapped calls may stand inside each other and inside of what gradients flow through. Operations on
other tensors alone are done at once, and once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NoReturn, cast

import numpy as np

from knoll.errors import DataDependenceError, StateError, UnsupportedError
from knoll.graph import Array, Graph, Op, Value
from knoll.messages import say
from knoll.ops.indexing.index import pick
from knoll.ops.shapes.reshape import concatenate, reshape, stop_gradient
from knoll.tensor.base import T, TensorBase
from knoll.tensor.record import Recorder, apply, recorded_by, state
from knoll.tensor.storage.memory import Memory

RANDOMNESS = ("error", "different", "same")


class MappedCall(Recorder):
    """The recording of one call, for `size` examples.

    `flowing` are the values that gradients flow through. `outer` is the recording that what is done for all examples
    joins, if there is one.
    """

    size: int
    randomness: str
    outer: Recorder | None
    flowing: set[Value]
    has_ended: bool

    def __init__(self, size: int, randomness: str) -> None:
        super().__init__()
        self.is_observed = True
        self.size, self.randomness = size, randomness
        self.outer = state.recorder
        self.flowing = set()
        self.has_ended = False
        self._mapped: set[int] = set()  # the numbers of the leaves that have the examples
        self._waiting: dict[tuple[int, Value], int] = {}  # leaves that wait in another recording

    # What it begins with

    def example(self, x: T) -> T:
        """One example of x, of all that lie along its first axis."""
        number = self._add_leaf(x, x.shape[1:])
        self._mapped.add(number)
        return self._marked(self.pending(x, self._values[number], x._requires_grad))

    def fresh(self, x: T) -> T:
        """Another tensor with the numbers of x, which a gradient is wanted of; gradients go on from it to x."""
        node = self._node(reshape, (self.value_of(x),), {"shape": x.shape})
        return self._marked(self.pending(x, node.outputs[0], True))

    def tensor_of(self, value: Value, like: T) -> T:
        """A tensor that waits for a value of this recording."""
        return self.pending(like, value, value in self.flowing)

    def value_of(self, tensor: TensorBase) -> Value:
        value = tensor._value
        if value is None or tensor._recorder is self:
            found = super().value_of(tensor)
            if value is None and tensor._requires_grad:
                self.flowing.add(found)
            return found
        self._check_alive(cast(Recorder, tensor._recorder))
        key = id(tensor._recorder), value
        number = self._waiting.get(key)
        if number is None:
            number = self._waiting[key] = self._add_leaf(tensor._alias(), value.spec.shape)
            if tensor._requires_grad:
                self.flowing.add(self._values[number])
        return self._values[number]

    @property
    def shared_leaves(self) -> list[tuple[TensorBase, Value]]:
        """What the recording begins with and is the same for all examples."""
        return [leaf for number, leaf in enumerate(self.leaves) if number not in self._mapped]

    def _add_leaf(self, x: TensorBase, shape: tuple[int, ...]) -> int:
        """The number of a new leaf, whose numbers are not looked at."""
        unread = np.broadcast_to(np.zeros((), x._dtype), shape)
        number = len(self._leaves)
        self._leaves.append(x)
        self._arrays.append(unread)
        self._values.append(self._interned.leaf(number, unread))
        return number

    def _check_alive(self, recorder: Recorder) -> None:
        """Refuse a tensor of a mapped call that has ended."""
        if isinstance(recorder, MappedCall) and recorder.has_ended:
            raise escaped()

    # What is done

    def record(self, op: Op, tensors: tuple[T, ...], attributes: dict[str, Hashable]) -> tuple[T, ...]:
        """Add a node; what is done to tensors of others alone is done there."""
        if not any(x._recorder is self and x._value is not None for x in tensors):
            with recorded_by(self.outer):
                return apply(op, *tensors, **attributes)
        return tuple(self._marked(result) for result in super().record(op, tensors, attributes))

    def _marked(self, x: T) -> T:
        """The tensor, noted where gradients flow through it."""
        if x._requires_grad and x._value is not None:
            self.flowing.add(x._value)
        return x

    def settle(self, tensor: TensorBase) -> None:
        """Give a tensor its numbers, if they are the same for all examples."""
        if self.has_ended:
            raise escaped()
        whole, is_mapped = self.for_all([tensor])[0]
        if is_mapped:
            raise DataDependenceError(
                "vmap: It looks like you're attempting to use a Tensor in some data-dependent control flow. We don't "
                "support that yet.",
                got=say("tensor.mapped_waits", shape=tensor.shape, size=self.size),
                advice=say("tensor.mapped_choose"),
            )
        tensor._array = whole._realize()

    def before_item(self) -> NoReturn:
        """Refuse to give the number of a tensor, of which there is one for each example."""
        raise StateError(
            "vmap: It looks like you're calling .item() on a Tensor. We don't support vmap over calling .item() on a "
            "Tensor, please try to rewrite what you're doing with other operations."
        )

    def before_change(self, x: TensorBase) -> None:
        """Refuse to put a result of this recording into a tensor that is the same for all examples."""
        if x._value is None or x._recorder is not self:
            raise StateError(
                "vmap: inplace arithmetic(self, *extra_args) is not possible because there exists a Tensor `other` in "
                "extra_args that has more elements than `self`. This happened due to `other` being vmapped over but "
                "`self` not being vmapped over in a vmap. Please try to use out-of-place operators instead of inplace "
                "arithmetic.",
                advice=say("tensor.mapped_change"),
            )

    def finish(self) -> None:
        """Compute what waits outside of this call; what is recorded here waits for its end."""
        if self.outer is not None:
            self.outer.finish()

    def reads(self, memory: Memory) -> bool:
        """Whether something outside waits for the numbers in `memory`; of those that are needed here a copy is kept."""
        for number, leaf in enumerate(self._leaves):
            if leaf._memory is memory and leaf._value is None and not leaf._requires_grad:
                copy = self._leaves[number] = leaf._over(leaf._realize().copy())
                self._arrays[number] = copy._realize()
                self._numbers.pop(id(leaf), None)
        return self.outer is not None and self.outer.reads(memory)

    def before_writing(self, array: Array) -> None:
        if self.outer is not None:
            self.outer.before_writing(array)

    # What comes of it

    def for_all(self, results: Sequence[TensorBase]) -> list[tuple[TensorBase, bool]]:
        """Each result for all examples, which lie along its first axis, and whether they do: else it has none."""
        for x in results:
            if x._view is not None:
                with recorded_by(self):
                    x._view.refresh(x)
        own = [x for x in results if x._recorder is self and x._value is not None]
        values = tuple(dict.fromkeys(cast(Value, x._value) for x in own))
        trace = self._cached_trace(values)
        graph, mapped = trace.batched(frozenset(self._mapped), self.size)
        leaves = [self._leaves[number] for number in trace.leaves]
        with recorded_by(self.outer):
            found = dict(zip(values, zip(replayed(graph, leaves), mapped, strict=True), strict=True))
            return [self._as_recorded(x, *found[x._value]) if x._value in found else (x, False) for x in results]

    @staticmethod
    def _as_recorded(x: TensorBase, whole: TensorBase, is_mapped: bool) -> tuple[TensorBase, bool]:
        """A result for all examples, without gradient where one example has none."""
        if whole._requires_grad and not x._requires_grad:
            (whole,) = apply(stop_gradient, whole)
        return whole, is_mapped


def escaped() -> StateError:
    """That a tensor outlived the call it is an example of."""
    return StateError(
        "Either your tensor may have escaped from inside a function being vmapped and this is a user error (see "
        "https://pytorch.org/functorch/stable/ux_limitations.html)"
    )


def replayed(graph: Graph, leaves: Sequence[T]) -> list[T]:
    """The results of a graph, whose operations are done to tensors one after the other."""
    known = dict(zip(graph.inputs, leaves, strict=True))
    for node in graph.nodes:
        results = apply(node.op, *(known[value] for value in node.inputs), **node.attributes)
        known.update(zip(node.outputs, results, strict=True))
    return [known[value] for value in graph.outputs]


def depth(call: MappedCall) -> int:
    """How many mapped calls stand inside each other, up to this one."""
    outer = call.outer
    return 1 + (depth(outer) if isinstance(outer, MappedCall) else 0)


def mapped_call(x: Any) -> MappedCall | None:
    """The mapped call that a tensor waits in, if it does."""
    if not isinstance(x, TensorBase):
        return None
    recorder = x._recorder if x._view is None else x._view.base.whole._recorder
    return recorder if isinstance(recorder, MappedCall) else None


def refuse_mapped(x: TensorBase, function: str) -> None:
    """Refuse a function whose results have a shape for each example. Raises StateError."""
    if mapped_call(x) is not None:
        raise StateError(
            "vmap: We do not support batching operators that can output dynamic shape. Attempted to vmap over "
            f"aten::{function}.",
            advice=say("tensor.mapped_choose"),
        )


def for_all_examples(x: T) -> T | None:
    """The tensor that has all examples of x, along its first axis; None where x waits in no mapped call."""
    call = mapped_call(x)
    if call is None:
        return None
    whole: Any = call.for_all([x])[0][0]
    return cast(T, whole)


def check_drawing() -> None:
    """Refuse to draw numbers in a mapped call, unless they are the same for all examples."""
    call = state.recorder
    if not isinstance(call, MappedCall) or call.randomness == "same":
        return
    if call.randomness == "different":
        raise UnsupportedError(say("tensor.mapped_drawing"))
    raise StateError(
        "vmap: called random operation while in randomness error mode. Please either use the 'same' or 'different' "
        "randomness flags on vmap or perform the randomness operation out of vmap"
    )


def drawn(draw: Callable[..., T], *operands: TensorBase) -> T:
    """A random tensor, of what `draw` gives for the operands: in a mapped call as its `randomness` says.

    Raises StateError where it says that nothing may be drawn.
    """
    call = state.recorder
    if not isinstance(call, MappedCall):
        return draw(*operands)
    if call.randomness == "error":
        check_drawing()
    if call.randomness == "different":
        rows: list[T] = _for_each(call, lambda *each: drawn(draw, *each), operands)
        return call.example(_stacked(rows, call))
    wholes = call.for_all(operands)
    if any(is_mapped for _, is_mapped in wholes):
        raise StateError("Vmap does not currently support same randomness with a batched tensor input.")
    with recorded_by(call.outer):
        return drawn(draw, *(x for x, _ in wholes))


def _for_each(call: MappedCall, function: Callable[..., Any], operands: Sequence[TensorBase]) -> list[Any]:
    """What a function gives for the operands of each example, where the call stands."""
    wholes = call.for_all(operands)
    with recorded_by(call.outer):
        return [
            function(*(apply(pick, x, key=number)[0] if is_mapped else x for x, is_mapped in wholes))
            for number in range(call.size)
        ]


def _stacked(rows: Sequence[T], call: MappedCall) -> T:
    """Tensors of one shape along a new first axis, where the call stands."""
    with recorded_by(call.outer):
        parts = [apply(reshape, row, shape=(1, *row.shape))[0] for row in rows]
        whole: T = apply(concatenate, *parts, axis=0)[0]
        return whole


def each_example(
    error: DataDependenceError, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """What a function that needs numbers gives for one example after the other, if that can be stacked.

    Raises the error where gradients would be lost, where the function gives no tensors, or such of several shapes.
    """
    call, names = state.recorder, [*range(len(args)), *kwargs]
    given: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
    mapped = [name for name in names if mapped_call(given[name]) is call]
    if not isinstance(call, MappedCall) or any(given[name]._requires_grad for name in mapped):
        raise error

    def called(*each: TensorBase) -> Any:
        known = given | dict(zip(mapped, each, strict=True))
        return function(*(known[place] for place in range(len(args))), **{name: known[name] for name in kwargs})

    rows = _for_each(call, called, [given[name] for name in mapped])
    first, is_tuple = rows[0], isinstance(rows[0], tuple)
    columns = list(zip(*rows, strict=True)) if is_tuple else [rows]
    if not all(isinstance(x, TensorBase) and x.shape == column[0].shape for column in columns for x in column):
        raise error
    results = [call.example(_stacked(column, call)) for column in columns]
    return results[0] if not is_tuple else first._make(results) if hasattr(first, "_make") else tuple(results)


class transforming:  # noqa: N801 (a context manager)
    """The call of a function that is transformed: `backward` and `requires_grad_` are refused."""

    __slots__ = ()

    def __enter__(self) -> None:
        state.transforms += 1

    def __exit__(self, *_: object) -> None:
        state.transforms -= 1
