"""Adamax: Adam with the largest recent gradient in place of the root of a mean square."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.optim.checks import check_betas, check_flags, check_moments, check_ways
from knoll.optim.counting import Counting, effective, follow
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


class Adamax(Counting):
    """Adamax: Adam whose steps are divided by the largest gradient of late, in place of the root of a mean square.

    m ← β₁ · m + (1 − β₁) · g, u ← max(β₂ · u, |g| + eps), p ← p − lr / (1 − β₁ᵗ) · m / u at step t.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `betas`: how much of the former m and u stays at each step.
    - `eps`: added to |g|, so that nothing is divided by zero.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularization.
    - `maximize`: climb instead of descending.
    - `foreach`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.Adamax.html;
    Kingma and Ba, Adam, 2015.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.Adamax([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        check_betas(betas)
        settings = {"lr": lr, "betas": tuple(map(float, betas)), "eps": eps, "weight_decay": weight_decay}
        ways = {"foreach": foreach, "capturable": capturable, "differentiable": differentiable}
        super().__init__(params, {**settings, "maximize": maximize, **ways})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_moments(group)
        check_ways(group["foreach"], None, group["differentiable"])
        check_flags("Adamax", group, "maximize", "capturable")

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        numbers, count = param._realize(), self.counted(param)
        gradient = effective(numbers, gradient, group)
        first, second = group["betas"]
        mean, largest = self.held(param, "exp_avg"), self.held(param, "exp_inf")
        follow(mean, gradient, 1 - first)
        np.maximum(largest * second, np.abs(gradient) + group["eps"], out=largest)
        np.subtract(numbers, mean / largest * (float(group["lr"]) / (1 - first**count)), out=numbers)
