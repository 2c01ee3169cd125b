"""What one number of a layer's output is made of, and where its gradient goes.

Plain data; `cell_search.py` finds it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Index = tuple[int, ...]
Rule = Literal["sum", "mean", "max", "copy", "scale", "normalise", "softmax", "log_softmax", "function"]


@dataclass(frozen=True, slots=True)
class Term:
    """One part of a number: an element of the input, and what it counts.

    `source` is the element's index in the input, None for padding; then `value` is what padding holds. `weight` is the
    index of the number in the layer's `weight` that it is multiplied by, None where the factor is no parameter.
    """

    source: Index | None
    value: float
    factor: float = 1.0
    weight: Index | None = None

    @property
    def product(self) -> float:
        """The value times the factor."""
        return self.value * self.factor


@dataclass(frozen=True, slots=True)
class Normalisation:
    """What a normalisation does with an element: (x − mean) / √(variance + epsilon) · scale + shift.

    Unless it is `centred`, no mean is taken off: it is 0, and the variance is the mean of the squares.
    """

    mean: float
    variance: float
    epsilon: float
    scale: float
    shift: float
    centred: bool = True

    def of(self, x: float) -> float:
        """The normalised number."""
        return (x - self.mean) / math.sqrt(self.variance + self.epsilon) * self.scale + self.shift


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a layer's output, and what it is made of.

    rule          result
    sum           the products of the terms, added, plus `bias`
    mean          the values of the terms, added, divided by `divisor`
    max           the value of the term numbered `chosen`
    copy          the value of the only term, 0 without one
    scale         the product of the only term (dropout), plus `bias`
    normalise     `normalisation` of the term numbered `chosen`, else of the only one
    softmax       exp of the term numbered `chosen`, divided by the sum of exp over all terms
    log_softmax   the logarithm of that
    function      what the layer makes of the values of the terms; the factor of each is its slope

    A loss that was reduced has the losses before that as its terms: then `of_losses`, and sources are indices of them.
    """

    index: Index
    rule: Rule
    terms: tuple[Term, ...]
    result: float
    bias: float | None = None
    divisor: float | None = None
    chosen: int | None = None
    normalisation: Normalisation | None = None
    of_losses: bool = False

    def recomputed(self) -> float:
        """The result once more, from the terms by the rule."""
        values = [term.value for term in self.terms]
        match self.rule:
            case "sum" | "scale":
                return math.fsum(term.product for term in self.terms) + (self.bias or 0.0)
            case "mean":
                return math.fsum(term.product for term in self.terms) / (self.divisor or math.nan)
            case "softmax" | "log_softmax":
                whole = math.fsum(math.exp(value - max(values)) for value in values)
                share = values[self.chosen or 0] - max(values) - math.log(whole)
                return share if self.rule == "log_softmax" else math.exp(share)
            case "normalise":
                return self.normalisation.of(values[self.chosen or 0]) if self.normalisation else math.nan
            case "function":
                return self.result
        return values[self.chosen or 0] if values else 0.0


@dataclass(frozen=True, slots=True)
class Share:
    """How much of the gradient of an output reaches one number: an element of the input, or of a parameter."""

    index: Index
    factor: float
    amount: float


@dataclass(frozen=True, slots=True)
class Spread:
    """Where the gradient `dy` of one number of the output goes.

    `inputs` are the elements of the first input that the number depends on, each with its slope and dy times the slope;
    `parameters` those of each parameter, by its name, whose slope is not zero.
    """

    index: Index
    dy: float
    inputs: tuple[Share, ...]
    parameters: dict[str, tuple[Share, ...]]
