"""Which settings an optimiser takes: PyTorch's sentences, and no infinities either."""

from __future__ import annotations

import math

from knoll.errors import ArgumentError
from knoll.messages import say


def check_learning_rate(lr: float) -> None:
    """Refuse a learning rate that is negative, infinite or no number."""
    if not 0.0 <= lr < math.inf:
        raise ArgumentError(f"Invalid learning rate: {lr}", expected=say("optim.learning_rate"))


def check_not_negative(name: str, value: float) -> None:
    """Refuse a value that is negative, infinite or no number."""
    if not 0.0 <= value < math.inf:
        raise ArgumentError(f"Invalid {name} value: {value}", expected=say("optim.not_negative"))


def check_betas(betas: tuple[float, float]) -> None:
    """Refuse shares outside [0, 1)."""
    for index, beta in enumerate(betas):
        if not 0.0 <= beta < 1.0:
            raise ArgumentError(f"Invalid beta parameter at index {index}: {beta}", expected=say("optim.fraction"))
