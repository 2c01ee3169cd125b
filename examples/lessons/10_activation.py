"""ReLU cuts off what is below zero, so it leaves pictures as they are; Sigmoid makes them grey."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pictures import pictures

import knoll
from knoll import nn
from knoll.data import DataLoader
from knoll.train.events import SummaryWriter


def main(folder: Path = Path("logs/activation")) -> dict[str, Any]:
    relu, sigmoid = nn.ReLU(), nn.Sigmoid()
    matrix = knoll.tensor([[1, -0.5], [-1, 3]]).reshape(-1, 1, 2, 2)
    with SummaryWriter(folder) as writer:
        for step, (images, _) in enumerate(DataLoader(pictures(count=256), batch_size=64)):
            grey = sigmoid(images)
            writer.add_images("input", images, step)
            writer.add_images("output", grey, step)
    cut, same = relu(matrix)[0, 0].tolist(), bool((relu(images) == images).all())
    low, high = float(grey.min()), float(grey.max())
    print(f"ReLU of {matrix[0, 0].tolist()}: {cut}")
    print(f"ReLU of pictures, which are in 0..1, changes {'nothing' if same else 'something'}")
    print(f"Sigmoid of pictures is in {low:.3f}..{high:.3f}: grey")
    return {"relu": cut, "relu of pictures is the same": same, "sigmoid of pictures": (low, high)}


if __name__ == "__main__":
    main()
