"""ASGD: gradient descent with a falling rate, and a running mean of the parameters beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.optim.checks import check_factor, check_flags, check_learning_rate, check_not_negative, check_ways
from knoll.optim.counting import Counting
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


class ASGD(Counting):
    """ASGD: averaged stochastic gradient descent: a falling rate, and the mean of the parameters after step `t0`.

    p ← (1 − lambd · η) · p − η · g, where η = lr at the first step, then lr / (1 + lambd · lr · t)^alpha. Beside it
    a ← a + μ · (p − a) with μ = 1 up to step `t0`, then 1 / (t − t0): `state[p]["ax"]`, which is to be used in the end.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate of the first step.
    - `lambd`: how fast the rate falls, and how strongly parameters are pulled towards 0.
    - `alpha`: the power with which the rate falls.
    - `t0`: the step after which the mean begins.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularization.
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

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        numbers = param._realize()
        count = self.counted(param)
        rate, share = self._number(param, "eta", float(group["lr"])), self._number(param, "mu", 1.0)
        mean = self.held(param, "ax")
        gradient = -gradient if group["maximize"] else gradient
        if group["weight_decay"] != 0:
            gradient = gradient + numbers * group["weight_decay"]
        lambd, lr = float(group["lambd"]), float(group["lr"])
        np.multiply(numbers, 1 - lambd * float(rate), out=numbers)
        np.subtract(numbers, gradient * float(rate), out=numbers)
        if float(share) == 1:
            np.copyto(mean, numbers)
        else:
            np.add(mean, (numbers - mean) * float(share), out=mean)
        rate[...] = lr / (1 + lambd * lr * count) ** group["alpha"]
        share[...] = 1 / max(1, count - group["t0"])

    def _number(self, param: Tensor, name: str, first: float) -> Array:
        """A single number that is remembered, as float32."""
        remembered = self.state[param]
        if name not in remembered:
            remembered[name] = Tensor._over(np.array(first, np.float32))
        number: Array = remembered[name]._realize()
        return number
