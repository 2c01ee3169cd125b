"""Windows in columns as operations: a matrix times them is a convolution, and fold is the gradient of unfold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll.ops.convolution.conv import conv2d
from knoll.ops.convolution.unfold import blocks, fold2d, unfold2d

SLIDES = [
    {"kernel": (2, 3), "stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)},
    {"kernel": (3, 2), "stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)},
    {"kernel": (1, 2), "stride": (2, 3), "padding": (0, 2), "dilation": (1, 1)},
]


@pytest.mark.parametrize("slide", SLIDES, ids=str)
def test_a_matrix_times_columns_is_a_convolution(slide: dict[str, Any]) -> None:
    random = np.random.default_rng(0)
    x, w = random.standard_normal((2, 3, 7, 8)), random.standard_normal((4, 3, *slide["kernel"]))
    (columns,) = unfold2d.meaning(x, **slide)
    sides = tuple((each, each) for each in slide["padding"])
    (expected,) = conv2d.meaning(
        x, w, None, stride=slide["stride"], padding=sides, dilation=slide["dilation"], groups=1
    )
    np.testing.assert_allclose((w.reshape(4, -1) @ columns).reshape(expected.shape), expected, atol=1e-12)
    assert blocks((7, 8), **slide) == expected.shape[2:]


@pytest.mark.parametrize("slide", SLIDES, ids=str)
def test_fold_is_the_gradient_of_unfold(slide: dict[str, Any]) -> None:
    random = np.random.default_rng(1)
    x = random.standard_normal((2, 3, 7, 8))
    (columns,) = unfold2d.meaning(x, **slide)
    dy = random.standard_normal(columns.shape)
    (dx,) = fold2d.meaning(dy, size=(7, 8), **slide)
    assert float((columns * dy).sum()) == pytest.approx(float((x * dx).sum()))
