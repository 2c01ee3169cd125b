"""Adam: steps as long as the gradient is steady."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from knoll.ops.formula import Arithmetic, V
from knoll.optim.by_element import ByElement, Progress, Rule, decay_factors, decay_of, larger, mixed, toward
from knoll.optim.checks import check_betas, check_flags, check_moments, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class AdamRule(Rule):
    """m and v follow g and g², p ← p − rate · m / (√v / root + eps); with `amsgrad` the largest v is under the root."""

    name: ClassVar[str] = "adam"
    amsgrad: bool

    @property
    def remembered(self) -> tuple[str, ...]:
        """Running means of the gradient and of its square, and the largest of these."""
        return "exp_avg", "exp_avg_sq", *(("max_exp_avg_sq",) if self.amsgrad else ())

    @property
    def factors(self) -> tuple[str, ...]:
        """The corrected learning rate, the root of the correction of v, and the shares of the means."""
        return "rate", "root", "eps", "first_taken", "second_kept", "second_taken", *self.decays

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        p, g = self.effective(v, p, g, factor)
        mean, squares, *highest = remembered
        mean = toward(v, mean, g, factor["first_taken"])
        squares = mixed(v, squares, g * g, factor["second_kept"], factor["second_taken"])
        highest = [larger(highest[0], squares)] if highest else []
        root = v.sqrt(highest[0] if highest else squares) / factor["root"] + factor["eps"]
        return v.multiply_add(-factor["rate"], mean / root, p), mean, squares, *highest


class Adam(ByElement):
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
        super().__init__(params, {**settings, **rules, **ways})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_moments(group)
        check_ways(group["foreach"], group["fused"], group["differentiable"])
        check_flags("Adam", group, "amsgrad", "maximize", "decoupled_weight_decay", "capturable")

    def rule(self, progress: Progress, group: Group) -> AdamRule:  # noqa: ARG002 (of a base)
        """The rule of every step."""
        return AdamRule(bool(group["maximize"]), decay_of(group), bool(group["amsgrad"]))

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:
        """The factors of a step, by its number."""
        (count,), (first, second) = progress, group["betas"]
        return {
            "rate": float(group["lr"]) / (1 - first**count),
            "root": math.sqrt(1 - second**count),
            "eps": group["eps"],
            "first_taken": 1 - first,
            "second_kept": second,
            "second_taken": 1 - second,
            **decay_factors(group),
        }
