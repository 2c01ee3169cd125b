"""AdamW: Adam whose weight decay is a step of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from knoll.optim.adam import Adam
from knoll.tensor import Tensor


class AdamW(Adam):
    """AdamW: Adam with decoupled weight decay, p ← (1 − lr · weight_decay) · p before each step.

    The gradient itself is not decayed. The formula is that of `Adam` otherwise.

    - `params`: the tensors that are learned, as `net.parameters()`; or dicts with "params" and settings of their own.
    - `lr`: the learning rate, near the size of a step; a tensor of one element may change between steps.
    - `betas`: how much of the former m and v stays at each step.
    - `eps`: added to √v̂, so that nothing is divided by zero.
    - `weight_decay`: the decay, 0.01 unless given; `Adam` has none.
    - `amsgrad`: use the largest v so far in place of v.
    - `maximize`: climb instead of descending.
    - `foreach`, `fused`, `capturable`: how PyTorch computes; they are taken and change nothing.
    - `differentiable`: True is refused: a step is not recorded.

    Raises ArgumentError, UnsupportedError.
    Source: https://pytorch.org/docs/stable/generated/torch.optim.AdamW.html; Loshchilov and Hutter,
    Decoupled weight decay regularization, 2019.

    >>> import knoll
    >>> from knoll import optim
    >>> p = knoll.tensor([1.0], requires_grad=True)
    >>> optimizer = optim.AdamW([p], lr=0.1)
    >>> (p * 3).sum().backward()
    >>> optimizer.step()
    >>> p
    tensor([0.8990], requires_grad=True)
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
