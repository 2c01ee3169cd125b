"""Stochastic gradient descent, with momentum if wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from knoll.errors import ArgumentError
from knoll.messages import say
from knoll.ops.formula import Arithmetic, V
from knoll.optim.by_element import ByElement, Progress, Rule, decay_factors, decay_of, mixed
from knoll.optim.checks import check_factor, check_flags, check_learning_rate, check_not_negative, check_ways
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


@dataclass(frozen=True)
class SGDRule(Rule):
    """b ← momentum · b + taken · g, p ← p − lr · b; `momentum` is "", "plain" or "nesterov", b `begins` as g."""

    name: ClassVar[str] = "sgd"
    momentum: str
    begins: bool

    @property
    def remembered(self) -> tuple[str, ...]:
        """The running sum of gradients."""
        return ("momentum_buffer",) if self.momentum else ()

    @property
    def factors(self) -> tuple[str, ...]:
        """The learning rate, and how much of b and of g enters b."""
        return ("lr", *(("momentum", "taken") if self.momentum else ()), *self.decays)

    def updated(self, v: Arithmetic[V], p: V, g: V, remembered: Sequence[V], factor: Mapping[str, V]) -> tuple[V, ...]:
        """One step."""
        p, g = self.effective(v, p, g, factor)
        if not self.momentum:
            return (v.multiply_add(-factor["lr"], g, p),)
        (running,) = remembered
        running = g if self.begins else mixed(v, running, g, factor["momentum"], factor["taken"])
        step = v.multiply_add(factor["momentum"], running, g) if self.momentum == "nesterov" else running
        return v.multiply_add(-factor["lr"], step, p), running


class SGD(ByElement):
    """Stochastic gradient descent, with momentum if that is not 0.

    p ← p − lr · b, where b is the gradient g without momentum, and with it b ← momentum · b + (1 − dampening) · g,
    which begins as g itself. With `nesterov` p ← p − lr · (g + momentum · b).

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `momentum`: how much of the former b stays; 0 is none, 0.9 is usual.
    - `dampening`: how much less of the gradient enters b.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularisation.
    - `nesterov`: Nesterov's momentum; it needs a momentum, and no dampening.
    - `maximize`: climb instead of descending.
    - `foreach`, `fused`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.SGD.html;
    Sutskever et al., On the importance of initialization and momentum in deep learning, 2013.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.SGD([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.7000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        settings = {"lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay}
        ways = {"foreach": foreach, "differentiable": differentiable, "fused": fused}
        super().__init__(params, {**settings, "nesterov": nesterov, "maximize": maximize, **ways})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_learning_rate(group["lr"])
        check_not_negative("momentum", group["momentum"])
        check_factor("dampening", group["dampening"])
        check_not_negative("weight_decay", group["weight_decay"])
        check_ways(group["foreach"], group["fused"], group["differentiable"])
        check_flags("SGD", group, "nesterov", "maximize")
        if group["nesterov"] and (group["momentum"] <= 0 or group["dampening"] != 0):
            raise ArgumentError(
                "Nesterov momentum requires a momentum and zero dampening", advice=say("optim.nesterov")
            )

    def progress(self, param: Tensor, group: Group) -> Progress:
        """Whether the running sum begins with this step."""
        return (float(group["momentum"] != 0 and self.state[param].get("momentum_buffer") is None),)

    def rule(self, progress: Progress, group: Group) -> SGDRule:
        """The rule of a first or of a further step."""
        momentum = "" if group["momentum"] == 0 else "nesterov" if group["nesterov"] else "plain"
        return SGDRule(bool(group["maximize"]), decay_of(group), momentum, begins=bool(progress[0]))

    def factors(self, progress: Progress, group: Group) -> dict[str, float]:  # noqa: ARG002 (of a base)
        """The factors of every step."""
        taken = 1 - group["dampening"]
        return {"lr": float(group["lr"]), "momentum": group["momentum"], "taken": taken, **decay_factors(group)}
