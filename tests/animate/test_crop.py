"""The part of a large image that is shown."""

from __future__ import annotations

import numpy as np
import pytest

from knoll import nn
from knoll.animate import animate
from knoll.animate.crop import readable


def test_the_part_that_varies_most_is_shown_and_said() -> None:
    x = np.zeros((1, 1, 40, 50), np.float32)
    x[0, 0, 20:28, 30:38] = (-1.0) ** np.add.outer(np.arange(8), np.arange(8))
    (part,), crop = readable([nn.Conv2d(1, 1, 3)], [x])
    assert crop is not None
    assert (crop.top, crop.left, crop.side, crop.whole) == (20, 30, (8, 8), (40, 50))
    assert part.tolist() == x[:, :, 20:28, 30:38].tolist()
    assert "rows 20–27 of 40, columns 30–37 of 50" in str(animate(nn.Conv2d(1, 1, 3), x).title)


def test_a_part_is_large_enough_for_the_window() -> None:
    (part,), crop = readable([nn.MaxPool2d(11)], [np.random.default_rng(1).random((2, 1, 30, 30))])
    assert crop is not None
    assert part.shape == (1, 1, 11, 11)


@pytest.mark.parametrize("shape", [(1, 2, 7, 10), (3, 1, 10, 10), (4, 5)])
def test_what_is_small_is_shown_whole(shape: tuple[int, ...]) -> None:
    x = np.ones(shape, np.float32)
    (part,), crop = readable([nn.ReLU()], [x])
    assert crop is None
    assert part.shape == shape
