"""Unit gradients: those with which backward gives one row of a Jacobian after the other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from knoll.tensor import Tensor, tensor


def unit_gradients(y: Tensor) -> Iterator[Tensor]:
    """For each element of `y`, in reading order, a tensor of its shape and type that is 1 there and 0 elsewhere."""
    for place in range(y.numel()):
        dy = np.zeros(y.shape, y.dtype)
        dy.reshape(-1)[place] = 1
        yield tensor(dy)
