"""Frames of max unpooling: every number goes where its index says, until the output is what the layer gives."""

from __future__ import annotations

import re

import numpy as np
import pytest
from tests.animate.reading import numbers

import knoll
from knoll import nn
from knoll.animate import animate
from knoll.draw import numeral


@pytest.mark.parametrize(
    ("pool", "unpool", "size"),
    [
        (nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2), (4, 6)),
        (nn.MaxPool2d(3, 2, return_indices=True), nn.MaxUnpool2d(3, 2), (5, 5)),
        (nn.MaxPool1d(2, return_indices=True), nn.MaxUnpool1d(2), (6,)),
    ],
    ids=lambda value: str(value).split("(")[0],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_each_number_goes_where_its_index_says(
    pool: nn.Module, unpool: nn.Module, size: tuple[int, ...], channels: int
) -> None:
    image = np.random.default_rng(3).permutation(channels * int(np.prod(size))).astype(np.float32)
    x, indices = pool(knoll.tensor(image.reshape(1, channels, *size)))
    y = unpool(x, indices).numpy()
    frames = animate(unpool, x, indices).frames
    told = x.numpy()[0, :2] if len(size) == 2 else x.numpy()[0]
    assert len(frames) == told.size
    for at, frame in zip(np.ndindex(told.shape), frames, strict=True):
        value, index = told[at], int(indices.numpy()[(0, *at)])
        assert f"= {numeral(value)}, index {index}" in str(frame.caption)
        (cell,) = frame.also
        assert y[0][cell.index if len(size) == 2 else (at[0], cell.index[-1])] == value
        drawn = numbers(frame.scene, "output")
        assert drawn[cell.index] == numeral(value)
        if len(size) == 2:
            row, width, column = map(int, re.findall(rf"index {index} = (\d+)·(\d+) \+ (\d+)", str(frame.caption))[0])
            assert (row * width + column, row, column) == (index, *cell.index[1:])
    last = numbers(frames[-1].scene, "output")
    assert sorted(last.values()) == sorted(numeral(number) for number in (y[0].ravel()))
    assert sum(text != "0" for text in numbers(frames[0].scene, "output").values()) <= 1
