"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from knoll.ops.formula import Arithmetic, V
from knoll.optim.by_element import ByElement, Progress, Rule, decay_factors, decay_of, mixed, toward
from knoll.optim.checks import check_betas, check_flags, check_moments, check_not_negative, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class NAdamRule(Rule):
    """m and v follow g and g², p ← p − (now · g + later · m) / (√(v / rest) + eps)."""

    name: ClassVar[str] = "nadam"

    @property
    def remembered(self) -> tuple[str, ...]:
        """Running means of the gradient and of its square."""
        return "exp_avg", "exp_avg_sq"

    @property
    def factors(self) -> tuple[str, ...]:
        """The learning rates of g and of m, the correction of v, and the shares."""
        return "now", "later", "rest", "eps", "first_taken", "second_kept", "second_taken", *self.decays

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        p, g = self.effective(v, p, g, factor)
        mean, squares = remembered
        mean = toward(v, mean, g, factor["first_taken"])
        squares = mixed(v, squares, g * g, factor["second_kept"], factor["second_taken"])
        root = v.sqrt(squares / factor["rest"]) + factor["eps"]
        p = v.multiply_add(-factor["now"], g / root, p)
        return v.multiply_add(-factor["later"], mean / root, p), mean, squares


class NAdam(ByElement):
    """NAdam: Adam that looks ahead, with Nesterov's momentum.

    m ← β₁ · m + (1 − β₁) · g, v ← β₂ · v + (1 − β₂) · g², v̂ = v / (1 − β₂ᵗ), and with
    μₜ = β₁ · (1 − 0.5 · 0.96^(t · momentum_decay)) and the product Π of all μ so far
    p ← p − lr · ((1 − μₜ) / (1 − Π) · g + μₜ₊₁ / (1 − Π · μₜ₊₁) · m) / (√v̂ + eps).

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `betas`: how much of the former m and v stays at each step.
    - `eps`: added to √v̂, so that nothing is divided by zero.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularisation; with
      `decoupled_weight_decay` p ← (1 − lr · weight_decay) · p before the step.
    - `momentum_decay`: how fast μ grows from β₁ / 2 to β₁.
    - `maximize`: climb instead of descending.
    - `foreach`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html;
    Dozat, Incorporating Nesterov momentum into Adam, 2016.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.NAdam([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.8944], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_betas(betas)
        more = {"momentum_decay": momentum_decay}
        settings = {"lr": lr, "betas": tuple(map(float, betas)), "eps": eps, "weight_decay": weight_decay, **more}
        ways = {"foreach": foreach, "capturable": capturable, "differentiable": differentiable}
        super().__init__(
            params, {**settings, "maximize": maximize, "decoupled_weight_decay": decoupled_weight_decay, **ways}
        )

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_moments(group)
        check_not_negative("momentum_decay", group["momentum_decay"])
        check_ways(group["foreach"], None, group["differentiable"])
        check_flags("NAdam", group, "maximize", "capturable", "decoupled_weight_decay")

    def progress(self, param: Tensor, group: Group) -> Progress:
        """The number of the step, and the product of all μ so far."""
        count, product = self.counted(param), self.number(param, "mu_product", 1.0)
        np.multiply(product, _mu(count, group), out=product)
        return count, float(product)

    def rule(self, progress: Progress, group: Group) -> NAdamRule:  # noqa: ARG002 (of a base)
        """The rule of every step."""
        return NAdamRule(bool(group["maximize"]), decay_of(group))

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:
        """The factors of a step, by its number and the product of all μ so far."""
        (count, so_far), (first, second), lr = progress, group["betas"], float(group["lr"])
        now, later = _mu(count, group), _mu(count + 1, group)
        return {
            "now": lr * (1 - now) / (1 - so_far),
            "later": lr * later / (1 - so_far * later),
            "rest": 1 - second**count,
            "eps": group["eps"],
            "first_taken": 1 - first,
            "second_kept": second,
            "second_taken": 1 - second,
            **decay_factors(group),
        }


def _mu(count: float, group: Group) -> float:
    """The momentum of a step, by its number."""
    return float(group["betas"][0] * (1 - 0.5 * 0.96 ** (count * group["momentum_decay"])))
