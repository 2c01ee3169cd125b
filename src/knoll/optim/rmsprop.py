"""RMSprop: steps divided by the root of a running mean of squared gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.optim.checks import check_flags, check_learning_rate, check_not_negative, check_ways
from knoll.optim.counting import Counting, effective, follow, follow_square
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


class RMSprop(Counting):
    """RMSprop: gradient descent with each element's step divided by the root of a running mean of its squared gradient.

    v ← alpha · v + (1 − alpha) · g², p ← p − lr · g / (√v + eps). With a momentum b ← momentum · b + g / (√v + eps) and
    p ← p − lr · b. With `centered` v − ḡ² stands under the root, where ḡ is a running mean of g: the variance of g.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `alpha`: how much of the former v stays at each step.
    - `eps`: added to √v, so that nothing is divided by zero.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularization.
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

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        numbers = param._realize()
        self.counted(param)
        gradient = effective(numbers, gradient, group)
        alpha, momentum, lr = group["alpha"], group["momentum"], float(group["lr"])
        spread = follow_square(self.held(param, "square_avg"), gradient, alpha)
        if group["centered"]:
            mean = follow(self.held(param, "grad_avg"), gradient, 1 - alpha)
            spread = spread - mean * mean
        with np.errstate(
            invalid="ignore"
        ):  # rounding may leave a variance just below 0, whose root is NaN in PyTorch too
            step = gradient / (np.sqrt(spread) + group["eps"])
        if momentum > 0:
            running = self.held(param, "momentum_buffer")
            np.multiply(running, momentum, out=running)
            step = np.add(running, step, out=running)
        np.subtract(numbers, step * lr, out=numbers)
