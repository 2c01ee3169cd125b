from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from knoll import nn
from knoll.errors import ArgumentTypeError, ShapeError
from knoll.nn import functional as F


@pytest.mark.parametrize(
    ("name", "number", "shapes"),
    [
        ("PixelShuffle", 2, [(8, 3, 5), (2, 4, 3, 5), (2, 3, 12, 1, 2), (0, 4, 3, 3), (2, 4, 0, 3)]),
        ("PixelShuffle", 3, [(9, 2, 2), (1, 18, 2, 1)]),
        ("PixelUnshuffle", 2, [(3, 4, 6), (2, 3, 2, 8), (2, 2, 1, 4, 4)]),
        ("PixelUnshuffle", 3, [(1, 3, 9)]),
        ("ChannelShuffle", 2, [(1, 8, 2, 2), (3, 4, 5), (2, 6, 1, 2, 3)]),
        ("ChannelShuffle", 3, [(2, 6, 4, 4)]),
    ],
)
def test_places_are_pytorchs(torch: Any, name: str, number: int, shapes: list[tuple[int, ...]]) -> None:
    ours, theirs = getattr(nn, name)(number), getattr(torch.nn, name)(number)
    assert repr(ours) == repr(theirs)
    for shape in shapes:
        x = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
        np.testing.assert_array_equal(ours(x).numpy(), theirs(torch.tensor(x)).numpy())


@pytest.mark.parametrize("shape", [(8, 3, 5), (2, 4, 3, 2)])
def test_there_and_back(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).standard_normal(shape)
    np.testing.assert_array_equal(F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2).numpy(), x)
    x = x.reshape(1, -1, 2)
    np.testing.assert_array_equal(F.channel_shuffle(F.channel_shuffle(x, 2), x.shape[1] // 2).numpy(), x)


def test_gradients_go_back_where_numbers_came_from() -> None:
    x = nn.Parameter(np.zeros((1, 4, 2, 2)))
    weights = np.arange(16.0).reshape(1, 1, 4, 4)
    (nn.PixelShuffle(2)(x) * weights).sum().backward()
    assert x.grad is not None
    np.testing.assert_array_equal(x.grad.numpy(), nn.PixelUnshuffle(2)(weights).numpy())


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.F.pixel_shuffle(k.x(2, 3), 2),
        lambda k: k.F.pixel_shuffle(k.x(5, 4, 4), 2),
        lambda k: k.F.pixel_shuffle(k.x(4, 4, 4), 0),
        lambda k: k.F.pixel_unshuffle(k.x(2, 3), 2),
        lambda k: k.F.pixel_unshuffle(k.x(2, 3, 4), 2),
        lambda k: k.F.pixel_unshuffle(k.x(2, 4, 3), 2),
        lambda k: k.F.pixel_unshuffle(k.x(2, 4, 3), -1),
        lambda k: k.nn.ChannelShuffle(2)(k.x(4, 4)),
        lambda k: k.nn.ChannelShuffle(3)(k.x(1, 4, 4)),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize("layer", [nn.PixelShuffle, nn.PixelUnshuffle, nn.ChannelShuffle])
def test_what_no_input_could_make_right_is_refused_at_once(layer: Any) -> None:
    with pytest.raises(ShapeError, match="positive"):
        layer(0)
    with pytest.raises(ArgumentTypeError, match="must be int, not float"):
        layer(1.5)


def test_no_images_have_the_new_shape_too() -> None:
    """PyTorch's pixel_unshuffle forgets the shape here."""
    assert F.pixel_unshuffle(np.ones((0, 4, 4, 4)), 2).shape == (0, 16, 2, 2)
