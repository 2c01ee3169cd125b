"""The focal loss: cross entropy in which what is already right counts little."""

from __future__ import annotations

from knoll.errors import ArgumentError
from knoll.nn.functional import binary_cross_entropy_with_logits
from knoll.tensor import Tensor

__all__ = ["sigmoid_focal_loss"]


def sigmoid_focal_loss(
    inputs: Tensor, targets: Tensor, alpha: float = 0.25, gamma: float = 2, reduction: str = "none"
) -> Tensor:
    """Binary cross entropy of scores, times (1 − p)^γ, where p is the probability given to the right answer.

    `alpha` weighs ones, 1 − `alpha` zeros; −1 leaves both as they are. Any shape, which `targets` have too.
    Raises ArgumentError. Source: Lin, Goyal, Girshick, He and Dollár, Focal loss for dense object detection, 2017

    >>> import knoll
    >>> from knoll.vision.ops import sigmoid_focal_loss
    >>> sigmoid_focal_loss(knoll.tensor([0.0, 3.0]), knoll.tensor([1.0, 1.0]))
    tensor([4.3322e-02, 2.7321e-05])
    """
    if not 0 <= alpha <= 1 and alpha != -1:
        raise ArgumentError(f"Invalid alpha value: {alpha}. alpha must be in the range [0,1] or -1 for ignore.")
    if reduction not in ("none", "mean", "sum"):
        raise ArgumentError(
            f"Invalid Value for arg 'reduction': '{reduction} \n Supported reduction modes: 'none', 'mean', 'sum'"
        )
    p = inputs.sigmoid()
    right = p * targets + (1 - p) * (1 - targets)
    loss = binary_cross_entropy_with_logits(inputs, targets, reduction="none") * (1 - right) ** gamma
    if alpha >= 0:
        loss = (alpha * targets + (1 - alpha) * (1 - targets)) * loss
    return loss if reduction == "none" else loss.mean() if reduction == "mean" else loss.sum()
