"""Rprop: steps by the sign of the gradient alone, longer while it stays, shorter when it changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Array
from knoll.messages import say
from knoll.optim.checks import check_factor, check_flags, check_learning_rate, check_ways
from knoll.optim.counting import Counting
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


class Rprop(Counting):
    """Rprop: resilient backpropagation: each element has a step of its own, and only the sign of its gradient counts.

    s ← s · η⁺ where g has the sign that it had before, s ← s · η⁻ where it changed, within `step_sizes`;
    p ← p − s · sign(g). Where the sign changed p stays, and g counts as 0 in the next step. The gradients have to be
    those of all samples together: signs of small batches change by chance.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the first step of each element.
    - `etas`: η⁻ and η⁺, by which a step becomes shorter and longer.
    - `step_sizes`: the shortest and the longest step.
    - `maximize`: climb instead of descending.
    - `foreach`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.Rprop.html;
    Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.Rprop([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        settings = {"lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach, "maximize": maximize}
        super().__init__(params, {**settings, "differentiable": differentiable, "capturable": capturable})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_learning_rate(group["lr"])
        for name in ("etas", "step_sizes"):
            pair = group[name]
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise ArgumentTypeError(say("optim.pair", name=name), got=repr(pair))
            for value in pair:
                check_factor(name, value)
        shorter, longer = group["etas"]
        if not 0.0 < shorter < 1.0 < longer:
            raise ArgumentError(f"Invalid eta values: {shorter}, {longer}", expected="0 < η⁻ < 1 < η⁺")
        check_ways(group["foreach"], None, group["differentiable"])
        check_flags("Rprop", group, "maximize", "capturable")

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        numbers = param._realize()
        self.counted(param)
        former = self.held(param, "prev")
        steps = self.held(param, "step_size", float(group["lr"]))
        gradient = -gradient if group["maximize"] else gradient
        shorter, longer = group["etas"]
        agrees = np.sign(gradient * former)
        factors = np.where(agrees > 0, longer, np.where(agrees < 0, shorter, 1.0))
        np.clip(np.multiply(steps, factors.astype(steps.dtype), out=steps), *group["step_sizes"], out=steps)
        np.copyto(former, np.where(agrees < 0, 0, gradient))
        np.subtract(numbers, np.sign(former) * steps, out=numbers)
