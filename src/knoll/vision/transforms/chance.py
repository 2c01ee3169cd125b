"""Random numbers of the sample that is being loaded, as transforms use them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knoll.data import draws
from knoll.errors import ArgumentError
from knoll.messages import say


def uniform(low: float, high: float) -> float:
    """A number from `low` to `high`."""
    return float(low + (high - low) * draws().uniform()[0])


def below(stop: int) -> int:
    """A whole number from 0 to `stop` − 1."""
    return int(draws().below(stop)[0])


def happens(p: float) -> bool:
    """True with probability `p`."""
    return bool(draws().uniform()[0] < p)


def order(n: int) -> list[int]:
    """The numbers from 0 to `n` − 1 in a random order, by the shuffle of Fisher and Yates."""
    places = list(range(n))
    for last in range(n - 1, 0, -1):
        other = below(last + 1)
        places[last], places[other] = places[other], places[last]
    return places


def probability(p: Any) -> float:
    """The number, if it is a probability. Raises ArgumentError."""
    if isinstance(p, bool) or not isinstance(p, int | float) or not 0 <= p <= 1:
        raise ArgumentError(say("vision.probability"), got=repr(p))
    return p


def choice(weights: Sequence[float]) -> int:
    """A place in the row of weights, each as likely as its weight says."""
    left = uniform(0, sum(weights))
    for place, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return place
    return len(weights) - 1


def generator() -> np.random.Generator:
    """A generator of NumPy for many numbers at once, which depends on the sample alone."""
    return np.random.default_rng(int(draws().below(1 << 32)[0]))


def shares(alpha: float, parts: int, n: int) -> NDArray[np.float32]:
    """Shares (n, parts) that sum to 1 in each row, of a symmetric Dirichlet distribution."""
    return generator().dirichlet([alpha] * parts, n).astype(np.float32)


def sides(area: float, scale: Sequence[float], ratio: Sequence[float]) -> Iterator[tuple[int, int]]:
    """The sides of ten rectangles: each a part `scale` of the area, its first side `ratio` times as long as its second.

    Proportions are drawn so that r and 1 / r are equally likely.
    """
    for _ in range(10):
        part = area * uniform(*scale)
        proportion = math.exp(uniform(math.log(ratio[0]), math.log(ratio[1])))
        yield round(math.sqrt(part * proportion)), round(math.sqrt(part / proportion))
