"""The parts of an explanation: plain data, from which text, pages and pictures are made.

Sentences are kept as entries of the catalogue with their numbers, so that one explanation can be read in either
language.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph import Shape
from knoll.messages import Sentence

Option = int | float | bool | str | None | tuple["Option", ...]
"""The value of an argument."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of the layer with another value of one argument: its output, parameters and work for one sample.

    `output` is None where the layer is impossible; `reason` is then the first line of its error.
    """

    value: Option
    output: Shape | None = None
    parameters: int = 0
    multiply_adds: int = 0
    written: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ParameterNote:
    """One argument of the layer: its value, what it means here, what other values would change, what to beware of."""

    name: str
    value: Option
    default: Option
    is_required: bool
    words: tuple[Sentence, ...]
    effects: tuple[Effect, ...] = ()
    trap: Sentence | None = None


@dataclass(frozen=True, slots=True)
class SizeStep:
    """The size of one axis of the output, worked out: the formula, then the same with its numbers, step by step."""

    axis: str
    lines: tuple[str, ...]
    result: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What one sample costs.

    A multiply-add is one multiplication and one addition; FLOPs count both, so they are twice as many.
    `weight_bytes` and `output_bytes` are the memory of the parameters and of the result of one sample.
    """

    parameters: int
    multiply_adds: int
    weight_bytes: int
    output_bytes: int

    @property
    def flops(self) -> int:
        """Floating-point operations: two for each multiply-add."""
        return 2 * self.multiply_adds
