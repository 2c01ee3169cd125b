"""A file holds the numbers, a class holds the layers; whoever loads needs both."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import knoll
from knoll.errors import ArgumentTypeError
from knoll.vision.models import practice


def main(folder: Path) -> dict[str, bool]:
    net, other = practice(), practice()
    images = knoll.rand(2, 3, 32, 32)
    knoll.save(net.state_dict(), folder / "practice.safetensors")
    before = knoll.equal(net(images), other(images))
    other.load_state_dict(knoll.load(folder / "practice.safetensors"))
    try:
        knoll.save(net, folder / "whole.pth")
    except ArgumentTypeError:
        whole = False
    else:
        whole = True
    return {"same before": before, "same after": knoll.equal(net(images), other(images)), "whole model saved": whole}


if __name__ == "__main__":
    with TemporaryDirectory() as scratch:
        print(main(Path(scratch)))
