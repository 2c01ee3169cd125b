"""Calls of layers, memoised: a layer of the library adds to a recording, as one step, what it added before.

A layer that is a function of its inputs, its parameters and its options alone makes the same nodes whenever it is
called at the same place of a recording: with inputs of the same values, after as many leaves. Its first call there runs
`forward` and keeps what that added; the next one checks that nothing which `forward` reads has been changed, by
whatever way, and adds it again. A `Sequential` of such layers is such a layer, and so is a class of the user's own
whose `forward` is known to do nothing else (`effects/`). Layers with hooks, layers that draw random numbers or remember
something, and whatever a debugger looks at run their `forward` on every call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import attrgetter, is_, itemgetter
from typing import Any, TypeAlias
from weakref import ReferenceType, ref

from knoll.graph import Array, Node, Value
from knoll.nn import effects, hooked_calls
from knoll.nn.effects.pure import is_of_knoll
from knoll.nn.module_base import AnyModule
from knoll.nn.registry import HOLDERS, REGISTRIES, Registry, last_change
from knoll.nn.replaced import replaced
from knoll.tensor import Tensor
from knoll.tensor.base import TensorBase, View
from knoll.tensor.constant import Constant
from knoll.tensor.record import Recorder, recording, state
from knoll.tensor.storage.memory import Memory, last_rebinding, watch
from knoll.tensor.trace_cache import Added

MOST_CALLS = 16  # that are kept of one module; beyond it they are dropped, as its inputs change all the time
_CALLED = ("_forward_pre_hooks", "_forward_hooks", "_backward_pre_hooks", "_backward_hooks")
_DICTIONARIES = frozenset({*REGISTRIES, "_non_persistent_buffers_set"})
_array_of: Callable[[TensorBase], Array | None] = attrgetter("_array")
_state_of: Callable[[TensorBase], TensorState] = attrgetter("_requires_grad", "_view", "_memory")
_dictionary_of: Callable[[AnyModule], dict[str, Any]] = attrgetter("__dict__")
_registries_of: Callable[[dict[str, Any]], tuple[Any, ...]] = itemgetter(*REGISTRIES)
Callables: TypeAlias = tuple[Callable[..., Any], Callable[..., Any]]
Inputs: TypeAlias = tuple[Tensor, ...]
# Whether a tensor wants a gradient, what it is a view of, its memory.
TensorState: TypeAlias = tuple[bool, View | None, Memory]
# The inputs, which of them want a gradient, how many leaves there are, whether gradients are recorded, the mode.
Key: TypeAlias = tuple[tuple[Value, ...], tuple[bool, ...], int, bool, bool]


@dataclass(frozen=True, slots=True, eq=False)
class Configuration:
    """All that the `forward` of a module and of those below it reads of them, as it was.

    `dictionaries` are those of the attributes of all, with their `registries`, and `stock` those of Knoll's own layers,
    which had the attributes `names` with these `values`; what other classes read stands in `reads`.
    `held` are the parameters, buffers and modules in `holders`, by `ids`; `compared` is the last change that was noted,
    after which all of it was looked at.
    """

    below: tuple[AnyModule, ...]
    kinds: list[type]
    called: dict[type, Callables]
    dictionaries: tuple[dict[str, Any], ...]
    registries: tuple[Any, ...]
    stock: tuple[dict[str, Any], ...]
    names: tuple[str, ...]
    values: tuple[Any, ...]
    holders: tuple[dict[str, Any], ...]
    held: tuple[Any, ...]
    ids: list[int]
    hooks: tuple[dict[int, Any], ...]
    reads: effects.Reads | None
    compared: list[object]

    @property
    def versions(self) -> list[tuple[int, bool]]:
        """How often parameters and buffers were changed, and whether they wait: a call that changes one has to run."""
        tensors = (each for each in self.held if isinstance(each, TensorBase))
        return [(tensor._memory.version, tensor._value is None) for tensor in tensors]

    @classmethod
    def of(cls, module: AnyModule, inputs: Inputs) -> Configuration | None:
        """The present configuration; None where a call is not memoised, for the module or for one below."""
        change, members = last_change(), effects.members_of(module)
        if not all(member.__dict__.keys() >= set(REGISTRIES) for member in members):
            return None  # one was not initialised, as its call will say
        stock = [member for member in members if member._is_stock]
        reads = None
        if len(stock) < len(members):
            reads = effects.reads_of(module, len(inputs))
            if reads is None:
                return None
        elif not (module._is_pure(*inputs) and all(member._is_pure() for member in members[1:])):
            return None
        called = {kind: _callables(kind) for kind in map(type, stock)}
        own = tuple(map(_dictionary_of, stock))
        if not all(type(each) is Registry and _is_plain(each) for each in own):
            return None
        if not all(map(is_of_knoll, chain.from_iterable(called.values()))):
            return None  # put in the place of a layer's own
        every = tuple(map(_dictionary_of, members))
        holders = tuple(attributes[name] for attributes in every for name in HOLDERS)
        hooks = tuple(attributes[name] for attributes in every for name in _CALLED)
        if any(hooks) or not all(type(each) is Registry for each in (*holders, *hooks)):
            return None
        held = tuple(_values(holders))
        return cls(
            below=tuple(members[1:]),
            kinds=[*map(type, members)],
            called=called,
            dictionaries=every,
            registries=tuple(chain.from_iterable(map(_registries_of, every))),
            stock=own,
            names=tuple(chain.from_iterable(own)),
            values=tuple(_values(own)),
            holders=holders,
            held=held,
            ids=[*map(id, held)],
            hooks=hooks,
            reads=reads,
            compared=[change],
        )

    def holds(self, module: AnyModule) -> bool:
        """Whether everything is as it was."""
        return (
            not replaced
            and (self.compared[0] is last_change() or self._holds_the_same(module))
            and {kind: _callables(kind) for kind in self.called} == self.called
            and (self.reads is None or (self.reads.hold() and not is_debugged()))
        )

    def _holds_the_same(self, module: AnyModule) -> bool:
        """Whether all that is noted when it changes is as it was."""
        change = last_change()
        same = (
            [*map(id, _values(self.holders))] == self.ids
            and not any(self.hooks)
            and [type(module), *map(type, self.below)] == self.kinds
            and _are_same_objects(map(_dictionary_of, (module, *self.below)), self.dictionaries)
            and _are_same_objects(chain.from_iterable(map(_registries_of, self.dictionaries)), self.registries)
            and tuple(chain.from_iterable(self.stock)) == self.names
            and _are_same_objects(_values(self.stock), self.values)
            and (self.reads is None or self.reads.noted.hold())
        )
        if same:
            self.compared[0] = change
        return same


def is_debugged() -> bool:
    """Whether somebody may look at the lines of `forward` as they run."""
    monitoring = getattr(sys, "monitoring", None)
    return sys.gettrace() is not None or (monitoring is not None and monitoring.get_tool(0) is not None)


def _callables(kind: Any) -> Callables:
    return kind.__call__, kind.forward


def _values(dictionaries: Iterable[dict[Any, Any]]) -> Iterator[Any]:
    return chain.from_iterable(map(dict.values, dictionaries))


def _are_same_objects(values: Iterable[Any], others: tuple[Any, ...]) -> bool:
    """Whether values are the same objects as others; equal ones may not do the same, as 0.0 and -0.0."""
    known = tuple(values)
    return len(known) == len(others) and all(map(is_, known, others))


def _is_plain(attributes: dict[str, Any]) -> bool:
    """Whether no option of a module can change by itself, as the items of a list."""
    return all(name in _DICTIONARIES or _is_fixed(value) for name, value in attributes.items())


def _is_fixed(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_is_fixed, value))
    return value is None or type(value) in (bool, int, float, str)


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """What a call added to a recording: leaves, nodes, and a result, which took the place of the input if it `changes`.

    `states` are those of the leaves that it added; `compared` is the last time that a tensor was rebound, after which
    they were looked at.
    """

    configuration: Configuration
    states: list[TensorState]
    views: list[View]
    added: Added
    result: Value
    wants_gradient: bool
    changes: bool
    compared: list[object]

    def holds(self, module: AnyModule) -> bool:
        """Whether `forward` would add the same to a recording that has none of it."""
        return (
            (self.compared[0] is last_rebinding() or self._has_the_same_leaves())
            and all(view.version == view.base.version for view in self.views)
            and self.configuration.holds(module)
        )

    def _has_the_same_leaves(self) -> bool:
        """Whether parameters and buffers lie where they lay, and want a gradient as they did."""
        rebinding, added = last_rebinding(), self.added
        same = all(map(is_, map(_array_of, added.leaves), added.arrays)) and (
            [*map(_state_of, added.leaves)] == self.states
        )
        if same:
            self.compared[0] = rebinding
        return same

    def again(self, x: Tensor, recorder: Recorder) -> Tensor:
        """The result of the same call again; x is its first input."""
        recorder.add(self.added)
        if not self.changes:
            return recorder.pending(x, self.result, self.wants_gradient)
        x._value, x._requires_grad = self.result, self.wants_gradient
        recorder.add_pending(x)
        return x


class Calls(dict[Key, Call | None]):
    """The calls of one module, which go with it; None for one that has to run. `outermost.py` has its own beside.

    `runs` has the modes (training or not) in which `forward` may do more than compute its result.
    """

    def __init__(self, module: AnyModule) -> None:
        super().__init__()
        self.runs: set[bool] = set()
        self.outermost: dict[Hashable, Any] = {}
        self.module: ReferenceType[AnyModule] = ref(module, partial(calls_of.pop, id(module)))


calls_of: dict[int, Calls] = {}  # by the ids of modules


def recorded(module: Any, hooked: bool, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The result of an outermost call, which opens a recording."""
    with recording():
        return run(module, hooked, inputs, named)


def run(module: Any, hooked: bool, inputs: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """The result of `forward` with its hooks; a layer of the library is recorded as one step if it was before."""
    if hooked:
        return hooked_calls.hooked(module, *inputs, **named)
    recorder = state.recorder
    if recorder is None or not inputs or named:
        return module.forward(*inputs, **named)
    call = _former_call(module, inputs, recorder)
    if call is None:
        return module.forward(*inputs)
    if isinstance(call, Call):
        return call.again(inputs[0], recorder)
    with call:
        result = module.forward(*inputs)
    return call.kept(result)


def _former_call(module: AnyModule, inputs: Inputs, recorder: Recorder) -> Call | FirstCall | None:
    """The call of `module` at this place of a recording, if it was made before; None for one that has to run."""
    calls = calls_of.get(id(module))
    if recorder.is_observed or replaced or (calls is not None and module.training in calls.runs):
        return None
    for x in inputs:
        if x.__class__ is not Tensor:
            return None
        if x._view is not None:
            x._view.refresh(x)
    values, wants = tuple(map(recorder.value_of, inputs)), tuple([x._requires_grad for x in inputs])
    key = values, wants, recorder.count, state.grad, module.training
    if calls is None:
        calls = calls_of.setdefault(id(module), Calls(module))
    call = calls.get(key, calls)
    if isinstance(call, Call) and recorder.lacks(call.added) and call.holds(module):
        return None if call.changes and inputs[0]._view is not None else call
    return None if call is None else FirstCall.begun(module, inputs, recorder, calls, key)


@dataclass(frozen=True, slots=True, eq=False)
class FirstCall:
    """A call that is watched while it runs, to be made again without running."""

    configuration: Configuration
    inputs: Inputs
    recorder: Recorder
    calls: Calls
    key: Key
    nodes: frozenset[Node]
    versions: list[tuple[int, bool]]

    @classmethod
    def begun(cls, module: AnyModule, inputs: Inputs, recorder: Recorder, calls: Calls, key: Key) -> FirstCall | None:
        """The call about to begin; None where it would not be the same in the next recording."""
        if len(calls) >= MOST_CALLS:
            calls.clear()
        calls[key] = None
        configuration = Configuration.of(module, inputs)
        if configuration is None:
            if not module._is_stock:
                calls.runs.add(module.training)
            return None
        return cls(configuration, inputs, recorder, calls, key, recorder.nodes, configuration.versions)

    def __enter__(self) -> None:
        self.recorder.is_observed = True

    def __exit__(self, *_: object) -> None:
        self.recorder.is_observed = False

    def kept(self, result: Any) -> Any:
        """The result; the next call will give it too if it follows from the module and its inputs alone."""
        values, x, before = self.key[0], self.inputs[0], self.key[2]
        added = self.recorder.added(before, self.nodes)
        same = [y._value in (None, value) for y, value in zip(self.inputs, values, strict=True)]
        changes = result is x and x._view is None and values[0].node is not None
        if all(same[1:] if changes else same) and self._follows(added) and _is_fresh(result, added):
            for leaf in added.leaves:
                watch(leaf._memory)
            states = [*map(_state_of, added.leaves)]
            views = [view for _, view, _ in states if view is not None]
            value, wants, never = result._value, result._requires_grad, [object()]
            self.calls[self.key] = Call(self.configuration, states, views, added, value, wants, changes, never)
        return result

    def _follows(self, added: Added) -> bool:
        """Whether it follows from inputs, parameters and numbers: a mask that was drawn is another one next time."""
        leaves = {id(leaf) for leaf in added.leaves if not isinstance(leaf._memory, Constant)}
        held = leaves.issubset(self.configuration.ids)
        return held and added.reads_only(self.key[0]) and self.configuration.versions == self.versions


def _is_fresh(result: Any, added: Added) -> bool:
    """Whether a result is one tensor that waits for what was added, and a view of nothing that people hold."""
    if result.__class__ is not Tensor or result._value not in added.values or result._destination is not None:
        return False
    view: View | None = result._view
    return view is None or (
        view.base.source is None and view.base.whole._value in added.values and not view.base.is_held_beside(result)
    )
