"""Adagrad: steps divided by the root of the sum of all squared gradients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from knoll.ops.formula import Arithmetic, V
from knoll.optim.by_element import ByElement, Progress, Rule, decay_factors, decay_of
from knoll.optim.checks import check_flags, check_learning_rate, check_not_negative, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class AdagradRule(Rule):
    """s ← s + g², p ← p − rate · g / (√s + eps)."""

    name: ClassVar[str] = "adagrad"

    @property
    def remembered(self) -> tuple[str, ...]:
        """The sum of squared gradients."""
        return ("sum",)

    @property
    def factors(self) -> tuple[str, ...]:
        """The learning rate of this step."""
        return "rate", "eps", *self.decays

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        p, g = self.effective(v, p, g, factor)
        total = v.multiply_add(g, g, remembered[0])
        return v.multiply_add(-factor["rate"], g / (v.sqrt(total) + factor["eps"]), p), total


class Adagrad(ByElement):
    """Adagrad: gradient descent with each element's step divided by the root of the sum of its squared gradients.

    s ← s + g², p ← p − lr / (1 + (t − 1) · lr_decay) · g / (√s + eps) at step t: steps become shorter and shorter.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `lr_decay`: how fast the learning rate falls by itself.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularisation.
    - `initial_accumulator_value`: what s begins with.
    - `eps`: added to √s, so that nothing is divided by zero.
    - `maximize`: climb instead of descending.
    - `foreach`, `fused`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.Adagrad.html;
    Duchi et al., Adaptive subgradient methods for online learning and stochastic optimization, 2011.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.Adagrad([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        lr_decay: float = 0,
        weight_decay: float = 0,
        initial_accumulator_value: float = 0,
        eps: float = 1e-10,
        foreach: bool | None = None,
        *,
        maximize: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        first = {"initial_accumulator_value": initial_accumulator_value}
        settings = {"lr": lr, "lr_decay": lr_decay, "eps": eps, "weight_decay": weight_decay, **first}
        ways = {"foreach": foreach, "differentiable": differentiable, "fused": fused}
        super().__init__(params, {**settings, "maximize": maximize, **ways})
        for group in self.param_groups:
            for param in group["params"]:  # PyTorch's states have them before the first step, too
                self.number(param, "step", 0.0)
                self.held(param, "sum", initial_accumulator_value)

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_learning_rate(group["lr"])
        check_not_negative("lr_decay", group["lr_decay"])
        check_not_negative("weight_decay", group["weight_decay"])
        check_not_negative("initial_accumulator_value", group["initial_accumulator_value"])
        check_not_negative("epsilon", group["eps"])
        check_ways(group["foreach"], group["fused"], group["differentiable"])
        check_flags("Adagrad", group, "maximize")

    def rule(self, progress: Progress, group: Group) -> AdagradRule:  # noqa: ARG002 (of a base)
        """The rule of every step."""
        return AdagradRule(bool(group["maximize"]), decay_of(group))

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:
        """The factors of a step, by its number."""
        rate = float(group["lr"]) / (1 + (progress[0] - 1) * group["lr_decay"])
        return {"rate": rate, "eps": group["eps"], **decay_factors(group)}

    def first(self, param: Tensor, name: str, group: Group) -> float:  # noqa: ARG002 (of a base)
        """The sum that all groups begin with."""
        return float(self.defaults["initial_accumulator_value"])
