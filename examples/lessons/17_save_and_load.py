"""A file holds the numbers, a class holds the layers; whoever loads needs both."""

from __future__ import annotations

from pathlib import Path

import knoll
from knoll.errors import ArgumentTypeError
from knoll.vision.models import practice


def main(folder: Path = Path("logs/save_and_load")) -> dict[str, bool | int]:
    folder.mkdir(parents=True, exist_ok=True)
    net, other = practice(), practice()
    images = knoll.rand(2, 3, 32, 32)
    before = knoll.equal(net(images), other(images))
    knoll.save(net.state_dict(), folder / "practice.safetensors")
    other.load_state_dict(knoll.load(folder / "practice.safetensors"))
    after = knoll.equal(net(images), other(images))
    print(f"two networks give {told(before)}; with the weights of one in the other, {told(after)}")
    optimizer = knoll.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    checkpoint = {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict()}
    knoll.save(checkpoint, folder / "checkpoint.safetensors")
    read = knoll.load(folder / "checkpoint.safetensors")
    other.load_state_dict(read["model"])
    optimizer.load_state_dict(read["optimizer"])
    print(f"a checkpoint holds {', '.join(read)}; it was saved in epoch {read['epoch']}")
    try:
        knoll.save(net, folder / "whole.pth")
    except ArgumentTypeError as error:
        print(f"a whole network is not saved: {error}")
    return {"same before": before, "same after": after, "epoch": read["epoch"]}


def told(same: bool) -> str:
    return "the same result" if same else "different results"


if __name__ == "__main__":
    main()
