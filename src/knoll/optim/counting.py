"""Counting: the base of optimisers that count the steps of each parameter and keep running means of its gradients."""

from __future__ import annotations

import numpy as np

from knoll.graph import Array
from knoll.optim.optimizer import Group, Optimizer
from knoll.tensor import Tensor


class Counting(Optimizer):
    """Base of optimisers that remember, beside the number of steps, arrays in the shape of the parameter."""

    def counted(self, param: Tensor) -> float:
        """The number of this step of the parameter, from 1."""
        remembered = self.state[param]
        if "step" not in remembered:
            remembered["step"] = Tensor._over(np.zeros((), np.float32))
        step = remembered["step"]._realize()
        step += 1
        return float(step)

    def held(self, param: Tensor, name: str, first: float = 0.0) -> Array:
        """What is remembered under a name; `first` everywhere at the first step, and where a state lacks it."""
        remembered = self.state[param]
        if name not in remembered:
            remembered[name] = Tensor._over(np.full_like(param._realize(), first, order="C"))
        numbers: Array = remembered[name]._realize()
        return numbers


def effective(numbers: Array, gradient: Array, group: Group) -> Array:
    """The gradient with its sign and its weight decay; a decoupled one is taken at once."""
    decay = group["weight_decay"]
    if group["maximize"]:
        gradient = -gradient
    if decay == 0:
        return gradient
    if group.get("decoupled_weight_decay"):
        np.multiply(numbers, 1 - float(group["lr"]) * decay, out=numbers)
        return gradient
    return np.asarray(gradient + numbers * decay)


def follow(mean: Array, new: Array, share: float) -> Array:
    """Let a running mean go a share of the way to something new, in place."""
    np.add(mean, (new - mean) * share, out=mean)
    return mean


def follow_square(mean: Array, gradient: Array, kept: float) -> Array:
    """Let a running mean of squares keep a share, and take the rest from a new square, in place."""
    np.multiply(mean, kept, out=mean)
    np.add(mean, gradient * gradient * (1 - kept), out=mean)
    return mean
