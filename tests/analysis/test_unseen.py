"""What nothing looks at: one axis alone tells the same as all elements do, and takes no memory."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from knoll import nn
from knoll.analysis import dependencies, trace, unseen
from knoll.analysis.unseen import Unseen
from knoll.nn import Module

LAYERS = (
    nn.Conv2d(2, 2, (1, 3), stride=(2, 3), dilation=2, padding=1),
    nn.MaxPool2d(3, stride=4, ceil_mode=True),
    nn.ConvTranspose2d(2, 2, 2, stride=2, padding=2),
    nn.ZeroPad2d((-1, 2, -2, 0)),
    nn.ReflectionPad2d(1),
    nn.AvgPool2d(2, padding=1, ceil_mode=True),
    nn.AdaptiveAvgPool2d((3, 2)),
    nn.Upsample(scale_factor=0.5),
    nn.PixelUnshuffle(2),
    nn.Sequential(nn.Conv2d(2, 2, 3, 2), nn.MaxPool2d(2)),
)


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_an_axis_alone_tells_what_all_elements_tell(layer: Module) -> None:
    for h, w in product((6, 8, 10), (6, 8)):
        found = trace(layer, (2, h, w))
        mask = dependencies(found)
        for axis, told in zip((2, 3), unseen(found), strict=True):
            seen = np.asarray(mask.any(axis=tuple(i for i in range(4) if i != axis)))
            last = np.flatnonzero(seen).max(initial=-1)
            places = np.flatnonzero(~seen).tolist()
            assert told == Unseen(tuple(p for p in places if p > last), tuple(p for p in places if p < last))


def test_large_images_take_no_memory() -> None:
    rows, columns = unseen(trace(nn.Conv2d(1, 6, 3, stride=2), (1, 10_000, 20_000)))
    assert rows == Unseen(dropped=(9_999,))
    assert columns == Unseen(dropped=(19_999,))
