"""RAdam: Adam that begins with plain momentum, until it has seen enough gradients to divide by their spread."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from knoll.ops.formula import Arithmetic, V
from knoll.optim.by_element import ByElement, Progress, Rule, decay_factors, decay_of, mixed, toward
from knoll.optim.checks import check_betas, check_flags, check_moments, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class RAdamRule(Rule):
    """m and v follow g and g², p ← p − rate · m̂ / (√v + eps) with m̂ = m / rest; p ← p − rate · m̂ if not `rectified`."""

    name: ClassVar[str] = "radam"
    rectified: bool

    @property
    def remembered(self) -> tuple[str, ...]:
        """Running means of the gradient and of its square."""
        return "exp_avg", "exp_avg_sq"

    @property
    def factors(self) -> tuple[str, ...]:
        """The learning rate, the correction of m, and the shares."""
        return "rate", "rest", "eps", "first_taken", "second_kept", "second_taken", *self.decays

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        p, g = self.effective(v, p, g, factor)
        mean, squares = remembered
        mean = toward(v, mean, g, factor["first_taken"])
        squares = mixed(v, squares, g * g, factor["second_kept"], factor["second_taken"])
        step = mean / factor["rest"]
        step = step / (v.sqrt(squares) + factor["eps"]) if self.rectified else step
        return v.multiply_add(-factor["rate"], step, p), mean, squares


class RAdam(ByElement):
    """RAdam: Adam that divides by the root of the mean square only when that is the mean of enough gradients.

    m ← β₁ · m + (1 − β₁) · g, v ← β₂ · v + (1 − β₂) · g², m̂ = m / (1 − β₁ᵗ). With ρ∞ = 2 / (1 − β₂) − 1 and
    ρ = ρ∞ − 2 · t · β₂ᵗ / (1 − β₂ᵗ): p ← p − lr · m̂ while ρ ≤ 5, then
    p ← p − lr · m̂ · r · √(1 − β₂ᵗ) / (√v + eps) with r = √((ρ − 4) · (ρ − 2) · ρ∞ / ((ρ∞ − 4) · (ρ∞ − 2) · ρ)).

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `betas`: how much of the former m and v stays at each step.
    - `eps`: added to √v, so that nothing is divided by zero.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularisation; with
      `decoupled_weight_decay` p ← (1 − lr · weight_decay) · p before the step.
    - `maximize`: climb instead of descending.
    - `foreach`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.RAdam.html;
    Liu et al., On the variance of the adaptive learning rate and beyond, 2020.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.RAdam([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.7000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_betas(betas)
        settings = {"lr": lr, "betas": tuple(map(float, betas)), "eps": eps, "weight_decay": weight_decay}
        ways = {"foreach": foreach, "capturable": capturable, "differentiable": differentiable}
        super().__init__(
            params, {**settings, "maximize": maximize, "decoupled_weight_decay": decoupled_weight_decay, **ways}
        )

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_moments(group)
        check_ways(group["foreach"], None, group["differentiable"])
        check_flags("RAdam", group, "maximize", "capturable", "decoupled_weight_decay")

    def rule(self, progress: Progress, group: Group) -> RAdamRule:
        """The rule of a step, by its number."""
        is_rectified = _rectified(progress[0], group["betas"][1]) is not None
        return RAdamRule(bool(group["maximize"]), decay_of(group), is_rectified)

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:
        """The factors of a step, by its number."""
        (count,), (first, second) = progress, group["betas"]
        rate = float(group["lr"]) * (_rectified(count, second) or 1.0)
        shares = {"first_taken": 1 - first, "second_kept": second, "second_taken": 1 - second}
        return {"rate": rate, "rest": 1 - first**count, "eps": group["eps"], **shares, **decay_factors(group)}


def _rectified(count: float, second: float) -> float | None:
    """By how much steps are shorter as v is still uncertain; None while it is the mean of too few gradients."""
    rest = 1 - second**count
    most = 2 / (1 - second) - 1
    length = most - 2 * count * second**count / rest  # as many gradients as v is the mean of
    if length <= 5.0:
        return None
    return math.sqrt(rest * ((length - 4) * (length - 2) * most / ((most - 4) * (most - 2) * length)))
