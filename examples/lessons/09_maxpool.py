"""Pooling keeps the largest value of each window; `ceil_mode` decides what becomes of the border.

池化只留下每个窗口里最大的数；`ceil_mode` 决定边缘怎么处理。
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

IMAGE = knoll.tensor([[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]])


def main(folder: Path = Path("logs/maxpool")) -> dict[str, Any]:
    floor, ceil = nn.MaxPool2d(3, ceil_mode=False), nn.MaxPool2d(3, ceil_mode=True)
    matrix = IMAGE.reshape(-1, 1, 5, 5)
    with SummaryWriter(folder) as writer:
        for step, (images, _) in enumerate(DataLoader(pictures(count=256), batch_size=64)):
            writer.add_images("input", images, step)
            writer.add_images("output", floor(images), step)
    whole, cut = ceil(matrix)[0, 0].tolist(), floor(matrix)[0, 0].tolist()
    rows = floor(images).shape[2], ceil(images).shape[2]
    tell(
        en=f"5×5 with windows of 3×3, ceil_mode=True:  the largest numbers are {whole}",
        zh=f"5×5，窗口 3×3，ceil_mode=True： 最大的数是 {whole}",
    )
    tell(
        en=f"5×5 with windows of 3×3, ceil_mode=False: only {cut}, the border is dropped",
        zh=f"5×5，窗口 3×3，ceil_mode=False：只有 {cut}，边缘被丢掉",
    )
    tell(
        en=f"pictures of 32 rows become {rows[0]} rows, with ceil_mode {rows[1]}",
        zh=f"32 行的图片变成 {rows[0]} 行，开启 ceil_mode 则为 {rows[1]} 行",
    )
    tell(
        en=f"to see the pictures before and after: tensorboard --logdir {folder}",
        zh=f"查看池化前后的图片：tensorboard --logdir {folder}",
    )
    return {"ceil": whole, "floor": cut, "32 rows": rows}


if __name__ == "__main__":
    main()
