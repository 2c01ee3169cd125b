"""Pooling keeps the largest value of each window; `ceil_mode` decides what becomes of the border."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pictures import pictures

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
    print(f"5×5 with windows of 3×3, ceil_mode=True:  {whole}")
    print(f"5×5 with windows of 3×3, ceil_mode=False: {cut}: the border is dropped")
    print(f"pictures of 32 rows become {rows[0]} rows, with ceil_mode {rows[1]}")
    return {"ceil": whole, "floor": cut, "32 rows": rows}


if __name__ == "__main__":
    main()
