"""Six kernels look at each picture; six channels are no picture, so each is shown alone.

六个卷积核各看一遍每张图片；六个通道不是图片，所以每个通道单独显示。
"""

from __future__ import annotations

from pathlib import Path

from pictures import pictures
from tell import tell

from knoll import nn
from knoll.data import DataLoader
from knoll.train.events import SummaryWriter


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 3, stride=1, padding=0)

    def forward(self, x):
        return self.conv1(x)


def main(folder: Path = Path("logs/conv2d")) -> dict[str, tuple[int, ...]]:
    net, shapes = Net(), {}
    print(net)
    with SummaryWriter(folder) as writer:
        for step, (images, _) in enumerate(DataLoader(pictures(), batch_size=64)):
            maps = net(images)
            wrong = maps.reshape(-1, 3, 30, 30)
            if step % 50 == 0:
                writer.add_images("input", images, step)
                writer.add_features("features", maps[0], step)
                writer.add_images("output", wrong, step)  # colours that mean nothing / 颜色没有任何意义
            if step in (0, 156):
                tell(
                    en=f"batch {step}: {images.shape} becomes {maps.shape}, six maps for each image",
                    zh=f"第 {step} 批：{images.shape} 变成 {maps.shape}，每张图像六张特征图",
                )
            if step == 0:
                tell(
                    en=f"reshaped to three channels: {wrong.shape}, twice as many pictures as there were images",
                    zh=f"硬改成三个通道：{wrong.shape}，“图片”比图像多了一倍",
                )
                shapes = {"input": images.shape, "output": maps.shape, "reshaped": wrong.shape}
    tell(
        en=f"to see images, maps and what is no picture: tensorboard --logdir {folder}",
        zh=f"查看图像、特征图和不是图片的“图片”：tensorboard --logdir {folder}",
    )
    return shapes | {"last": maps.shape, "last reshaped": wrong.shape, "steps": (step + 1,)}


if __name__ == "__main__":
    main()
