"""Muon: a momentum whose matrix is made orthogonal before each step."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Array
from knoll.messages import say
from knoll.optim.checks import check_factor, check_flags, check_learning_rate
from knoll.optim.counting import Counting, follow
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor

_MOST_STEPS = 100


class Muon(Counting):
    """Muon: momentum orthogonalised by Newton and Schulz, for the matrices of hidden layers.

    b ← momentum · b + (1 − momentum) · g; u = b, or with `nesterov` momentum · b + (1 − momentum) · g. u / ‖u‖ is then
    made nearly orthogonal by `ns_steps` steps X ← a · X + (b · A + c · A²) · X with A = X · Xᵀ;
    p ← (1 − lr · weight_decay) · p − lr · r · X, where r suits the shape. All other parameters need another optimiser.
    PyTorch makes the matrix orthogonal in bfloat16, Knoll in float32: the steps differ in the third digit.

    - `params`: the matrices that are learned; or dicts with "params" and settings of their own.
    - `lr`: the learning rate; a tensor of one element may change between steps.
    - `weight_decay`: the decay, a step of its own.
    - `momentum`: how much of the former momentum stays at each step.
    - `nesterov`: look one step ahead.
    - `ns_coefficients`: a, b and c.
    - `eps`: the smallest ‖u‖ that is divided by.
    - `ns_steps`: how many steps of Newton and Schulz.
    - `adjust_lr_fn`: "original": r = √max(1, rows / columns); "match_rms_adamw": r = 0.2 · √max(rows, columns).

    Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.Muon.html;
    Jordan, Muon: an optimizer for hidden layers in neural networks, 2024.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.eye(2).requires_grad_()
    >>> optimizer = optim.Muon([p], lr=0.1, weight_decay=0)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p.shape
    (2, 2)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.7750, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        settings = {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "nesterov": nesterov}
        rules = {"ns_coefficients": ns_coefficients, "eps": eps, "ns_steps": ns_steps, "adjust_lr_fn": adjust_lr_fn}
        super().__init__(params, {**settings, **rules})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use, and parameters that are no matrices."""
        check_learning_rate(group["lr"], "Learning rate should be >= 0 but is")
        for name, word in (("momentum", "momentum"), ("weight_decay", "weight decay")):
            if not 0.0 <= check_factor(name, group[name]) < math.inf:
                raise ArgumentError(f"{word} should be >= 0 but is: {group[name]}")
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ArgumentError(f"Adjust learning rate function {group['adjust_lr_fn']} is not supported")
        coefficients = group["ns_coefficients"]
        if not isinstance(coefficients, tuple | list) or len(coefficients) != 3:
            raise ArgumentError("Coefficients must be a tuple of exactly 3 values", got=repr(coefficients))
        for value in (*coefficients, group["eps"]):
            check_factor("ns_coefficients", value)
        count = group["ns_steps"]
        if isinstance(count, bool) or not isinstance(count, int | np.integer):
            raise ArgumentTypeError(say("optim.number", name="ns_steps", kind=type(count).__name__), got=repr(count))
        if count >= _MOST_STEPS:
            raise ArgumentError("Number of steps must be less than 100 for computational efficiency", got=str(count))
        for param in group["params"]:
            if param.ndim != 2:
                raise ArgumentError(
                    "Muon only supports 2D parameters whereas we found a parameter with size: "
                    f"torch.Size({list(param.shape)})",
                    advice=say("optim.matrices"),
                )
        check_flags("Muon", group, "nesterov")

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        numbers = param._realize()
        lr, momentum = float(group["lr"]), float(group["momentum"])
        held = follow(self.held(param, "momentum_buffer"), gradient, 1 - momentum)
        update = gradient + (held - gradient) * momentum if group["nesterov"] else held
        update = orthogonalised(update, group["ns_coefficients"], group["ns_steps"], group["eps"])
        np.multiply(numbers, 1 - lr * group["weight_decay"], out=numbers)
        np.subtract(numbers, update * (lr * _ratio(group["adjust_lr_fn"], *numbers.shape)), out=numbers)


def orthogonalised(matrix: Array, coefficients: tuple[float, float, float], steps: int, eps: float) -> Array:
    """A matrix whose singular values are about 1, by steps of Newton and Schulz on its shorter side."""
    a, b, c = coefficients
    wide = matrix.astype(np.float64 if matrix.dtype.itemsize == 8 else np.float32)
    is_tall = wide.shape[0] > wide.shape[1]
    x: Array = wide.T if is_tall else wide
    x = x / max(float(np.linalg.norm(x)), eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return np.asarray(x.T if is_tall else x, matrix.dtype)


def _ratio(rule: str | None, rows: int, columns: int) -> float:
    """How much longer a step is for a matrix of this shape."""
    if rule == "match_rms_adamw":
        return 0.2 * math.sqrt(max(rows, columns))
    return math.sqrt(max(1.0, rows / max(columns, 1)))
