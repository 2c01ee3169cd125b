"""Nine layers in a row: the practice network, and what each of them makes of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import knoll
from knoll.nn import Conv2d, Flatten, Linear, MaxPool2d, Sequential
from knoll.train.events import SummaryWriter
from knoll.train.layers import layers_of


def network() -> Sequential:
    return Sequential(
        Conv2d(3, 32, 5, padding=2),  # (32 + 2·2 − 5) / 1 + 1 = 32: padding of half the window keeps the size
        MaxPool2d(2),
        Conv2d(32, 32, 5, padding=2),
        MaxPool2d(2),
        Conv2d(32, 64, 5, padding=2),
        MaxPool2d(2),
        Flatten(),
        Linear(64 * 4 * 4, 64),
        Linear(64, 10),
    )


def sight(net: Sequential) -> list[int]:
    """How many rows of the picture a row of the result depends on, after each layer with a window."""
    rows, step, found = 1, 1, []
    for layer in net:
        if isinstance(layer, Conv2d | MaxPool2d):
            rows += (np.max(layer.kernel_size) - 1) * step
            step *= np.max(layer.stride)
            found.append(int(rows))
    return found


def main(folder: Path = Path("logs/sequential")) -> dict[str, Any]:
    net, images = network(), knoll.ones(64, 3, 32, 32)
    layers = layers_of(net, (3, 32, 32))
    with SummaryWriter(folder) as writer:
        writer.add_graph(net, images)
    return {
        "output": tuple(net(images).shape),
        "shapes": [layer.output for layer in layers],
        "sight": sight(net),
        "parameters": [layer.parameters for layer in layers if layer.parameters],
        "all parameters": sum(layer.parameters for layer in layers),
        "multiply-adds": sum(layer.multiply_adds for layer in layers),
    }


if __name__ == "__main__":
    print(network())
    for name, value in main().items():
        print(name, value)
