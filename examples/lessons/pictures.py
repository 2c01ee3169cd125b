"""The pictures that the lessons look at: CIFAR-10's where they are in `data`, else the digits that come with Knoll.

各课使用的图片：`data` 里有 CIFAR-10 就用它，否则用 Knoll 自带的手写数字。
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from knoll.vision.datasets import CIFAR10, ArrayImages, Digits
from knoll.vision.transforms import ToTensor

COUNTS = {True: 50_000, False: 10_000}  # of CIFAR-10; digits are repeated / CIFAR-10 的张数；手写数字重复到同样多


def pictures(train: bool = False, count: int | None = None) -> ArrayImages:
    """Pictures (3, 32, 32) in 0..1 of ten classes, as many as CIFAR-10 has, or the first `count` of them.

    十个类别的图片 (3, 32, 32)，数值在 0..1，张数与 CIFAR-10 相同，或只取前 `count` 张。
    """
    if Path("data", CIFAR10.base_folder).is_dir():
        source: ArrayImages = CIFAR10("data", train)
    else:
        source = Digits(train)
    wanted = np.arange(count or COUNTS[train]) % len(source)
    chosen = ArrayImages(source.images[wanted], np.array(source.targets)[wanted], ToTensor(), None)
    chosen.classes = source.classes
    return chosen
