"""A picture of any size and kind becomes what the network learned from, and ten scores come back."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from pictures import pictures
from PIL import Image

import knoll
from knoll.vision.models import practice
from knoll.vision.transforms import Compose, Resize, ToTensor


def main(picture: Path, weights: Path | None = None) -> tuple[tuple[int, ...], list[float], int]:
    net = practice().eval()
    if weights is not None:
        net.load_state_dict(knoll.load(weights, map_location="cpu"))
    image = Image.open(picture).convert("RGB")  # a PNG may have a fourth channel
    tensor = Compose([Resize((32, 32)), ToTensor()])(image)
    with knoll.no_grad():
        scores = net(tensor.reshape(1, 3, 32, 32))
    return tuple(tensor.shape), scores[0].tolist(), int(scores.argmax(1))


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        path = Path(folder, "picture.png")
        pictures(count=1).image(0).resize((100, 80)).convert("RGBA").save(path)
        print(main(path))
