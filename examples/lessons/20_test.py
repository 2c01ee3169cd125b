"""A picture of any size and kind becomes what the network learned from, and ten scores come back."""

from __future__ import annotations

from pathlib import Path

from pictures import pictures
from PIL import Image

import knoll
from knoll.vision.models import practice
from knoll.vision.transforms import Compose, Resize, ToTensor


def main(picture: Path, weights: Path | None = None) -> tuple[tuple[int, ...], list[float], int]:
    net = practice().eval()
    if weights is not None:
        net.load_state_dict(knoll.load(weights, map_location="cpu"))
    raw = Image.open(picture)
    image = raw.convert("RGB")  # a PNG may have a fourth channel
    tensor = Compose([Resize((32, 32)), ToTensor()])(image)
    with knoll.no_grad():
        scores = net(tensor.reshape(1, 3, 32, 32))[0]
    best = int(scores.argmax())
    print(f"{picture.name}: {raw.size[0]} by {raw.size[1]} pixels, {raw.mode}; for the network a tensor {tensor.shape}")
    print("scores:", ", ".join(f"{score:.2f}" for score in scores.tolist()))
    print(f"the best is class {best}: {pictures(count=1).classes[best]!r}")
    return tensor.shape, scores.tolist(), best


if __name__ == "__main__":
    path = Path("logs/picture.png")
    path.parent.mkdir(exist_ok=True)
    pictures(count=1).image(0).resize((100, 80)).convert("RGBA").save(path)
    trained = sorted(Path("logs/train").glob("practice_*.safetensors"))  # by 18_train.py
    print("with trained weights" if trained else "untrained: run 18_train.py first, and it will know better")
    main(path, trained[-1] if trained else None)
