"""Transposed convolution: the transpose of a convolution, its gradient against differences, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from knoll.errors import DTypeError, ShapeError
from knoll.graph import Spec
from knoll.ops.convolution.conv import conv2d
from knoll.ops.convolution.conv_transpose import conv_transpose2d

SLIDE: dict[str, Any] = {"stride": (2, 1), "padding": ((1, 0), (0, 1)), "dilation": (1, 2), "groups": 2}
SIZE = (5, 5)


def arrays() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    return random.standard_normal((2, 4, 2, 4)), random.standard_normal((4, 3, 3, 2)), random.standard_normal(6)


def test_it_is_the_transpose_of_a_convolution() -> None:
    """⟨conv(x), y⟩ = ⟨x, transposed(y)⟩ for all x and y."""
    y, w, _ = arrays()
    x = np.random.default_rng(1).standard_normal((2, 6, *SIZE))
    (forward,), (back,) = conv2d.meaning(x, w, **SLIDE), conv_transpose2d.meaning(y, w, size=SIZE, **SLIDE)
    assert forward.shape[2:] == y.shape[2:]
    np.testing.assert_allclose((forward * y).sum(), (x * back).sum(), rtol=1e-12)


def test_gradient_by_differences(check_gradient: Callable[..., None]) -> None:
    check_gradient(conv_transpose2d, *arrays(), wrt=(0, 1, 2), size=SIZE, **SLIDE)


@pytest.mark.parametrize(
    ("x", "w", "b", "size", "sentence"),
    [
        ((2, 5, 2, 4), (4, 3, 3, 2), None, SIZE, r"to have 4 channels, but got 5 channels instead"),
        ((2, 4, 2, 4), (4, 3, 3, 2), (3,), SIZE, r"with 6 elements, but got bias of size \[3\]"),
        ((2, 4, 2, 4), (4, 3, 3, 2), None, (0, 3), r"output size per channel: \(0 x 3\)"),
        ((2, 5, 2, 4), (5, 3, 3, 2), None, SIZE, r"divisible by 2 at dimension 0"),
        ((4, 4), (4, 3, 3, 2), None, SIZE, r"Expected 3D \(unbatched\) or 4D \(batched\) input"),
    ],
)
def test_shapes_that_do_not_fit_are_refused(
    x: tuple[int, ...], w: tuple[int, ...], b: tuple[int, ...] | None, size: tuple[int, int], sentence: str
) -> None:
    specs = [Spec(shape, np.dtype("f")) for shape in (x, w, b) if shape is not None]
    with pytest.raises(ShapeError, match=sentence):
        conv_transpose2d.shape(*specs, size=size, **SLIDE)


def test_element_types_must_be_the_same() -> None:
    with pytest.raises(DTypeError, match="expected scalar type Float but found Double"):
        conv_transpose2d.shape(Spec((2, 4, 2, 4), np.dtype("f")), Spec((4, 3, 3, 2), np.dtype("d")), size=SIZE, **SLIDE)
