"""The trace of a network: every operation of one forward pass, and the module and the line of code that made it.

Nothing is computed: the pass is recorded with all shapes known, as it is before a network is compiled.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, cast

import numpy as np

from knoll.analysis.inputs import SMALL, as_inputs, input_channels, no_image
from knoll.analysis.layers import is_layer
from knoll.analysis.unchanged import copy_if_lazy, tensors_kept, unchanged
from knoll.errors import KnollError, OutOfMemoryError, ShapeError, users_frame
from knoll.graph import Array, Graph, Node, Op, Spec, Value
from knoll.graph.memory_limit import shapes_alone
from knoll.graph.shapes import shape_text
from knoll.messages import say
from knoll.nn import Module
from knoll.nn.error_location import located
from knoll.nn.inspection import Input
from knoll.nn.made_at import Place as Place
from knoll.nn.made_at import made_at
from knoll.tensor import Tensor, enable_grad
from knoll.tensor.base import T, TensorBase
from knoll.tensor.random.generator import generator
from knoll.tensor.record import Recorder, grad_mode, recorded_by, state


@dataclass(frozen=True, eq=False)
class Step:
    """One operation of the trace, the line of the user's code that led to it, and the call it belongs to.

    `is_in_no_grad` says whether the network itself had switched gradients off, as with `no_grad`.
    """

    node: Node
    call: int  # an index into `Trace.calls`: the innermost module that was being called
    place: Place | None
    is_in_no_grad: bool = False

    def __repr__(self) -> str:
        return f"{self.node!r} at {self.place}"


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a module, of a layer as of a module made of others. A layer that is used twice has two.

    `name` is the module's dotted name ("" for the network itself), `inputs` and `outputs` the tensors that it was given
    and gave, `parent` the index of the call that it was made from, None for the outermost.
    """

    name: str
    module: Module
    parent: int | None
    place: Place | None
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...] = ()

    @property
    def kind(self) -> str:
        """The name of the module's class."""
        return type(self.module).__name__

    @property
    def made_at(self) -> Place | None:
        """Where in the user's code the module was made."""
        return made_at(self.module)

    @property
    def is_layer(self) -> bool:
        """Whether the module is a layer, with no modules of its own that it calls."""
        return is_layer(self.module)

    @property
    def input(self) -> Spec:
        """The first tensor that it was given."""
        return self.inputs[0].spec

    @property
    def output(self) -> Spec:
        """The first tensor that it gave."""
        return self.outputs[0].spec

    def __repr__(self) -> str:
        shapes = ", ".join(str(value.spec) for value in self.inputs)
        return f"{self.name or self.kind}({shapes}) -> {', '.join(str(value.spec) for value in self.outputs)}"


@dataclass(frozen=True, eq=False)
class Trace:
    """One forward pass of a network: its calls in the order in which they began, and its operations in order.

    `parameters` names the parameters and buffers among the values that operations read; `tensors` has what stands
    behind every value that no operation made: inputs, parameters, buffers, constants. Where the pass asked for numbers,
    as for a branch, it goes on with a value that no operation made: `computed` tells which one it was before. `stored`
    are the values that the network kept in its attributes. `error` is what stopped the pass, if `trace` was asked to
    keep what came before it; `returned` names the type of what the pass returned.

    >>> from knoll import nn
    >>> from knoll.analysis import trace
    >>> trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 32, 32))
    Sequential(float32[1×3×32×32]) -> float32[1×8×30×30]
    0(float32[1×3×32×32]) -> float32[1×8×30×30]
    1(float32[1×8×30×30]) -> float32[1×8×30×30]
    """

    module: Module
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    calls: tuple[Call, ...]
    steps: tuple[Step, ...]
    parameters: dict[Value, str]
    tensors: dict[Value, Tensor]
    computed: dict[Value, Value]
    stored: frozenset[Value] = frozenset()
    error: Exception | None = None
    returned: str = ""

    @cached_property
    def layers(self) -> tuple[Call, ...]:
        """The calls of layers, in order."""
        return tuple(call for call in self.calls if call.is_layer and call.outputs)

    @cached_property
    def graph(self) -> Graph:
        """Everything that leads to the outputs; parameters are inputs of it."""
        behind = {value for node in Graph((), self.outputs).nodes for value in node.inputs} | set(self.outputs)
        leaves = [value for value in behind if value.node is None and value not in self.inputs]
        known = {value: number for number, value in enumerate(self.parameters)}
        return Graph((*self.inputs, *sorted(leaves, key=lambda v: known.get(v, len(known)))), self.outputs)

    @cached_property
    def constants(self) -> dict[Value, Array]:
        """The numbers of the values that are neither made, nor inputs, nor parameters or buffers: lists of indices."""
        leaves = self.tensors.keys() - {*self.inputs, *self.parameters}
        return {value: np.asarray(self.tensors[value].detach().numpy()) for value in leaves}

    @cached_property
    def step_of(self) -> dict[Node, Step]:
        """The step that made a node."""
        return {step.node: step for step in self.steps}

    def own_nodes(self, call: Call) -> tuple[Node, ...]:
        """The operations of one call, without those of the modules it called."""
        index = self.calls.index(call)
        return tuple(step.node for step in self.steps if step.call == index)

    def multiply_adds(self, call: Call) -> int:
        """Multiply-adds of the operations of one call."""
        return sum(node.multiply_adds for node in self.own_nodes(call))

    def work(self, call: Call) -> int:
        """Multiply-adds of one call and of those that it made."""
        inside = [False] * len(self.calls)
        for index, each in enumerate(self.calls):
            inside[index] = each is call or (each.parent is not None and inside[each.parent])
        return sum(step.node.multiply_adds for step in self.steps if inside[step.call])

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.calls))


def trace(module: Module, *inputs: Input, training: bool | None = False, keep_error: bool = False) -> Trace:
    """The trace of `module` for inputs of these shapes: one sample (c, h, w), or a batch (n, c, h, w), or arrays.

    `training` is the mode the network is in meanwhile, None for the one that it has. Afterwards all that it remembers
    (running averages, attributes, its mode) is as before, and no random numbers are used up. With `keep_error` a pass
    that fails gives the trace up to the failure. Raises what the pass raises.

    >>> from knoll import nn
    >>> from knoll.analysis import trace
    >>> found = trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 32, 32))
    >>> [step.node.op.name for step in found.steps]
    ['conv2d', 'relu']
    """
    tracer = _Tracer(module)
    tensors = as_inputs(inputs, module)
    values = tuple(tracer.value_of(tensor) for tensor in tensors)
    result: Any = ()
    error: Exception | None = None
    with (
        unchanged(module),
        in_mode(module, training),
        tracer.listening(),
        random_numbers_kept(),
        enable_grad(),
        shapes_alone(),
    ):
        try:
            with recorded_by(tracer):
                result = module(*tensors)
        except Exception as failure:
            error = located(failure, Module.__call__.__code__) if isinstance(failure, KnollError) else failure
            if isinstance(failure, ShapeError):
                check_channels(module, inputs)
            if not keep_error:
                raise
        finally:
            tracer.put_back()
        stored = tracer.stored_in(module)
    outputs, calls, steps = tracer.values_in(result), tuple(tracer.calls), tuple(tracer.steps)
    known, returned = (tracer.names, tracer.tensors, tracer.computed), type(result).__name__
    return Trace(module, values, outputs, calls, steps, *known, stored, error, returned)


def check_channels(module: Module, inputs: Sequence[Input]) -> None:
    """Refuse two sizes where a network that failed would take them as rows and columns. Raises ArgumentError."""
    channels = input_channels(module)
    shape = inputs[0] if inputs and isinstance(inputs[0], tuple | list) and len(inputs[0]) == 2 else None
    if shape is not None and channels is not None and copy_if_lazy(module) is module:
        whole = (channels, *shape)
        if trace(module, whole, *inputs[1:], keep_error=True).error is None:
            raise no_image(tuple(shape), whole)


@contextmanager
def random_numbers_kept() -> Iterator[None]:
    """The generator goes on afterwards as if nothing had been drawn."""
    bits = generator().bit_generator
    before = bits.state
    try:
        yield
    finally:
        bits.state = before


@contextmanager
def in_mode(module: Module, training: bool | None) -> Iterator[None]:
    """The network in a mode for a while; each module has its own back afterwards."""
    before = {each: each.training for each in module.modules()}
    if training is not None:
        module.train(training)
    try:
        yield
    finally:
        for each, mode in before.items():
            each.training = mode


class _Tracer(Recorder):
    """A recording that remembers which module and which line made each node."""

    def __init__(self, module: Module) -> None:
        super().__init__(traces=True)
        self.module = module
        self.calls: list[Call] = []
        self.steps: list[Step] = []
        self.names: dict[Value, str] = {}
        self.computed: dict[Value, Value] = {}
        self._open: list[int] = []
        self._overwritten: dict[int, tuple[Array, Array]] = {}
        self._named = {id(tensor): name for name, tensor in (*module.named_parameters(), *module.named_buffers())}

    def before_writing(self, array: Array) -> None:
        """Keep the numbers, to put them back in the end."""
        self._overwritten.setdefault(id(array), (array, array.copy()))

    def put_back(self) -> None:
        """Give all numbers that were overwritten their values from before."""
        for array, copied in reversed(self._overwritten.values()):  # arrays may share memory: the oldest copy is last
            array[...] = copied

    def record(self, op: Op, tensors: tuple[T, ...], attributes: dict[str, Hashable]) -> tuple[T, ...]:
        """Add a node, and note who made it. Nothing is kept for a backward pass."""
        is_in_no_grad = not state.grad
        with grad_mode(False):
            results = super().record(op, tensors, attributes)
        for tensor in tensors:
            if id(tensor) in self._named:
                self.names.setdefault(self.value_of(tensor), self._named[id(tensor)])
        value = results[0]._value
        if value is not None and value.node is not None:
            call = self._open[-1] if self._open else 0
            self.steps.append(Step(value.node, call, users_place(), is_in_no_grad))
        return results

    @property
    def tensors(self) -> dict[Value, Tensor]:
        """What the graph begins with."""
        return {value: cast("Tensor", tensor) for tensor, value in self.leaves}

    def _compute(self, tensors: list[TensorBase], place: Callable[[], None] | None = None) -> None:
        """Compute these tensors, and note which values they were."""
        before = [(tensor, tensor._value) for tensor in tensors]
        for tensor in tensors:
            if tensor._destination is not None:
                self.before_writing(tensor._destination)
        for leaf in self.tensors.values():
            if leaf.numel() * leaf.dtype.itemsize > SMALL and 0 in leaf.stride():
                raise OutOfMemoryError(say("analysis.asks"), got=shape_text(leaf.shape))
        with shapes_alone(False):
            super()._compute(tensors, place)
        for tensor, value in before:
            if value is not None:
                self.computed[self.value_of(tensor)] = value

    def stored_in(self, module: Module) -> frozenset[Value]:
        """The values of this pass that a network has in its attributes."""
        kept = (each._value for each in tensors_kept(module) if each._recorder is self)
        return frozenset(value for value in kept if value is not None)

    def values_in(self, given: Any) -> tuple[Value, ...]:
        """The values of all tensors in what a call took or gave."""
        if isinstance(given, Tensor):
            return (self.value_of(given),)
        if isinstance(given, dict):
            given = tuple(given.values())
        if isinstance(given, (tuple, list)):
            return tuple(value for each in given for value in self.values_in(each))
        return ()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note every call of a module of the network."""
        handles = []
        for name, module in self.module.named_modules():
            handles.append(module.register_forward_pre_hook(self._begin(name), with_kwargs=True))
            handles.append(module.register_forward_hook(self._end))
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _begin(self, name: str) -> Callable[[Module, tuple[Any, ...], dict[str, Any]], None]:
        def begin(module: Module, given: tuple[Any, ...], named: dict[str, Any]) -> None:
            parent = self._open[-1] if self._open else None
            self._open.append(len(self.calls))
            self.calls.append(Call(name, module, parent, users_place(), self.values_in((given, named))))

        return begin

    def _end(self, _module: Module, _given: tuple[Any, ...], result: Any) -> None:
        index = self._open.pop()
        self.calls[index] = replace(self.calls[index], outputs=self.values_in(result))


def users_place() -> Place | None:
    """The line of code outside of Knoll that is being run."""
    frame = users_frame()
    return Place(frame.f_code.co_filename, frame.f_lineno) if frame is not None else None
