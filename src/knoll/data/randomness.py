"""Random numbers that depend on the seed, the epoch and the sample, and on nothing else.

A counter-based generator has no state that threads could fight for: the number is a function of where it is used. A
sample therefore gets the same crop whichever thread loads it, in whatever batch, alone or with others.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
from numpy.typing import NDArray

from knoll.errors import ArgumentTypeError
from knoll.locks import renewed
from knoll.messages import say
from knoll.tensor.arguments import integer, integers
from knoll.tensor.random.generator import generator

WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)
_ROUNDS = 10
_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_KEY_STEPS = (0x9E3779B9, 0xBB67AE85)

Words = NDArray[np.uint64]


def philox(counter: tuple[Words, Words, Words, Words], key: int) -> tuple[Words, Words, Words, Words]:
    """Four random 32-bit words for each counter of four 32-bit words, under a 64-bit key.

    Words stand in uint64 arrays, so that the product of two fits. Philox4x32-10 of Salmon, Moraes, Dror and Shaw,
    "Parallel random numbers: as easy as 1, 2, 3", SC 2011.

    >>> zero = np.zeros(1, np.uint64)
    >>> [f"{int(word[0]):08x}" for word in philox((zero, zero, zero, zero), key=0)]
    ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    a, b, c, d = counter
    low_key, high_key = key & 0xFFFFFFFF, key >> 32 & 0xFFFFFFFF
    for _ in range(_ROUNDS):
        first, second = _MULTIPLIERS[0] * a, _MULTIPLIERS[1] * c
        a = (second >> _HALF) ^ b ^ np.uint64(low_key)
        c = (first >> _HALF) ^ d ^ np.uint64(high_key)
        b, d = second & WORD, first & WORD
        low_key = low_key + _KEY_STEPS[0] & 0xFFFFFFFF
        high_key = high_key + _KEY_STEPS[1] & 0xFFFFFFFF
    return a, b, c, d


class Draws:
    """The random numbers of some samples in one epoch: each call gives the next number of every sample.

    Shapes: `indices` (n,) are the places of the samples in the data set; every draw has shape (n,).

    >>> from knoll.data import Draws
    >>> together = Draws(seed=1, epoch=0, indices=[4, 9])
    >>> alone = Draws(seed=1, epoch=0, indices=[9])
    >>> bool(together.uniform()[1] == alone.uniform()[0])
    True
    """

    def __init__(self, seed: int, epoch: int, indices: NDArray[np.int64] | list[int]) -> None:
        self._key = integer(seed, "Draws", "seed")
        self._epoch = np.uint64(integer(epoch, "Draws", "epoch") % 2**64)
        places = indices if isinstance(indices, np.ndarray) else integers(indices, "Draws", "indices")
        if isinstance(places, np.ndarray) and places.dtype.kind not in "iu":
            raise ArgumentTypeError(f"Draws(): argument 'indices' must be tuple of ints, not {places.dtype}")
        self._indices = np.asarray(places, np.int64).astype(np.uint64)
        self._block = 0
        self._words: list[Words] = []
        self._lock = renewed(self, "_lock", threading.Lock)

    def _next(self) -> Words:
        with self._lock:
            if not self._words:
                index = self._indices
                place = (
                    index & WORD,
                    index >> _HALF,
                    np.full_like(index, self._epoch),
                    np.full_like(index, self._block),
                )
                self._words = list(philox(place, self._key))
                self._block += 1
            return self._words.pop(0)

    def uniform(self) -> NDArray[np.float64]:
        """The next number of each sample, in [0, 1), in steps of 2⁻³²."""
        return self._next() * np.float64(2.0**-32)

    def below(self, stop: int) -> NDArray[np.int64]:
        """The next whole number of each sample, in [0, stop)."""
        # Lemire's multiplication instead of a remainder: stop is a number of pixels, far below 2³².
        return (self._next() * np.uint64(stop) >> _HALF).astype(np.int64)


def permutation(n: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """The numbers 0..n-1 in an order that belongs to this seed and epoch: samples sorted by a random number each."""
    # Block 2³²-1 is one that no draw of a transform reaches.
    index = np.arange(n, dtype=np.uint64)
    place = (index & WORD, index >> _HALF, np.full_like(index, epoch), np.full_like(index, WORD))
    high, low, _, _ = philox(place, seed)
    return np.argsort(high << _HALF | low, kind="stable").astype(np.int64)


def fresh_seed() -> int:
    """A new seed, from the generator that `knoll.manual_seed` seeds."""
    return drawn_seed(None)


def drawn_seed(source: np.random.Generator | None, given: int | None = None) -> int:
    """The seed that was given; else a new one from this generator, or from that which `knoll.manual_seed` seeds.

    Raises ArgumentTypeError for a seed that is no whole number, and for anything that is no generator.
    """
    if given is not None:
        if isinstance(given, bool) or not isinstance(given, int | np.integer):
            raise ArgumentTypeError(say("data.seed", name=type(given).__name__), got=repr(given))
        return int(given)
    if source is not None and not isinstance(source, np.random.Generator):
        raise ArgumentTypeError(
            f"Expected a 'Generator' object for argument 'generator' but found {type(source).__name__}",
            advice=say("data.generator"),
        )
    return int((generator() if source is None else source).integers(1 << 63))


_current: ContextVar[Draws | None] = ContextVar("draws", default=None)


def draws() -> Draws:
    """The numbers that random transforms use here: those of the samples being loaded, else new ones at every call."""
    return _current.get() or Draws(fresh_seed(), epoch=0, indices=[0])


@contextmanager
def drawing(numbers: Draws) -> Iterator[None]:
    """Let random transforms use these numbers inside the block.

    >>> from knoll.data import Draws, drawing, draws
    >>> with drawing(Draws(seed=7, epoch=2, indices=[31])):
    ...     first = draws().uniform()
    >>> bool(first == Draws(seed=7, epoch=2, indices=[31]).uniform())
    True
    """
    token = _current.set(numbers)
    try:
        yield
    finally:
        _current.reset(token)
