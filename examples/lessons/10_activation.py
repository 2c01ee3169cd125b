"""ReLU cuts off what is below zero, so it leaves pictures as they are; Sigmoid makes them grey.

ReLU 把小于 0 的变成 0，所以图片不变；Sigmoid 让图片发灰。
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pictures import pictures
from tell import tell

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
    tell(
        en=f"ReLU makes {cut} of {matrix[0, 0].tolist()}",
        zh=f"ReLU 把 {matrix[0, 0].tolist()} 变成 {cut}",
    )
    tell(
        en=f"is ReLU of the pictures, which are in 0..1, the same as the pictures? {same}",
        zh=f"图片的值在 0..1，经过 ReLU 还和原来一样吗？{same}",
    )
    tell(
        en=f"Sigmoid of the pictures is in {low:.3f}..{high:.3f}: grey",
        zh=f"图片经过 Sigmoid 后在 {low:.3f}..{high:.3f}：发灰",
    )
    tell(
        en=f"to see the pictures before and after: tensorboard --logdir {folder}",
        zh=f"查看前后的图片：tensorboard --logdir {folder}",
    )
    return {"relu": cut, "relu of pictures is the same": same, "sigmoid of pictures": (low, high)}


if __name__ == "__main__":
    main()
