"""Adafactor: Adam's squares kept as a row and a column for each matrix."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np

from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.graph import Array
from knoll.messages import say
from knoll.optim.checks import check_factor, check_flags, check_learning_rate, check_ways
from knoll.optim.counting import Counting, follow
from knoll.optim.optimizer import Group
from knoll.tensor import Tensor


class Adafactor(Counting):
    """Adafactor: steps divided by a running mean of squares, of which each matrix keeps a row and a column only.

    r, c ← means of g² over the last axis and the one before, each going t^beta2_decay of the way; v = r · c / mean(r).
    u = g / √v, made shorter where its root mean square is more than `d`; p ← (1 − lr · weight_decay) · p − α · u, where
    α = max(eps₂, RMS(p)) · min(lr, 1 / √t). Vectors keep v itself.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the largest relative step.
    - `beta2_decay`: the power of the step number t with which the mean of squares goes towards new ones.
    - `eps`: the smallest √v, None for that of the element type; and the smallest RMS(p) that steps are relative to.
    - `d`: the largest root mean square of u.
    - `weight_decay`: p ← (1 − lr · weight_decay) · p before each step.
    - `maximize`: climb instead of descending.
    - `foreach`: how PyTorch computes; it is taken and changes nothing.

    Raises ArgumentError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.Adafactor.html;
    Shazeer and Stern, Adafactor: adaptive learning rates with sublinear memory cost, 2018.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.Adafactor([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        foreach: bool | None = None,
        maximize: bool = False,
    ) -> None:
        settings = {"lr": lr, "beta2_decay": beta2_decay, "eps": eps, "d": d, "weight_decay": weight_decay}
        super().__init__(params, {**settings, "foreach": foreach, "maximize": maximize})

    def check(self, group: Group) -> None:
        """Refuse settings that no optimisation can use."""
        check_learning_rate(group["lr"], "Learning rate should be >= 0 but is")
        if not check_factor("beta2_decay", group["beta2_decay"]) <= 0.0:
            raise ArgumentError(f"beta2_decay should be <= 0 but is: {group['beta2_decay']}")
        eps = group["eps"]
        if not isinstance(eps, tuple | list) or len(eps) != 2:
            raise ArgumentTypeError(say("optim.pair", name="eps"), got=repr(eps))
        for number, value in enumerate(eps, 1):
            if (number == 2 or value is not None) and not 0.0 <= check_factor("eps", value) < math.inf:
                raise ArgumentError(f"epsilon{number} should be >= 0 but is: {value}")
        if not check_factor("d", group["d"]) >= 1.0:
            raise ArgumentError(f"Clipping threshold d should be >= 1 but is: {group['d']}")
        if not 0.0 <= check_factor("weight_decay", group["weight_decay"]) < math.inf:
            raise ArgumentError(f"weight_decay should be >= 0 but is: {group['weight_decay']}")
        check_ways(group["foreach"], None, None)
        check_flags("Adafactor", group, "maximize")

    def update(self, param: Tensor, gradient: Array, group: Group) -> None:
        """One step of one parameter."""
        numbers = param._realize()
        count = self.counted(param)
        gradient = -gradient if group["maximize"] else gradient
        lr, (least, smallest) = float(group["lr"]), group["eps"]
        least = float(np.finfo(numbers.dtype).eps) if least is None else least
        rate = max(smallest, _root_mean_square(numbers)) * min(lr, 1 / math.sqrt(count))
        if group["weight_decay"] != 0:
            np.multiply(numbers, 1 - lr * group["weight_decay"], out=numbers)
        squares = self._squares(param, gradient, count ** float(group["beta2_decay"]), least)
        update = gradient / np.sqrt(np.maximum(squares, np.asarray(least * least, squares.dtype)))
        shorter = max(1.0, _root_mean_square(update) / group["d"])
        np.subtract(numbers, update * (rate / shorter), out=numbers)

    def _squares(self, param: Tensor, gradient: Array, share: float, least: float) -> Array:
        """The running mean of squares: of a matrix what its row and its column make."""
        if gradient.ndim < 2:
            return follow(self.held(param, "variance"), gradient * gradient, share).copy()
        square = gradient * gradient
        rows = follow(self._part(param, "row_var", -1), _mean(square, -1), share)
        columns = follow(self._part(param, "col_var", -2), _mean(square, -2), share)
        return np.asarray(rows @ columns / np.maximum(_mean(rows, -2), np.asarray(least, rows.dtype)))

    def _part(self, param: Tensor, name: str, axis: int) -> Array:
        remembered = self.state[param]
        if name not in remembered:
            shape = list(param.shape)
            shape[axis] = 1
            remembered[name] = Tensor._over(np.zeros(shape, param._realize().dtype))
        numbers: Array = remembered[name]._realize()
        return numbers


def _mean(x: Array, axis: int) -> Array:
    """The mean along an axis, which is left with one element; zeros of none."""
    return np.asarray(x.sum(axis, keepdims=True) / max(x.shape[axis], 1), x.dtype)


def _root_mean_square(x: Array) -> float:
    return float(np.sqrt(np.square(x, dtype=np.float64).mean())) if x.size else 0.0
