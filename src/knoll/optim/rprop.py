"""Rprop: steps by the sign of the gradient alone, longer while it stays, shorter when it changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.messages import say
from knoll.ops.formula import Arithmetic, V
from knoll.ops.update_rule import UpdateRule
from knoll.optim.by_element import ByElement, Progress
from knoll.optim.checks import check_factor, check_flags, check_learning_rate, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class RpropRule(UpdateRule):
    """Steps grow where the gradient keeps its sign and shrink where it turns round, where it is forgotten once."""

    name: ClassVar[str] = "rprop"
    maximize: bool
    least: float
    most: float

    @property
    def remembered(self) -> tuple[str, ...]:
        """The former gradient, and the size of the step."""
        return "prev", "step_size"

    @property
    def factors(self) -> tuple[str, ...]:
        """How much steps shrink and grow."""
        return "shorter", "longer"

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        g = -g if self.maximize else g
        former, size = remembered
        product, zero = g * former, v.zero()
        turns = product.compare("olt", zero)
        grown = product.compare("ogt", zero).select(factor["longer"], v.constant(1.0))
        size = v.clamp(size * turns.select(factor["shorter"], grown), self.least, self.most)
        former = turns.select(zero, g)
        down = former.compare("olt", zero).select(-size, former)  # a gradient of 0 or NaN stays what it is
        return p - former.compare("ogt", zero).select(size, down), former, size


class Rprop(ByElement):
    """Rprop: resilient backpropagation: each element has a step of its own, and only the sign of its gradient counts.

    s ← s · η⁺ where g has the sign that it had before, s ← s · η⁻ where it changed, within `step_sizes`;
    p ← p − s · sign(g). Where the sign changed p stays, and g counts as 0 in the next step. The gradients have to be
    those of all samples together: signs of small batches change by chance.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the first step of each element.
    - `etas`: η⁻ and η⁺, by which a step becomes shorter and longer.
    - `step_sizes`: the shortest and the longest step.
    - `maximize`: climb instead of descending.
    - `foreach`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.Rprop.html;
    Riedmiller and Braun, A direct adaptive method for faster backpropagation learning, 1993.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.Rprop([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50),
        *,
        capturable: bool = False,
        foreach: bool | None = None,
        maximize: bool = False,
        differentiable: bool = False,
    ) -> None:
        settings = {"lr": lr, "etas": etas, "step_sizes": step_sizes, "foreach": foreach, "maximize": maximize}
        super().__init__(params, {**settings, "differentiable": differentiable, "capturable": capturable})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_learning_rate(group["lr"])
        for name in ("etas", "step_sizes"):
            pair = group[name]
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise ArgumentTypeError(say("optim.pair", name=name), got=repr(pair))
            for value in pair:
                check_factor(name, value)
        shorter, longer = group["etas"]
        if not 0.0 < shorter < 1.0 < longer:
            raise ArgumentError(f"Invalid eta values: {shorter}, {longer}", expected="0 < η⁻ < 1 < η⁺")
        check_ways(group["foreach"], None, group["differentiable"])
        check_flags("Rprop", group, "maximize", "capturable")

    def rule(self, progress: Progress, group: Group) -> RpropRule:  # noqa: ARG002 (of a base)
        """The rule of every step."""
        return RpropRule(bool(group["maximize"]), *map(float, group["step_sizes"]))

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:  # noqa: ARG002 (of a base)
        """The factors of every step."""
        shorter, longer = group["etas"]
        return {"shorter": shorter, "longer": longer}

    def first(self, param: Tensor, name: str, group: Group) -> float:  # noqa: ARG002 (of a base)
        """The learning rate is the size of the first step."""
        return float(group["lr"]) if name == "step_size" else 0.0
