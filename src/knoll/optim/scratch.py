"""Memory for intermediate results of an update, used over and over."""

from __future__ import annotations

from typing import Any

import numpy as np

from knoll.graph import Array


class Scratch:
    """One flat array for each element type, seen in the shape of whatever is being updated."""

    def __init__(self) -> None:
        self._flat: dict[np.dtype[Any], Array] = {}
        self._seen: dict[tuple[tuple[int, ...], np.dtype[Any]], Array] = {}

    def like(self, array: Array) -> Array:
        """Memory in the shape and element type of `array`; what it holds is anybody's guess."""
        key = (array.shape, array.dtype)
        found = self._seen.get(key)
        if found is None:
            flat = self._flat.get(array.dtype)
            if flat is None or flat.size < array.size:
                flat = self._flat[array.dtype] = np.empty(array.size, array.dtype)
                self._seen = {known: view for known, view in self._seen.items() if known[1] != array.dtype}
            found = self._seen[key] = flat[: array.size].reshape(array.shape)
        return found
