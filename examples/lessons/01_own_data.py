"""A data set of your own: a class that knows how many samples there are, and gives the one at an index."""

from __future__ import annotations

from pathlib import Path

from pictures import pictures
from PIL import Image

from knoll.data import Dataset


class MyData(Dataset):
    """The pictures of one folder; the name of the folder is their class."""

    def __init__(self, root: Path, label: str) -> None:
        self.label = label
        self.paths = sorted((root / label).iterdir())  # names only: no picture is read yet

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[Image.Image, str]:
        return Image.open(self.paths[index]).convert("RGB"), self.label


def make_folders(root: Path, count: int = 100) -> list[str]:
    """Write some pictures into a folder for each class, as they would come from a camera."""
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
    image, label = both[len(ones)]  # behind the last of the first
    print(f"class {first!r}: {len(ones)} pictures, class {second!r}: {len(others)}, together {len(both)}")
    print(f"sample {len(ones)} of both: a picture {image.size[0]} wide and {image.size[1]} high of class {label!r}")
    return {"first": len(ones), "second": len(others), "both": len(both)}


if __name__ == "__main__":
    main()
