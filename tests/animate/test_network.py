"""Frames of networks and of attention."""

from __future__ import annotations

import numpy as np

import knoll
from knoll import nn
from knoll.animate import animate


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
