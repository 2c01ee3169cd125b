"""Update rules: how one step of an optimiser changes each element of a parameter, and of what it remembers of it.

A rule is written once, as a formula. Kernels evaluate it in registers; its `meaning` evaluates it in NumPy, by a graph
of elementwise operations.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from knoll.graph import Array, Graph, Value, evaluate, spec_of
from knoll.ops.formula import Arithmetic, V
from knoll.ops.graph_arithmetic import Element, GraphArithmetic
from knoll.ops.quiet import quietly


@dataclass(frozen=True)
class UpdateRule(ABC):
    """A rule, whose fields say which terms its formula has; `name` is its optimiser's, in lower case."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def remembered(self) -> tuple[str, ...]:
        """The names of the arrays in the shape of the parameter that a step reads and writes."""

    @property
    @abstractmethod
    def factors(self) -> tuple[str, ...]:
        """The names of the numbers that are the same for all elements, and may change from step to step."""

    @abstractmethod
    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """The parameter's elements after a step, and what is remembered then; g are those of the gradient."""

    @property
    def arrays(self) -> int:
        """How many arrays a step works on: the parameter, its gradient, and what is remembered."""
        return 2 + len(self.remembered)

    def meaning(self, arrays: Sequence[Array], factors: Mapping[str, float]) -> list[Array]:
        """New arrays in the place of all but the gradient: what kernels compute, in plain NumPy."""
        numbers = [np.asarray(factors[name], arrays[0].dtype) for name in self.factors]
        values = [Value(spec_of(array)) for array in (*arrays, *numbers)]
        p, g, *rest = map(Element, values)
        count = len(self.remembered)
        named = dict(zip(self.factors, rest[count:], strict=True))
        results = self.updated(GraphArithmetic(values[0]), p, g, rest[:count], named)
        graph = Graph(tuple(values), tuple(result.value for result in results))
        return quietly(evaluate, graph, [*arrays, *numbers])
