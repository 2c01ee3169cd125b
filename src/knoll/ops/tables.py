"""A linear map along one axis, as a sparse table: which places each result sums, and how much each counts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

Places = tuple[int, ...]
Weights = tuple[float, ...]


@dataclass(frozen=True)
class Table:
    """Result j is the sum of `weights[j]` times what stands at `places[j]`, divided by `divisors[j]`.

    The axis that it reads has `size` places. A place that is not listed is never looked at, so that no infinity meets a
    weight of zero.
    """

    size: int
    places: tuple[Places, ...]
    weights: tuple[Weights, ...]
    divisors: Weights

    @classmethod
    def of_places(cls, size: int, places: tuple[Places, ...], divisors: Weights | None = None) -> Table:
        """Places that count once each; without `divisors`, sums stay sums."""
        return cls(size, places, tuple((1.0,) * len(each) for each in places), divisors or (1.0,) * len(places))

    @cached_property
    def taps(self) -> int:
        """How many places all results read together."""
        return sum(map(len, self.places))

    @cached_property
    def most(self) -> int:
        """The most places that one result reads."""
        return max(map(len, self.places), default=0)

    @cached_property
    def weighs(self) -> bool:
        """Whether places count differently."""
        return any(weight != 1 for weights in self.weights for weight in weights)

    @cached_property
    def divisor(self) -> float | None:
        """What all results are divided by; None if they differ."""
        different = set(self.divisors)
        return different.pop() if len(different) == 1 else 1.0 if not different else None

    def transposed(self) -> Table:
        """The map that carries gradients back: each place sums the results that read it.

        >>> Table.of_places(3, ((0, 1), (1, 2)), (2.0, 2.0)).transposed().places
        ((0,), (0, 1), (1,))
        """
        readers: list[list[tuple[int, float]]] = [[] for _ in range(self.size)]
        share = self.divisor
        for result, (places, weights) in enumerate(zip(self.places, self.weights, strict=True)):
            for place, weight in zip(places, weights, strict=True):
                readers[place].append((result, weight if share is not None else weight / self.divisors[result]))
        results = tuple(tuple(result for result, _ in each) for each in readers)
        back = tuple(tuple(weight for _, weight in each) for each in readers)
        return Table(len(self.places), results, back, (1.0 if share is None else share,) * self.size)
