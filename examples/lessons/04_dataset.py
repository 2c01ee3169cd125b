"""A data set gives pairs of picture and class; the transform makes a tensor (c, h, w) in 0..1 of the picture.

数据集给出一对对的图片和类别；transform 把图片变成 0..1 的张量 (c, h, w)。
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pictures import pictures
from tell import tell

from knoll.train.events import SummaryWriter


def main(folder: Path = Path("logs/dataset")) -> dict[str, Any]:
    test_set = pictures(train=False)
    with SummaryWriter(folder) as writer:
        for step in range(10):
            image, _ = test_set[step]
            writer.add_image("test_set", image, step)
    image, label = test_set[0]
    low, high = float(image.min()), float(image.max())
    name, names = test_set.classes[label], ", ".join(test_set.classes)
    tell(
        en=f"{len(test_set)} pictures of {len(test_set.classes)} classes: {names}",
        zh=f"{len(test_set)} 张图片，{len(test_set.classes)} 个类别：{names}",
    )
    tell(
        en=f"the first: a tensor {image.shape}, numbers {low:.2f}…{high:.2f}, class {label}: {name!r}",
        zh=f"第一个样本：张量 {image.shape}，数值 {low:.2f}…{high:.2f}，类别 {label}：{name!r}",
    )
    tell(
        en=f"to see ten of them: tensorboard --logdir {folder}",
        zh=f"查看其中十张：tensorboard --logdir {folder}",
    )
    return {"length": len(test_set), "shape": image.shape, "range": (low, high), "class": name}


if __name__ == "__main__":
    main()
