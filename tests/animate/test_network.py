"""Frames of networks and of attention."""

from __future__ import annotations

import re
from itertools import pairwise, product

import numpy as np
from tests.animate.reading import words

import knoll
from knoll import nn
from knoll.animate import animate
from knoll.draw import numeral


def test_the_receptive_field_grows_from_the_output_to_the_input() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 2))
    found = animate(net, (1, 8, 8))
    told = [str(frame.caption) for frame in found.frames[:6]]
    assert str(found.title) == "Sequential: Conv2d → ReLU → MaxPool2d → Flatten → Linear"
    assert told[0] == "output[0] is followed back to the input"
    assert told[2] == "2 MaxPool2d: output[0] depends on 3 × 3 places here"
    assert told[3:] == [
        "1 ReLU: output[0] depends on 6 × 6 places here",
        "0 Conv2d: output[0] depends on 6 × 6 places here",
        "input: output[0] depends on 8 × 8 places here",
    ]


def test_each_layer_shows_the_same_part_in_all_frames_of_a_number() -> None:
    net = nn.Sequential(nn.Conv2d(1, 3, 3, padding=1), nn.ReLU(), nn.Conv2d(3, 1, 3, padding=1))
    x = np.arange(32.0 * 32, dtype=np.float32).reshape(1, 1, 32, 32)
    frames = animate(net, x).frames
    told = [str(frame.caption) for frame in frames]
    starts = [at for at, text in enumerate(told) if "is followed back" in text]
    assert len(starts) > 3
    for start, stop in pairwise([*starts, len(told)]):
        shown = [{*words(frame.scene, "en")} for frame in frames[start:stop]]
        assert all(each == shown[-1] for each in shown), told[start]
        row, column = map(int, re.findall(r"\d+", told[start])[1:])
        around = (range(max(0, at - 2), min(32, at + 3)) for at in (row, column))
        seen = {numeral(float(x[0, 0, h, w])) for h, w in product(*around)}
        assert seen <= shown[0], told[start]


def test_rows_of_numbers_show_where_the_number_is() -> None:
    frame = animate(nn.Sequential(nn.Linear(40, 30), nn.ReLU()), np.ones((1, 40), np.float32)).frames[-1]
    assert str(frame.caption).startswith("input: output[29] depends on 40 numbers")
    assert any("columns 22" in text and "29" in text for text in words(frame.scene, "en"))


def test_each_token_tells_what_it_looks_at() -> None:
    layer = nn.MultiheadAttention(4, 2, batch_first=True)
    x = np.random.default_rng(1).standard_normal((1, 3, 4)).astype(np.float32)
    weights = layer(*[knoll.tensor(x)] * 3)[1].detach().numpy()[0]
    told = [str(frame.caption) for frame in animate(layer, x).frames]
    assert len(told) == 3
    for token, row in enumerate(weights):
        assert f"position {token} looks most at position {row.argmax()}," in told[token]
        assert "in the mean of 2 heads" in told[token]
    assert all("heads" not in str(frame.caption) for frame in animate(nn.MultiheadAttention(4, 1)).frames)


def test_a_lazy_layer_stays_lazy() -> None:
    layer = nn.LazyConv2d(2, 3)
    assert len(animate(layer, (1, 5, 5)).frames) == 18
    assert layer.has_uninitialized_params()
