"""A curve and a picture in TensorBoard; a picture out of a file has its channels last.

在 TensorBoard 里看一条曲线和一张图片；从文件读出的图片，通道在最后。
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pictures import pictures
from tell import tell

from knoll.train.events import SummaryWriter


def main(folder: Path = Path("logs/tensorboard")) -> tuple[int, ...]:
    picture = np.asarray(pictures(count=1).image(0))
    with SummaryWriter(folder) as writer:
        writer.add_image("train", picture, 1, dataformats="HWC")
        for x in range(100):
            # The tag is only a name: it should say what is drawn. / 标签只是名字：应当写明画的是什么。
            writer.add_scalar("y=3x", 3 * x, x)
    tell(
        en=f"a picture of shape {picture.shape}: rows, columns, channels",
        zh=f"图片的形状是 {picture.shape}：行、列、通道",
    )
    tell(
        en=f"written: that picture and a curve of 100 points; to see them: tensorboard --logdir {folder}",
        zh=f"已写入：这张图片和一条 100 个点的曲线；查看：tensorboard --logdir {folder}",
    )
    return picture.shape


if __name__ == "__main__":
    main()
