"""Adamax: Adam with the largest recent gradient in place of the root of a mean square."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from knoll.ops.formula import Arithmetic, V
from knoll.optim.by_element import ByElement, Progress, Rule, decay_factors, decay_of, larger, toward
from knoll.optim.checks import check_betas, check_flags, check_moments, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class AdamaxRule(Rule):
    """m follows g, u is the largest of the former u, shrunk, and |g| + eps, p ← p − rate · m / u."""

    name: ClassVar[str] = "adamax"

    @property
    def remembered(self) -> tuple[str, ...]:
        """A running mean of the gradient, and its largest size."""
        return "exp_avg", "exp_inf"

    @property
    def factors(self) -> tuple[str, ...]:
        """The corrected learning rate and the shares."""
        return "rate", "eps", "first_taken", "second_kept", *self.decays

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        p, g = self.effective(v, p, g, factor)
        mean, largest = remembered
        mean = toward(v, mean, g, factor["first_taken"])
        largest = larger(largest * factor["second_kept"], v.absolute(g) + factor["eps"])
        return v.multiply_add(-factor["rate"], mean / largest, p), mean, largest


class Adamax(ByElement):
    """Adamax: Adam whose steps are divided by the largest gradient of late, in place of the root of a mean square.

    m ← β₁ · m + (1 − β₁) · g, u ← max(β₂ · u, |g| + eps), p ← p − lr / (1 − β₁ᵗ) · m / u at step t.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `betas`: how much of the former m and u stays at each step.
    - `eps`: added to |g|, so that nothing is divided by zero.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularisation.
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

    def rule(self, progress: Progress, group: Group) -> AdamaxRule:  # noqa: ARG002 (of a base)
        """The rule of every step."""
        return AdamaxRule(bool(group["maximize"]), decay_of(group))

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:
        """The factors of a step, by its number."""
        (count,), (first, second) = progress, group["betas"]
        shares = {"first_taken": 1 - first, "second_kept": second}
        rate = float(group["lr"]) / (1 - first**count)
        return {"rate": rate, "eps": group["eps"], **shares, **decay_factors(group)}
