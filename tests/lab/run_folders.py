"""Folders of trainings, as `knoll train` leaves them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from knoll.train import Configuration
from knoll.train.events import EventFile

STEPS = 5  # of an epoch


def write_run(folder: Path, name: str, epochs: int = 2, of: int = 2, *, saved: bool = True) -> Path:
    """A run with so many epochs of those that it is to have."""
    path = folder / name
    path.mkdir(parents=True)
    (path / "configuration.json").write_text(Configuration.recipe("digits", epochs=of).to_json(), encoding="utf-8")
    if saved:
        (path / "checkpoint.safetensors").touch()
    file = EventFile(path, 0)
    for epoch in range(1, epochs + 1):
        _epoch(file, epoch, 0.25)
    file.close()
    return path


def add_epoch(path: Path, epoch: int, accuracy: float) -> None:
    """One more epoch, written by a session that begins after the others."""
    file = EventFile(path, STEPS * (epoch - 1) + 1)
    _epoch(file, epoch, accuracy)
    file.close()


def _epoch(file: EventFile, epoch: int, accuracy: float) -> None:
    last = STEPS * epoch
    for step in range(last - STEPS + 1, last + 1):
        file.scalar("loss/batch", 2.0 / step, step)
    file.scalar("accuracy/test", accuracy, last)
    file.scalar("loss/test", 1.5, last)
    file.histogram("weights/0.weight", np.linspace(-1, 1, 50), last, 8)
    file.histogram("gradients/0.weight", np.linspace(-0.1, 0.1, 50), last, 8)
    file.image("feature maps/0 Conv2d", Image.new("RGB", (8, 8)), last)
