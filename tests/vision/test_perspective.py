"""Images seen from another side: against stored results of torchvision, and against it where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll.data import Draws, drawing
from knoll.errors import ArgumentError, ArgumentTypeError, StateError
from knoll.tensor import from_numpy
from knoll.vision.transforms import RandomPerspective
from knoll.vision.transforms.functional import InterpolationMode, perspective

START = [[0, 0], [4, 0], [4, 3], [0, 3]]
END = [[1, 0], [4, 1], [3, 3], [0, 2]]
NUMBERS = np.arange(0, 200, 10, dtype=np.uint8).reshape(1, 4, 5)
RNG = np.random.default_rng(3)
BYTES = RNG.integers(0, 256, (3, 21, 34), dtype=np.uint8)
FLOATS = RNG.random((2, 3, 21, 34), dtype=np.float32)
# Of torchvision 0.29: NUMBERS from START to END, the first with fill=7.
BILINEAR = [[6, 4, 7, 7, 7], [52, 70, 60, 50, 17], [150, 140, 130, 120, 7], [7, 13, 78, 80, 7]]
NEAREST = [[0, 0, 20, 0, 0], [100, 60, 70, 30, 40], [150, 120, 130, 140, 0], [0, 0, 180, 190, 0]]
OF_PICTURE = [[0, 3, 0, 0, 0], [82, 69, 59, 49, 40], [149, 139, 129, 119, 0], [0, 0, 182, 186, 0]]


def test_tensors_are_seen_as_in_torchvision_0_29() -> None:
    bilinear = perspective(from_numpy(NUMBERS), START, END, fill=7)
    nearest = perspective(from_numpy(NUMBERS), START, END, InterpolationMode.NEAREST)
    assert (bilinear.tolist(), nearest.tolist()) == ([BILINEAR], [NEAREST])


def test_pictures_are_seen_as_in_torchvision_0_29() -> None:
    assert np.asarray(perspective(Image.fromarray(NUMBERS[0]), START, END)).tolist() == OF_PICTURE


def test_corners_that_stay_change_nothing() -> None:
    corners = [[0, 0], [33, 0], [33, 20], [0, 20]]
    np.testing.assert_allclose(perspective(from_numpy(FLOATS), corners, corners).numpy(), FLOATS, atol=2e-5)
    np.testing.assert_array_equal(perspective(from_numpy(BYTES), corners, corners).numpy(), BYTES)


def test_corners_are_moved_inwards_as_far_as_is_asked_for() -> None:
    drawn = []
    for seed in range(200):
        with drawing(Draws(seed, 0, [0])):
            start, end = RandomPerspective.get_params(34, 21, 0.5)
        assert start == [[0, 0], [33, 0], [33, 20], [0, 20]]
        drawn.append((np.array(end) - start) * [[1, 1], [-1, 1], [-1, -1], [1, -1]])
    np.testing.assert_array_equal(np.min(drawn, 0), [[0, 0]] * 4)
    np.testing.assert_array_equal(np.max(drawn, 0), [[8, 5]] * 4)


@pytest.mark.parametrize("mode", ["nearest", "bilinear"])
@pytest.mark.parametrize("fill", [None, 9, [1.0, 2.0, 3.0]])
def test_results_are_those_of_torchvision(torch: Any, mode: str, fill: Any) -> None:
    theirs = pytest.importorskip("torchvision.transforms.functional")
    with drawing(Draws(4, 0, [0])):
        corners = RandomPerspective.get_params(34, 21, 0.7)
    other = theirs.InterpolationMode(mode)
    for image in (BYTES, FLOATS):
        wanted = theirs.perspective(torch.from_numpy(image), *corners, other, fill).numpy()
        made = perspective(from_numpy(image), *corners, mode, fill).numpy()
        np.testing.assert_allclose(made, wanted, rtol=0, atol=0 if image is BYTES else 1e-4)
    picture = Image.fromarray(BYTES.transpose(1, 2, 0))
    whole = fill if fill is None or isinstance(fill, int) else [int(value) for value in fill]
    wanted = theirs.perspective(picture, *corners, other, whole)
    np.testing.assert_array_equal(np.asarray(perspective(picture, *corners, mode, whole)), np.asarray(wanted))


@pytest.mark.parametrize(("call", "kind", "said"), [
    (lambda: perspective(from_numpy(BYTES), START[:3], END), ArgumentError, "four corners, got 3 startpoints"),
    (lambda: perspective(from_numpy(BYTES), [*START[:3], [1]], END), ArgumentError, "A corner is its column"),
    (lambda: perspective(from_numpy(BYTES), START, END, "bicubic"), ArgumentError, "'bicubic' is unsupported"),
    (lambda: perspective(from_numpy(BYTES), START, END, fill=[1, 2]), ArgumentError, r"cannot broadcast .*\(2 != 3\)"),
    (lambda: perspective(from_numpy(BYTES), [[0, 0]] * 4, END), StateError, "(?s)not have full rank.*no three"),
    (lambda: perspective(3, START, END), ArgumentTypeError, "Unexpected type <class 'int'>"),
])  # fmt: skip
def test_wrong_arguments_are_refused(call: Callable[[], Any], kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        call()
