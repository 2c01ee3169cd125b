"""Adadelta: steps as long as former steps, without a learning rate that has to be found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from knoll.ops.formula import Arithmetic, V
from knoll.optim.by_element import ByElement, Progress, Rule, decay_factors, decay_of, mixed
from knoll.optim.checks import check_flags, check_learning_rate, check_not_negative, check_share, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class AdadeltaRule(Rule):
    """v follows g², the step is √(u + eps) / √(v + eps) · g, u follows its square, p ← p − lr · step."""

    name: ClassVar[str] = "adadelta"

    @property
    def remembered(self) -> tuple[str, ...]:
        """Running means of squared gradients and of squared steps."""
        return "square_avg", "acc_delta"

    @property
    def factors(self) -> tuple[str, ...]:
        """The learning rate and the shares of the means."""
        return "lr", "eps", "kept_share", "taken_share", *self.decays

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        p, g = self.effective(v, p, g, factor)
        squares, steps = remembered
        kept, taken, eps = factor["kept_share"], factor["taken_share"], factor["eps"]
        squares = mixed(v, squares, g * g, kept, taken)
        step = v.sqrt(steps + eps) / v.sqrt(squares + eps) * g
        return v.multiply_add(-factor["lr"], step, p), squares, mixed(v, steps, step * step, kept, taken)


class Adadelta(ByElement):
    """Adadelta: each element's gradient over the root of its mean square, times that of its former steps.

    v ← rho · v + (1 − rho) · g², d = √(u + eps) / √(v + eps) · g, u ← rho · u + (1 − rho) · d², p ← p − lr · d.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: what a step is multiplied by; a tensor of one element may change between steps.
    - `rho`: how much of the former u and v stays at each step.
    - `eps`: added under both roots: it begins the first steps, and nothing is divided by zero.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularisation.
    - `maximize`: climb instead of descending.
    - `foreach`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.Adadelta.html;
    Zeiler, ADADELTA: An adaptive learning rate method, 2012.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.Adadelta([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.9997], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        *,
        capturable: bool = False,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        settings = {"lr": lr, "rho": rho, "eps": eps, "weight_decay": weight_decay}
        ways = {"capturable": capturable, "foreach": foreach, "differentiable": differentiable}
        super().__init__(params, {**settings, "maximize": maximize, **ways})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_learning_rate(group["lr"])
        check_share("rho", group["rho"])
        check_not_negative("epsilon", group["eps"])
        check_not_negative("weight_decay", group["weight_decay"])
        check_ways(group["foreach"], None, group["differentiable"])
        check_flags("Adadelta", group, "maximize", "capturable")

    def rule(self, progress: Progress, group: Group) -> AdadeltaRule:  # noqa: ARG002 (of a base)
        """The rule of every step."""
        return AdadeltaRule(bool(group["maximize"]), decay_of(group))

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:  # noqa: ARG002 (of a base)
        """The factors of every step."""
        shares = {"kept_share": group["rho"], "taken_share": 1 - group["rho"]}
        return {"lr": float(group["lr"]), "eps": group["eps"], **shares, **decay_factors(group)}
