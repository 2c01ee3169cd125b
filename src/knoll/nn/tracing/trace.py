"""The graph of a module for so many samples, and the recording that it comes from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from knoll.graph import Array, Graph, Node, Op, Value
from knoll.nn.tracing.structure import Structure
from knoll.tensor import Tensor
from knoll.tensor.record import Recorder


@dataclass(frozen=True)
class Trace:
    """The graph of a module for so many samples, the tensors it begins with, and how what it takes and gives is built.

    The examples are the leaves numbered in `given`, in order. So many operations were `recorded`, those included on
    which no result depends.
    """

    samples: int
    graph: Graph
    leaves: tuple[Tensor, ...]
    given: tuple[int, ...]
    takes: Structure
    gives: Structure
    recorded: int


TraceOf = Callable[[int, int | None], Trace]  # of a number of samples, of at most so many operations


class TooLongError(Exception):
    """A trace of more operations than are worth it."""


class Tracer(Recorder):
    """The recording of a trace, of at most so many operations."""

    def __init__(self, most: int | None) -> None:
        super().__init__(traces=True)
        self._most = most

    def _node(self, op: Op, operands: tuple[Value, ...], attributes: dict[str, Hashable]) -> Node:
        if self._most is not None and len(self._nodes) >= self._most:
            raise TooLongError
        return super()._node(op, operands, attributes)


def placeholder(shape: tuple[int, ...], dtype: Any) -> Array:
    """An array whose numbers nobody reads, without memory for each."""
    return np.broadcast_to(np.zeros((), dtype), shape)
