"""RMSprop: steps divided by the root of a running mean of squared gradients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from knoll.ops.formula import Arithmetic, V
from knoll.optim.by_element import ByElement, Progress, Rule, decay_factors, decay_of, mixed, toward
from knoll.optim.checks import check_flags, check_learning_rate, check_not_negative, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class RMSpropRule(Rule):
    """v follows g², p ← p − lr · g / (√v + eps); with `momentum` along a running sum of these steps."""

    name: ClassVar[str] = "rmsprop"
    momentum: bool
    centered: bool

    @property
    def remembered(self) -> tuple[str, ...]:
        """A running mean of squares, of the gradient, and the running sum of steps."""
        return "square_avg", *(("grad_avg",) if self.centered else ()), *(("momentum_buffer",) if self.momentum else ())

    @property
    def factors(self) -> tuple[str, ...]:
        """The learning rate, the shares of the means, and how much of the running sum stays."""
        return "lr", "eps", "kept_share", "taken_share", *(("momentum",) if self.momentum else ()), *self.decays

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        p, g = self.effective(v, p, g, factor)
        squares, *others = remembered
        squares = mixed(v, squares, g * g, factor["kept_share"], factor["taken_share"])
        means = [toward(v, others[0], g, factor["taken_share"])] if self.centered else []
        # Rounding may leave a variance below 0, whose root is NaN in PyTorch too.
        spread = squares - means[0] * means[0] if means else squares
        step = g / (v.sqrt(spread) + factor["eps"])
        running = [v.multiply_add(others[-1], factor["momentum"], step)] if self.momentum else []
        return v.multiply_add(-factor["lr"], running[0] if running else step, p), squares, *means, *running


class RMSprop(ByElement):
    """RMSprop: gradient descent with each element's step divided by the root of a running mean of its squared gradient.

    v ← alpha · v + (1 − alpha) · g², p ← p − lr · g / (√v + eps). With a momentum b ← momentum · b + g / (√v + eps) and
    p ← p − lr · b. With `centered` v − ḡ² stands under the root, where ḡ is a running mean of g: the variance of g.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `alpha`: how much of the former v stays at each step.
    - `eps`: added to √v, so that nothing is divided by zero.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularisation.
    - `momentum`: how much of the former b stays; 0 is none.
    - `centered`: divide by the root of the variance of the gradient in place of that of its mean square.
    - `maximize`: climb instead of descending.
    - `foreach`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.RMSprop.html;
    Tieleman and Hinton, Lecture 6.5: rmsprop, 2012; Graves, Generating sequences with recurrent neural networks, 2013.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.RMSprop([p], lr=0.01)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum: float = 0,
        centered: bool = False,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        settings = {"lr": lr, "momentum": momentum, "alpha": alpha, "eps": eps, "weight_decay": weight_decay}
        ways = {"capturable": capturable, "foreach": foreach, "differentiable": differentiable}
        super().__init__(params, {**settings, "centered": centered, "maximize": maximize, **ways})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_learning_rate(group["lr"])
        check_not_negative("epsilon", group["eps"])
        check_not_negative("momentum", group["momentum"])
        check_not_negative("weight_decay", group["weight_decay"])
        check_not_negative("alpha", group["alpha"])
        check_ways(group["foreach"], None, group["differentiable"])
        check_flags("RMSprop", group, "centered", "maximize", "capturable")

    def rule(self, progress: Progress, group: Group) -> RMSpropRule:  # noqa: ARG002 (of a base)
        """The rule of every step."""
        return RMSpropRule(bool(group["maximize"]), decay_of(group), group["momentum"] > 0, bool(group["centered"]))

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:  # noqa: ARG002 (of a base)
        """The factors of every step."""
        alpha, decay = group["alpha"], decay_factors(group)
        shares = {"kept_share": alpha, "taken_share": 1 - alpha}
        return {"lr": float(group["lr"]), "eps": group["eps"], "momentum": group["momentum"], **shares, **decay}
