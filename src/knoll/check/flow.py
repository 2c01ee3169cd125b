"""A trace as a flow of values: who reads what, what depends on the input, what leads to the output."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from knoll.analysis import Call, Step, Trace
from knoll.graph import Array, Value
from knoll.nn import Module
from knoll.ops.resample.axes import Adaptive

LEARNED = frozenset({"linear", "conv2d", "conv_transpose2d"})


@dataclass(frozen=True, eq=False)
class Flow:
    """What a trace says of values. A value that was computed on the way and went on as numbers is still the same one.

    >>> from knoll import nn
    >>> from knoll.analysis import trace
    >>> flow = Flow(trace(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU()), (3, 8, 8)))
    >>> [step.node.op.name for step in flow.learned]
    ['conv2d']
    """

    trace: Trace

    def same(self, value: Value) -> Value:
        """The value as it was first recorded."""
        while value in self.trace.computed:
            value = self.trace.computed[value]
        return value

    def operands(self, step: Step) -> tuple[Value, ...]:
        """What a step reads."""
        return tuple(self.same(value) for value in step.node.inputs)

    @cached_property
    def outputs(self) -> tuple[Value, ...]:
        """What the network gives."""
        return tuple(self.same(value) for value in self.trace.outputs)

    @cached_property
    def constants(self) -> dict[Value, Array]:
        """The numbers that the network reads and that are neither its input nor a parameter, as a dropout's mask."""
        known = {*self.trace.inputs, *self.trace.parameters, *self.trace.computed}
        return {value: tensor.detach().numpy() for value, tensor in self.trace.tensors.items() if value not in known}

    @cached_property
    def readers(self) -> dict[Value, list[Step]]:
        """The steps that read each value."""
        readers: dict[Value, list[Step]] = {}
        for step in self.trace.steps:
            for value in dict.fromkeys(self.operands(step)):
                readers.setdefault(value, []).append(step)
        return readers

    def live_readers(self, value: Value) -> list[Step]:
        """The steps that read a value and lead to the output."""
        return [step for step in self.readers.get(value, []) if step in self.live]

    @cached_property
    def made_by(self) -> dict[Value, Step]:
        """The step that makes each value."""
        return {value: step for step in self.trace.steps for value in step.node.outputs}

    @cached_property
    def data(self) -> frozenset[Value]:
        """The values that depend on the input."""
        found = set(self.trace.inputs)
        for step in self.trace.steps:
            if any(value in found for value in self.operands(step)):
                found.update(step.node.outputs)
        return frozenset(found)

    def data_operands(self, step: Step) -> tuple[Value, ...]:
        """What a step reads that depends on the input."""
        return tuple(value for value in self.operands(step) if value in self.data)

    def only_data(self, step: Step) -> Value | None:
        """The one thing that a step reads that depends on the input; None if there are more."""
        read = self.data_operands(step)
        return read[0] if len(read) == 1 else None

    @cached_property
    def live(self) -> frozenset[Step]:
        """The steps that lead to the output."""
        return frozenset(self.behind(self.outputs))

    def behind(self, values: Iterable[Value]) -> Iterator[Step]:
        """The steps that lead to some values."""
        waiting, seen = list(values), set[Step]()
        while waiting:
            step = self.made_by.get(waiting.pop())
            if step is not None and step not in seen:
                seen.add(step)
                waiting += self.operands(step)
                yield step

    @cached_property
    def learned(self) -> tuple[Step, ...]:
        """The linear layers and convolutions on the way to the output whose weights come from parameters."""
        return tuple(step for step in self.trace.steps if step in self.live and self.is_learned(step))

    def is_learned(self, step: Step) -> bool:
        """Whether a step multiplies data with weights of the network."""
        if step.node.op.name not in LEARNED:
            return False
        x, w = self.operands(step)[:2]
        return x in self.data and w not in self.data and bool(self.parameters_behind(w))

    def parameters_behind(self, value: Value) -> set[str]:
        """The names of the parameters that a value is made of."""
        leaves = [value, *(operand for step in self.behind([value]) for operand in self.operands(step))]
        return {self.trace.parameters[leaf] for leaf in leaves if leaf in self.trace.parameters}

    def uses_of_weight(self, step: Step) -> int:
        """How many steps read the weight of this one."""
        return len(self.readers[self.operands(step)[1]])

    def call(self, step: Step) -> Call:
        """The call of the innermost module that a step belongs to."""
        return self.trace.calls[step.call]

    def layer(self, step: Step) -> Module | None:
        """The layer of Knoll's that made a step; None for a function that a module of the user's called."""
        module = self.call(step).module
        return module if type(module).__module__.startswith("knoll.nn") and self.call(step).is_layer else None

    def label(self, step: Step) -> str:
        """What a reader calls a step: the layer with its name, or the operation with its line."""
        layer, call = self.layer(step), self.call(step)
        if layer is not None:
            return f"{call.kind} {call.name}".strip()
        place = f" ({step.place.short}:{step.place.line})" if step.place else ""
        name = "dropout" if any(map(self.is_mask, step.node.inputs)) else step.node.op.name
        return f"{name}{place}"

    def is_mask(self, value: Value) -> bool:
        """Whether a value is the mask of a dropout: zeros, and one other number that is larger than 1."""
        return value in self.constants and is_mask(self.constants[value])

    def dropouts(self) -> Iterator[tuple[Step, Value, Value]]:
        """The steps that drop: each with what it reads and its mask."""
        for step in self.trace.steps:
            if step.node.op.name == "multiply" and step in self.live:
                x, mask = self.operands(step)
                if x in self.data and self.is_mask(mask):
                    yield step, x, mask


def is_mask(array: Array) -> bool:
    """Whether an array holds zeros and one other number that is larger than 1, and nothing else."""
    if array.dtype.kind != "f" or array.size < 2:
        return False
    array = array[tuple(slice(0, None if step else 1) for step in array.strides)]  # each number once
    top = array.max()
    return bool(top > 1) and bool(((array == 0) | (array == top)).all()) and bool(np.isfinite(top))


def averages_all(step: Step) -> bool:
    """Whether a step averages over all pixels, however many there are."""
    name, given = step.node.op.name, step.node.attributes
    if name == "mean":
        return step.node.inputs[0].spec.rank == 4 and {2, 3} <= {*given["axes"]}
    return name == "adaptive_max_pool2d" or (name == "resample2d" and isinstance(given["rows"], Adaptive))
