"""A data set of your own: a class that knows how many samples there are, and gives the one at an index.

自己的数据集：一个类，知道有多少个样本，并能按下标给出样本。
"""

from __future__ import annotations

from pathlib import Path

from pictures import pictures
from PIL import Image
from tell import tell

from knoll.data import Dataset


class MyData(Dataset):
    """The pictures of one folder; the name of the folder is their class.

    一个文件夹里的图片；文件夹的名字就是类别。
    """

    def __init__(self, root: Path, label: str) -> None:
        self.label = label
        self.paths = sorted((root / label).iterdir())  # names only: no picture is read yet / 只是文件名，还没有读图片

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Image.Image, str]:
        return Image.open(self.paths[index]).convert("RGB"), self.label


def make_folders(root: Path, count: int = 100) -> list[str]:
    """Write some pictures into a folder for each class, as they would come from a camera.

    每个类别一个文件夹，写入一些图片，就像相机拍来的一样。
    """
    source = pictures(count=count)
    for index in range(count):
        folder = root / source.classes[source.targets[index]]
        folder.mkdir(parents=True, exist_ok=True)
        source.image(index).save(folder / f"{index:03}.png")
    return sorted(folder.name for folder in root.iterdir())


def main(root: Path = Path("logs/own_data")) -> dict[str, int]:
    first, second, *_ = make_folders(root)
    ones, others = MyData(root, first), MyData(root, second)
    both = ones + others
    image, label = both[len(ones)]  # behind the last of the first / 紧接在第一类最后一张之后
    tell(
        en=f"class {first!r}: {len(ones)} pictures, class {second!r}: {len(others)}, together {len(both)}",
        zh=f"类别 {first!r}：{len(ones)} 张图片，类别 {second!r}：{len(others)} 张，合计 {len(both)} 张",
    )
    tell(
        en=f"sample {len(ones)} of both: a picture {image.size[0]} wide and {image.size[1]} high of class {label!r}",
        zh=f"合并后的第 {len(ones)} 号样本：宽 {image.size[0]}、高 {image.size[1]} 的图片，类别 {label!r}",
    )
    return {"first": len(ones), "second": len(others), "both": len(both)}


if __name__ == "__main__":
    main()
