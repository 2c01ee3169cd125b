"""A data set gives pairs of picture and class; the transform makes a tensor (c, h, w) in 0..1 of the picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pictures import pictures

from knoll.train.events import SummaryWriter


def main(folder: Path = Path("logs/dataset")) -> dict[str, Any]:
    test_set = pictures(train=False)
    with SummaryWriter(folder) as writer:
        for step in range(10):
            image, _ = test_set[step]
            writer.add_image("test_set", image, step)
    image, label = test_set[0]
    low, high = float(image.min()), float(image.max())
    print(f"{len(test_set)} pictures of {len(test_set.classes)} classes: {', '.join(test_set.classes)}")
    name = test_set.classes[label]
    print(f"the first: a tensor {image.shape}, numbers {low:.2f} to {high:.2f}, class {label}: {name!r}")
    return {"length": len(test_set), "shape": image.shape, "range": (low, high), "class": name}


if __name__ == "__main__":
    main()
