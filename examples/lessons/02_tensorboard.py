"""A curve and a picture in TensorBoard; a picture out of a file has its channels last."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pictures import pictures

from knoll.train.events import SummaryWriter


def main(folder: Path = Path("logs/tensorboard")) -> tuple[int, ...]:
    picture = np.asarray(pictures(count=1).image(0))
    with SummaryWriter(folder) as writer:
        writer.add_image("train", picture, 1, dataformats="HWC")
        for x in range(100):
            writer.add_scalar("y=3x", 3 * x, x)  # the tag is only a name: it should say what is drawn
    print(f"a picture of shape {picture.shape}: rows, columns, channels")
    print(f"written: that picture and a curve of 100 points; to see them: tensorboard --logdir {folder}")
    return picture.shape


if __name__ == "__main__":
    main()
