"""A linear layer takes rows of numbers; `flatten` without a start joins the whole batch into one row.

线性层接收一行行的数；`flatten` 不写起始轴，会把整批连成一行。
"""

from __future__ import annotations

from pictures import pictures
from tell import tell

import knoll
from knoll import nn
from knoll.data import DataLoader


def main() -> dict[str, tuple[int, ...]]:
    images, _ = next(iter(DataLoader(pictures(), batch_size=64, drop_last=True)))
    batch, each = knoll.flatten(images), knoll.flatten(images, 1)
    one, scores = nn.Linear(196_608, 10)(batch), nn.Linear(3_072, 10)(each)
    tell(
        en=f"images: {images.shape}",
        zh=f"图像：{images.shape}",
    )
    tell(
        en=f"flatten(images), the batch as one row: {batch.shape}; ten scores for all of it: {one.shape}",
        zh=f"flatten(images)，整批连成一行：{batch.shape}；整批只有十个得分：{one.shape}",
    )
    tell(
        en=f"flatten(images, 1), a row for each image: {each.shape}; ten scores for each: {scores.shape}",
        zh=f"flatten(images, 1)，每张图像一行：{each.shape}；每张十个得分：{scores.shape}",
    )
    return {"images": images.shape, "batch": batch.shape, "one": one.shape, "each": each.shape, "scores": scores.shape}


if __name__ == "__main__":
    main()
