"""Adam: steps as long as the gradient is steady."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.optim.checks import check_betas, check_flags, check_moments, check_ways
from knoll.optim.optimizer import Group, Optimizer
from knoll.optim.scratch import Scratch
from knoll.tensor import Tensor


class Adam(Optimizer):
    """Adam: gradient descent with a step for each element, by running means of its gradient and of its square.

    m ← β₁ · m + (1 − β₁) · g, v ← β₂ · v + (1 − β₂) · g², p ← p − lr · m̂ / (√v̂ + eps), where m̂ = m / (1 − β₁ᵗ) and
    v̂ = v / (1 − β₂ᵗ) correct the start from zero at step t.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate, near the size of a step; a tensor of one element may change between steps.
    - `betas`: how much of the former m and v stays at each step.
    - `eps`: added to √v̂, so that nothing is divided by zero.
    - `weight_decay`: g ← g + weight_decay · p; with `decoupled_weight_decay` p ← (1 − lr · weight_decay) · p, as
      in `AdamW`.
    - `amsgrad`: use the largest v so far in place of v.
    - `maximize`: climb instead of descending.
    - `foreach`, `fused`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.Adam.html; Kingma and Ba, Adam, 2015.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.Adam([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        amsgrad: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:
        check_betas(betas)
        settings = {"lr": lr, "betas": tuple(map(float, betas)), "eps": eps, "weight_decay": weight_decay}
        ways = {"foreach": foreach, "capturable": capturable, "differentiable": differentiable, "fused": fused}
        rules = {"amsgrad": amsgrad, "maximize": maximize, "decoupled_weight_decay": decoupled_weight_decay}
        self._scratch, self._seen = Scratch(), Scratch()
        super().__init__(params, {**settings, **rules, **ways})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_moments(group)
        check_ways(group["foreach"], group["fused"], group["differentiable"])
        check_flags("Adam", group, "amsgrad", "maximize", "decoupled_weight_decay", "capturable")

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        numbers = param._realize()
        remembered = self._remembered(param, group)
        step = remembered["step"]._realize()
        step += 1
        count = float(step)
        first, second = group["betas"]
        gradient = self._effective(numbers, gradient, group)
        mean, squares = remembered["exp_avg"]._realize(), remembered["exp_avg_sq"]._realize()
        scratch = self._scratch.like(numbers)
        np.subtract(gradient, mean, out=scratch)
        np.multiply(scratch, 1 - first, out=scratch)
        np.add(mean, scratch, out=mean)
        np.multiply(squares, second, out=squares)
        np.multiply(gradient, 1 - second, out=scratch)
        np.multiply(scratch, gradient, out=scratch)
        np.add(squares, scratch, out=squares)
        if group["amsgrad"]:
            highest = remembered["max_exp_avg_sq"]._realize()
            squares = np.maximum(highest, squares, out=highest)
        np.sqrt(squares, out=scratch)
        np.divide(scratch, math.sqrt(1 - second**count), out=scratch)
        np.add(scratch, group["eps"], out=scratch)
        np.divide(mean, scratch, out=scratch)
        np.multiply(scratch, float(group["lr"]) / (1 - first**count), out=scratch)
        np.subtract(numbers, scratch, out=numbers)

    def _remembered(self, param: Tensor, group: Group) -> dict[str, Any]:
        """What is remembered of a parameter; zeros at its first step, and where a state was saved without."""
        remembered = self.state[param]
        if "step" not in remembered:
            remembered["step"] = Tensor._over(np.zeros((), np.float32))
        for name in ("exp_avg", "exp_avg_sq", *(("max_exp_avg_sq",) if group["amsgrad"] else ())):
            if name not in remembered:
                remembered[name] = Tensor._over(np.zeros_like(param._realize(), order="C"))
        return remembered

    def _effective(self, numbers: Array, gradient: Array, group: Group) -> Array:
        """The gradient with its sign and its weight decay."""
        decay = group["weight_decay"]
        if group["maximize"]:
            gradient = np.negative(gradient, out=self._seen.like(numbers))
        if decay == 0:
            return gradient
        if group["decoupled_weight_decay"]:
            np.multiply(numbers, 1 - float(group["lr"]) * decay, out=numbers)
            return gradient
        scratch = np.multiply(numbers, decay, out=self._scratch.like(numbers))
        return np.add(gradient, scratch, out=self._seen.like(numbers))
