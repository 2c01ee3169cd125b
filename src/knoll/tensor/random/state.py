"""Where a generator of random numbers stands, as bytes that can be saved.

Fifteen little-endian words of 64 bits: a mark, the seed, and the state of NumPy's Philox.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.errors import ArgumentTypeError, StateError
from knoll.graph import Array
from knoll.messages import say
from knoll.tensor.base import TensorBase

_MARK = int.from_bytes(b"Philox64", "little")
_WORDS = np.dtype("<u8")
_BUFFER = 4  # words that Philox makes at once
_COUNT = 15


def packed(seed: int, state: Any) -> Array:
    """The bytes of a seed and a state of NumPy's Philox."""
    philox = state["state"]
    words = [_MARK, seed, *map(int, philox["counter"]), *map(int, philox["key"]), *map(int, state["buffer"])]
    words += [int(state["buffer_pos"]), int(state["has_uint32"]), int(state["uinteger"])]
    return np.array(words, _WORDS).view(np.uint8)


def unpacked(given: object) -> tuple[int, Any]:
    """The seed and the state behind bytes. Raises ArgumentTypeError, and StateError for bytes of another origin."""
    advice = say("tensor.random_state")
    if not isinstance(given, TensorBase):
        raise ArgumentTypeError(f"expected a torch.ByteTensor, but got {type(given).__name__}", advice=advice)
    array = given._realize()
    if array.dtype != np.uint8:
        raise ArgumentTypeError("RNG state must be a torch.ByteTensor", advice=advice)
    size = _COUNT * _WORDS.itemsize
    if array.size != size:
        raise StateError(
            f"Expected a CPUGeneratorImplState of size {size} but found the input RNG state size to be {array.size}",
            advice=advice,
        )
    words = np.frombuffer(array.tobytes(), _WORDS)
    position, has_half, half = map(int, words[-3:])
    if int(words[0]) != _MARK or position > _BUFFER or has_half > 1 or half >= 2**32:
        raise StateError("Invalid Philox state", advice=advice)
    return int(words[1]), {
        "bit_generator": "Philox",
        "state": {"counter": words[2:6].astype(np.uint64), "key": words[6:8].astype(np.uint64)},
        "buffer": words[8:12].astype(np.uint64),
        "buffer_pos": position,
        "has_uint32": has_half,
        "uinteger": half,
    }
