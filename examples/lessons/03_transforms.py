"""Transforms: what makes a tensor of a picture, and all of one size and scale.

变换：把图片变成张量，大小和数值范围都一致。
"""

from __future__ import annotations

from pathlib import Path

from pictures import pictures
from tell import tell

from knoll.train.events import SummaryWriter
from knoll.vision.transforms import Compose, Normalize, RandomCrop, Resize, ToTensor


def main(folder: Path = Path("logs/transforms")) -> dict[str, tuple[int, ...]]:
    picture = pictures(count=1).image(0).resize((48, 32))  # wider than high / 宽大于高
    tensor = ToTensor()(picture)
    centred = Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])(tensor)  # 0..1 becomes -1..1 / 0..1 变成 -1..1
    square, shorter = Resize((64, 64))(picture), Resize(64)(picture)
    # Pictures first, the tensor last. / 先处理图片，最后才变成张量。
    recipe = Compose([Resize(64), RandomCrop(48), ToTensor()])
    with SummaryWriter(folder) as writer:
        writer.add_image("ToTensor", tensor, 0)
        writer.add_image("Resize", ToTensor()(shorter), 0)
        for step in range(4):
            writer.add_image("RandomCrop", recipe(picture), step)  # another part each time / 每次裁出的部分不同
    tell(
        en=f"picture           {picture.size}: columns, rows",
        zh=f"图片              {picture.size}：列、行",
    )
    tell(
        en=f"ToTensor          {tensor.shape}: channels, rows, columns; numbers {span(tensor)}",
        zh=f"ToTensor          {tensor.shape}：通道、行、列；数值 {span(tensor)}",
    )
    tell(
        en=f"Normalize         {centred.shape}: the same shape; numbers {span(centred)}",
        zh=f"Normalize         {centred.shape}：形状不变；数值 {span(centred)}",
    )
    tell(
        en=f"Resize((64, 64))  {square.size}: exactly this, whatever becomes of the proportion",
        zh=f"Resize((64, 64))  {square.size}：正好这么大，不管宽高比",
    )
    tell(
        en=f"Resize(64)        {shorter.size}: the shorter side 64, the proportion as it was",
        zh=f"Resize(64)        {shorter.size}：短边为 64，宽高比不变",
    )
    tell(
        en=f"RandomCrop(48)    {recipe(picture).shape}: another part of the picture each time",
        zh=f"RandomCrop(48)    {recipe(picture).shape}：每次裁出的部分不同",
    )
    tell(
        en=f"to see them: tensorboard --logdir {folder}",
        zh=f"查看：tensorboard --logdir {folder}",
    )
    return {"tensor": tensor.shape, "square": square.size, "shorter": shorter.size, "crop": recipe(picture).shape}


def span(tensor) -> str:
    return f"{tensor.min().item():.2f}…{tensor.max().item():.2f}"


if __name__ == "__main__":
    main()
