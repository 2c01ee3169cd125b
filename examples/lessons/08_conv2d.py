"""Six kernels look at each picture; six channels are no picture, so each is shown alone."""

from __future__ import annotations

from pathlib import Path

from pictures import pictures

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
                # What many programs show instead: two "pictures" of each, whose colours mean nothing.
                writer.add_images("output", wrong, step)
            if step in (0, 156):
                print(f"batch {step}: {images.shape} becomes {maps.shape}, six maps for each image")
            if step == 0:
                print(f"reshaped to three channels: {wrong.shape}, twice as many pictures as there were images")
                shapes = {"input": images.shape, "output": maps.shape, "reshaped": wrong.shape}
    return shapes | {"last": maps.shape, "last reshaped": wrong.shape, "steps": (step + 1,)}


if __name__ == "__main__":
    main()
