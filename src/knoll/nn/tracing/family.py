"""A family of graphs: what a module computes for any number of samples, made of two of its traces."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from knoll.errors import KnollError
from knoll.graph import Array, Graph
from knoll.nn.tracing.trace import Trace
from knoll.tensor import Tensor


class NotAFamilyError(Exception):
    """Traces that do not differ in the number of samples alone."""


@dataclass(frozen=True)
class Family(ABC):
    """The graphs of a module, made of two traces of it, the first of which has more samples.

    `batched` are the examples that have them.
    """

    one: Trace
    two: Trace
    batched: tuple[int, ...]
    unit: int = 1  # of which the number of samples is a multiple
    is_one_program: ClassVar[bool]  # whether machine code for one of the graphs computes all of them

    @abstractmethod
    def at(self, samples: int) -> Trace:
        """The trace with so many samples. Raises NotAFamilyError, KnollError."""

    def has(self, trace: Trace | Exception) -> bool:
        """Whether this is the trace that the family has for its number of samples."""
        if isinstance(trace, Exception) or trace.samples % self.unit:
            return False
        try:
            own = self.at(trace.samples)
        except (NotAFamilyError, KnollError, ValueError, IndexError):
            return False
        other = self._in_form(trace)
        if other is None or own.given != other.given or own.gives != other.gives:
            return False
        if _operations(own.graph) != _operations(other.graph):
            return False
        return all(
            place in own.given or _same_numbers(a, b)
            for place, (a, b) in enumerate(zip(own.leaves, other.leaves, strict=True))
        )

    def _in_form(self, trace: Trace) -> Trace | None:
        """A trace in the form that those of the family have."""
        return trace if len(trace.leaves) == len(self.one.leaves) else None


def same_elements(a: Array, b: Array) -> bool:
    return np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _same_numbers(a: Tensor, b: Tensor) -> bool:
    return a is b or (a._dtype == b._dtype and same_elements(a._realize(), b._realize()))


def _operations(graph: Graph) -> tuple[list[Any], ...]:
    """What begins, what is done to what, and what comes out.

    Without attributes that follow from the number of samples.
    """
    nodes = [
        (
            node.op.name,
            [graph.numbers[value] for value in node.inputs],
            node.attributes if node.op.rebatched is None else node.per_sample,
            node.specs,
        )
        for node in graph.nodes
    ]
    return [value.spec for value in graph.inputs], nodes, [graph.numbers[value] for value in graph.outputs]
