"""Six windows look at each picture; six channels are no picture, so each is shown alone."""

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
    with SummaryWriter(folder) as writer:
        for step, (images, _) in enumerate(DataLoader(pictures(), batch_size=64)):
            maps = net(images)
            if step % 50 == 0:
                writer.add_images("input", images, step)
                writer.add_features("features", maps[0], step)
                # What many programs show instead: two "pictures" of each, whose colours mean nothing.
                writer.add_images("output", maps.reshape(-1, 3, 30, 30), step)
            if step == 0:
                shapes = {"input": images.shape, "output": maps.shape, "reshaped": maps.reshape(-1, 3, 30, 30).shape}
    return shapes | {"last": maps.shape, "last reshaped": maps.reshape(-1, 3, 30, 30).shape, "steps": (step + 1,)}


if __name__ == "__main__":
    for name, shape in main().items():
        print(name, tuple(shape))
