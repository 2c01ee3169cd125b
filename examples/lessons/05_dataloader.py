"""A loader makes batches, in a new order every epoch; the last batch is smaller unless it is dropped."""

from __future__ import annotations

from pathlib import Path

from pictures import pictures

from knoll.data import DataLoader
from knoll.train.events import SummaryWriter


def main(folder: Path = Path("logs/dataloader")) -> dict[str, list[int]]:
    test_set = pictures(train=False)
    loader = DataLoader(test_set, batch_size=64, shuffle=True, drop_last=True)
    steps, first = [], []
    with SummaryWriter(folder) as writer:
        for epoch in range(2):
            for step, (images, labels) in enumerate(loader):
                if step % 50 == 0:  # all would fit; TensorBoard shows ten of them
                    writer.add_images(f"Epoch: {epoch}", images, step)
                if step == 0:
                    first.append(labels.tolist())
            steps.append(step + 1)
            print(f"epoch {epoch}: {steps[-1]} batches {images.shape}; the first classes are {first[-1][:8]}")
    sizes = [len(labels) for _, labels in DataLoader(test_set, batch_size=64)]
    print(f"without drop_last: {len(sizes)} batches, the last of {sizes[-1]} images")
    return {"steps": steps, "all": [len(sizes), sizes[-1]], "reordered": [first[0] != first[1]]}


if __name__ == "__main__":
    main()
