"""Stochastic gradient descent, with momentum if wanted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from knoll.errors import ArgumentError
from knoll.graph import Array
from knoll.messages import say
from knoll.optim.checks import check_factor, check_flags, check_learning_rate, check_not_negative, check_ways
from knoll.optim.optimizer import Group, Optimizer
from knoll.optim.scratch import Scratch
from knoll.tensor import Tensor


class SGD(Optimizer):
    """Stochastic gradient descent, with momentum if that is not 0.

    p ← p − lr · b, where b is the gradient g without momentum, and with it b ← momentum · b + (1 − dampening) · g,
    which begins as g itself. With `nesterov` p ← p − lr · (g + momentum · b).

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `momentum`: how much of the former b stays; 0 is none, 0.9 is usual.
    - `dampening`: how much less of the gradient enters b.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularization.
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
        self._scratch, self._decayed = Scratch(), Scratch()
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

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        numbers = param._realize()
        scratch = self._scratch.like(numbers)
        sign = -1.0 if group["maximize"] else 1.0
        if group["weight_decay"] != 0:
            decayed = self._decayed.like(numbers)
            np.multiply(numbers, sign * group["weight_decay"], out=decayed)
            gradient = np.add(gradient, decayed, out=decayed)
        momentum = group["momentum"]
        if momentum != 0:
            running = self._running(param, gradient, sign, group, scratch)
            if group["nesterov"]:
                np.multiply(gradient, sign, out=scratch)
                np.multiply(running, momentum, out=self._decayed.like(numbers))
                np.add(scratch, self._decayed.like(numbers), out=scratch)
                gradient, sign = scratch, 1.0
            else:
                gradient, sign = running, 1.0
        np.multiply(gradient, sign * float(group["lr"]), out=scratch)
        np.subtract(numbers, scratch, out=numbers)

    def _running(self, param: Tensor, gradient: Array, sign: float, group: Group, scratch: Array) -> Array:
        """The running sum of gradients, this one included."""
        remembered = self.state[param]
        held = remembered.get("momentum_buffer")
        if held is None:
            first = Tensor._over(np.asarray(np.multiply(gradient, sign), order="C"))
            remembered["momentum_buffer"] = first
            return first._realize()
        running: Array = held._realize()
        np.multiply(running, group["momentum"], out=running)
        np.multiply(gradient, sign * (1 - group["dampening"]), out=scratch)
        return np.add(running, scratch, out=running)
