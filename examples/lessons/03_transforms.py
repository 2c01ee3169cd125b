"""Transforms: what makes a tensor of a picture, and all of one size and scale."""

from __future__ import annotations

from pathlib import Path

from pictures import pictures

from knoll.train.events import SummaryWriter
from knoll.vision.transforms import Compose, Normalize, RandomCrop, Resize, ToTensor


def main(folder: Path = Path("logs/transforms")) -> dict[str, tuple[int, ...]]:
    picture = pictures(count=1).image(0).resize((48, 32))  # as one from a camera: wider than high
    tensor = ToTensor()(picture)
    centred = Normalize([0.5, 0.5, 0.5], [0.5, 0.5, 0.5])(tensor)  # (x - 0.5) / 0.5: from 0..1 to -1..1
    square, shorter = Resize((64, 64))(picture), Resize(64)(picture)
    recipe = Compose([Resize(64), RandomCrop(48), ToTensor()])  # pictures first, the tensor last
    with SummaryWriter(folder) as writer:
        writer.add_image("ToTensor", tensor, 0)
        writer.add_image("Resize", ToTensor()(shorter), 0)
        for step in range(4):
            writer.add_image("RandomCrop", recipe(picture), step)  # another part each time
    print(f"picture             {picture.size}: columns, rows")
    print(f"ToTensor            {tensor.shape}: channels, rows, columns, numbers {span(tensor)}")
    print(f"Normalize           {centred.shape}, numbers {span(centred)}")
    print(f"Resize((64, 64))    {square.size}: exactly this, whatever becomes of the proportion")
    print(f"Resize(64)          {shorter.size}: the shorter side 64, the proportion as it was")
    print(f"RandomCrop(48)      {recipe(picture).shape}")
    return {"tensor": tensor.shape, "square": square.size, "shorter": shorter.size, "crop": recipe(picture).shape}


def span(tensor) -> str:
    return f"{tensor.min().item():.2f} to {tensor.max().item():.2f}"


if __name__ == "__main__":
    main()
