"""A linear layer takes rows of numbers; `flatten` without a start joins the whole batch into one row."""

from __future__ import annotations

from pictures import pictures

import knoll
from knoll import nn
from knoll.data import DataLoader


def main() -> dict[str, tuple[int, ...]]:
    images, _ = next(iter(DataLoader(pictures(), batch_size=64, drop_last=True)))
    batch, each = knoll.flatten(images), knoll.flatten(images, 1)
    shapes = {
        "images": images.shape,
        "the batch as one row": batch.shape,
        "ten scores for the batch": nn.Linear(196_608, 10)(batch).shape,
        "a row for each image": each.shape,
        "ten scores for each image": nn.Linear(3_072, 10)(each).shape,
    }
    for name, shape in shapes.items():
        print(f"{name:<26}{shape}")
    return shapes


if __name__ == "__main__":
    main()
