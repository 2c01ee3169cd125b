"""A file holds the numbers, a class holds the layers; whoever loads needs both."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import knoll
from knoll.errors import ArgumentTypeError
from knoll.vision.models import practice


def main(folder: Path) -> dict[str, bool | int]:
    net, other = practice(), practice()
    images = knoll.rand(2, 3, 32, 32)
    knoll.save(net.state_dict(), folder / "practice.safetensors")
    before = knoll.equal(net(images), other(images))
    other.load_state_dict(knoll.load(folder / "practice.safetensors"))
    optimizer = knoll.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    checkpoint = {"epoch": 3, "model": net.state_dict(), "optimizer": optimizer.state_dict()}
    knoll.save(checkpoint, folder / "checkpoint.safetensors")
    read = knoll.load(folder / "checkpoint.safetensors")
    other.load_state_dict(read["model"])
    optimizer.load_state_dict(read["optimizer"])
    try:
        knoll.save(net, folder / "whole.pth")
    except ArgumentTypeError:
        whole = False
    else:
        whole = True
    after = knoll.equal(net(images), other(images))
    return {"same before": before, "same after": after, "epoch": read["epoch"], "whole model saved": whole}


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        print(main(Path(scratch)))
