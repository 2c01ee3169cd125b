"""ASGD: gradient descent with a falling rate, and a running mean of the parameters beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from knoll.ops.formula import Arithmetic, V
from knoll.optim.by_element import ByElement, Progress, Rule, decay_factors, decay_of, toward
from knoll.optim.checks import check_factor, check_flags, check_learning_rate, check_not_negative, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class ASGDRule(Rule):
    """p ← kept · p − eta · g, and a running mean follows p; it is p itself until the mean `begins`."""

    name: ClassVar[str] = "asgd"
    begins: bool

    @property
    def remembered(self) -> tuple[str, ...]:
        """The mean of the parameter over its steps."""
        return ("ax",)

    @property
    def factors(self) -> tuple[str, ...]:
        """The learning rate, how much of p stays, and the share of the mean."""
        return "eta", "shrunk", "mu", *self.decays

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        p, g = self.effective(v, p, g, factor)
        (mean,) = remembered
        p = v.multiply_add(-factor["eta"], g, p * factor["shrunk"])
        return p, p if self.begins else toward(v, mean, p, factor["mu"])


class ASGD(ByElement):
    """ASGD: averaged stochastic gradient descent: a falling rate, and the mean of the parameters after step `t0`.

    p ← (1 − lambd · η) · p − η · g, where η = lr at the first step, then lr / (1 + lambd · lr · t)^alpha. Beside it
    a ← a + μ · (p − a) with μ = 1 up to step `t0`, then 1 / (t − t0): `state[p]["ax"]`, which is to be used in the end.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate of the first step.
    - `lambd`: how fast the rate falls, and how strongly parameters are pulled towards 0.
    - `alpha`: the power with which the rate falls.
    - `t0`: the step after which the mean begins.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularisation.
    - `maximize`: climb instead of descending.
    - `foreach`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.ASGD.html;
    Polyak and Juditsky, Acceleration of stochastic approximation by averaging, 1992.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.ASGD([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p, optimizer.state[p]["ax"]
    (tensor([0.7000], requires_grad=True), tensor([0.7000]))
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
        capturable: bool = False,
    ) -> None:
        settings = {"lr": lr, "lambd": lambd, "alpha": alpha, "t0": t0, "weight_decay": weight_decay}
        ways = {"foreach": foreach, "maximize": maximize, "differentiable": differentiable, "capturable": capturable}
        super().__init__(params, {**settings, **ways})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_learning_rate(group["lr"])
        check_not_negative("weight_decay", group["weight_decay"])
        for name in ("lambd", "alpha", "t0"):
            check_factor(name, group[name])
        check_ways(group["foreach"], None, group["differentiable"])
        check_flags("ASGD", group, "maximize", "capturable")

    def progress(self, param: Tensor, group: Group) -> Progress:
        """The learning rate and the share of the mean at this step; those of the next are remembered."""
        count, lambd, lr = self.counted(param), float(group["lambd"]), float(group["lr"])
        rate, share = self.number(param, "eta", lr), self.number(param, "mu", 1.0)
        now = float(rate), float(share)
        rate[...] = lr / (1 + lambd * lr * count) ** group["alpha"]
        share[...] = 1 / max(1, count - group["t0"])
        return now

    def rule(self, progress: Progress, group: Group) -> ASGDRule:
        """The rule of a step, by the share of the mean."""
        return ASGDRule(bool(group["maximize"]), decay_of(group), begins=progress[1] == 1)

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:
        """The factors of a step, by its learning rate and the share of the mean."""
        eta, mu = progress
        return {"eta": eta, "shrunk": 1 - float(group["lambd"]) * eta, "mu": mu, **decay_factors(group)}
