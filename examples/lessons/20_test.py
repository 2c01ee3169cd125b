"""A picture of any size and kind becomes what the network learned from, and ten scores come back.

任意大小、任意格式的图片，变成网络学过的样子，得到十个得分。
"""

from __future__ import annotations

from pathlib import Path

from pictures import pictures
from PIL import Image
from tell import tell

import knoll
from knoll.vision.models import practice
from knoll.vision.transforms import Compose, Resize, ToTensor


def main(picture: Path, weights: Path | None = None) -> tuple[tuple[int, ...], list[float], int]:
    net = practice().eval()
    if weights is not None:
        net.load_state_dict(knoll.load(weights, map_location="cpu"))
    raw = Image.open(picture)
    image = raw.convert("RGB")  # a PNG may have a fourth channel / PNG 可能有第四个通道
    tensor = Compose([Resize((32, 32)), ToTensor()])(image)
    with knoll.no_grad():
        scores = net(tensor.reshape(1, 3, 32, 32))[0]
    best = int(scores.argmax())
    name, told = pictures(count=1).classes[best], ", ".join(f"{score:.2f}" for score in scores.tolist())
    tell(
        en=f"{picture.name}: {raw.size[0]}×{raw.size[1]} pixels, {raw.mode}; for the network a tensor {tensor.shape}",
        zh=f"{picture.name}：{raw.size[0]}×{raw.size[1]} 像素，{raw.mode}；交给网络的是张量 {tensor.shape}",
    )
    tell(
        en=f"scores of the ten classes: {told}",
        zh=f"十个类别的得分：{told}",
    )
    tell(
        en=f"the highest is that of class {best}: {name!r}",
        zh=f"得分最高的是类别 {best}：{name!r}",
    )
    return tensor.shape, scores.tolist(), best


if __name__ == "__main__":
    path = Path("logs/picture.png")
    path.parent.mkdir(exist_ok=True)
    pictures(count=1).image(0).resize((100, 80)).convert("RGBA").save(path)
    trained = sorted(Path("logs/train").glob("practice_*.safetensors"))  # of 18_train.py / 18_train.py 的结果
    if trained:
        tell(
            en=f"with trained weights: {trained[-1].name}",
            zh=f"使用训练好的权重：{trained[-1].name}",
        )
    else:
        tell(
            en="untrained: run 18_train.py first, and it will know better",
            zh="还没有训练：先运行 18_train.py，结果会好得多",
        )
    main(path, trained[-1] if trained else None)
