"""What the words about a layer are made from: the layer, its arguments, and the trace of one call of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from knoll.analysis import Call, Trace, arguments_of
from knoll.analysis.arguments import layer_kind
from knoll.analysis.transformer_arguments import OF_POSITIONS, samples_axis
from knoll.graph import Node, Shape, Spec
from knoll.nn import Module


@dataclass(frozen=True, eq=False)
class Facts:
    """A layer that is explained, and one call of it.

    `kind` is the class that it was made as: a lazy layer becomes another with its first input.
    """

    call: Call
    trace: Trace
    kind: type[Module]

    @property
    def layer(self) -> Module:
        """The layer."""
        return self.call.module

    @cached_property
    def arguments(self) -> dict[str, Any]:
        """What it was made with."""
        return arguments_of(self.layer, layer_kind(type(self.layer)))

    @property
    def input(self) -> Spec:
        """The first tensor that it was given."""
        return self.call.input

    @property
    def output(self) -> Spec:
        """The first tensor that it gave."""
        return self.call.output

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The operations that it is made of."""
        return self.trace.own_nodes(self.call)

    @cached_property
    def multiply_adds(self) -> int:
        """Its multiply-adds, for one sample."""
        return self.trace.work(self.call) // samples_in(self.layer, self.input.shape)

    @cached_property
    def parameters(self) -> int:
        """How many numbers it learns."""
        return sum(parameter.numel() for parameter in self.layer.parameters())

    def pair(self, name: str) -> tuple[int, int]:
        """An argument that is one number for rows and columns, or one for each."""
        value = self.arguments[name]
        return (value, value) if isinstance(value, int) else value


def samples_in(layer: Module, shape: Shape) -> int:
    """How many samples an input holds, at least one: they are the first axis, but with `batch_first=False` the second.

    >>> from knoll import nn
    >>> samples_in(nn.ReLU(), (64, 8)), samples_in(nn.MultiheadAttention(8, 2), (4, 3, 8))
    (64, 3)
    >>> samples_in(nn.MultiheadAttention(8, 2), (4, 8))
    1
    """
    if isinstance(layer, OF_POSITIONS) and len(shape) < 3:  # one without its axis
        return 1
    axis = samples_axis(layer)
    return max((*shape[axis : axis + 1], 1))
