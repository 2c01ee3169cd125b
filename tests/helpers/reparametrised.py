"""Layers whose weights are made of others, and a short training of a network that has some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import knoll
from knoll import nn

LAYERS: dict[str, tuple[Callable[[Any], Any], tuple[int, ...]]] = {
    "Conv2d": (lambda library: library.nn.Conv2d(3, 4, 3, padding=1), (2, 3, 5, 6)),
    "ConvTranspose2d": (lambda library: library.nn.ConvTranspose2d(3, 4, 3), (2, 3, 5, 6)),
    "Linear": (lambda library: library.nn.Linear(6, 4), (2, 3, 6)),
    "Conv1d": (lambda library: library.nn.Conv1d(3, 4, 3, bias=False), (2, 3, 7)),
}


def losses_of(net: nn.Module, x: knoll.Tensor, rate: float) -> list[float]:
    """The losses of five steps towards ones."""
    optimizer = knoll.optim.SGD(net.parameters(), lr=rate)
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = (net(x) - 1).square().mean()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
