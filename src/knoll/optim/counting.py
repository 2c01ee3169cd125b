"""Counting: the base of optimisers that remember numbers and arrays of each parameter."""

from __future__ import annotations

import numpy as np

from knoll.graph import Array
from knoll.optim.optimizer import Optimizer
from knoll.tensor import Tensor


class Counting(Optimizer):
    """Base of optimisers that remember, beside the number of steps, arrays in the shape of the parameter."""

    def counted(self, param: Tensor) -> float:
        """The number of this step of the parameter, from 1."""
        step = self.number(param, "step", 0.0)
        step += 1
        return float(step)

    def number(self, param: Tensor, name: str, first: float) -> Array:
        """A single number that is remembered, as float32; `first` at the first step."""
        remembered = self.state[param]
        if name not in remembered:
            remembered[name] = Tensor._over(np.array(first, np.float32))
        number: Array = remembered[name]._realize()
        return number

    def held(self, param: Tensor, name: str, first: float = 0.0) -> Array:
        """What is remembered under a name; `first` everywhere at the first step, and where a state lacks it."""
        remembered = self.state[param]
        if remembered.get(name) is None:
            remembered[name] = Tensor._over(np.full_like(param._realize(), first, order="C"))
        numbers: Array = remembered[name]._realize()
        return numbers


def follow(mean: Array, new: Array, share: float) -> Array:
    """Let a running mean go a share of the way to something new, in place."""
    np.add(mean, (new - mean) * share, out=mean)
    return mean
