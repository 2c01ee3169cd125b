"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from knoll.graph import Array
from knoll.optim.checks import check_betas, check_flags, check_moments, check_not_negative, check_ways
from knoll.optim.counting import Counting, effective, follow, follow_square
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


class NAdam(Counting):
    """NAdam: Adam that looks ahead, with Nesterov's momentum.

    m ← β₁ · m + (1 − β₁) · g, v ← β₂ · v + (1 − β₂) · g², v̂ = v / (1 − β₂ᵗ), and with
    μₜ = β₁ · (1 − 0.5 · 0.96^(t · momentum_decay)) and the product Π of all μ so far
    p ← p − lr · ((1 − μₜ) / (1 − Π) · g + μₜ₊₁ / (1 − Π · μₜ₊₁) · m) / (√v̂ + eps).

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `betas`: how much of the former m and v stays at each step.
    - `eps`: added to √v̂, so that nothing is divided by zero.
    - `weight_decay`: g ← g + weight_decay · p, which is L2 regularization; with
      `decoupled_weight_decay` p ← (1 − lr · weight_decay) · p before the step.
    - `momentum_decay`: how fast μ grows from β₁ / 2 to β₁.
    - `maximize`: climb instead of descending.
    - `foreach`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.NAdam.html;
    Dozat, Incorporating Nesterov momentum into Adam, 2016.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.NAdam([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.8944], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
        capturable: bool = False,
        differentiable: bool = False,
    ) -> None:
        check_betas(betas)
        more = {"momentum_decay": momentum_decay}
        settings = {"lr": lr, "betas": tuple(map(float, betas)), "eps": eps, "weight_decay": weight_decay, **more}
        ways = {"foreach": foreach, "capturable": capturable, "differentiable": differentiable}
        super().__init__(
            params, {**settings, "maximize": maximize, "decoupled_weight_decay": decoupled_weight_decay, **ways}
        )

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_moments(group)
        check_not_negative("momentum_decay", group["momentum_decay"])
        check_ways(group["foreach"], None, group["differentiable"])
        check_flags("NAdam", group, "maximize", "capturable", "decoupled_weight_decay")

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        numbers, count = param._realize(), self.counted(param)
        gradient = effective(numbers, gradient, group)
        (first, second), lr = group["betas"], float(group["lr"])
        now, later = (first * (1 - 0.5 * 0.96 ** (t * group["momentum_decay"])) for t in (count, count + 1))
        product = self._product(param)
        np.multiply(product, now, out=product)
        mean = follow(self.held(param, "exp_avg"), gradient, 1 - first)
        squares = follow_square(self.held(param, "exp_avg_sq"), gradient, second)
        root = np.sqrt(squares / (1 - second**count)) + group["eps"]
        so_far = float(product)
        np.subtract(numbers, gradient / root * (lr * (1 - now) / (1 - so_far)), out=numbers)
        np.subtract(numbers, mean / root * (lr * later / (1 - so_far * later)), out=numbers)

    def _product(self, param: Tensor) -> Array:
        """The product of all μ of a parameter so far."""
        remembered = self.state[param]
        if "mu_product" not in remembered:
            remembered["mu_product"] = Tensor._over(np.ones((), np.float32))
        product: Array = remembered["mu_product"]._realize()
        return product
