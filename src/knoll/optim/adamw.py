"""AdamW: Adam whose weight decay is a step of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from knoll.optim.adam import Adam
from knoll.tensor import Tensor


class AdamW(Adam):
    """Adam with p ← (1 − lr × weight_decay) × p before each step, in place of a share of p in the gradient.

    Raises ArgumentError. Source: https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html; Loshchilov and
    Hutter, ICLR 2019.
    """

    def __init__(
        self,
        params: Iterable[Any],
        lr: float | Tensor = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
        foreach: bool | None = None,
        capturable: bool = False,
        differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad,
            foreach=foreach, maximize=maximize, capturable=capturable, differentiable=differentiable, fused=fused,
            decoupled_weight_decay=True,
        )  # fmt: skip
