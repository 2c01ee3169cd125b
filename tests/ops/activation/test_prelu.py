"""Slopes that are an array: gradients against differences, and the counts of slopes that fit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from knoll.errors import DTypeError, ShapeError
from knoll.graph import Spec
from knoll.ops.activation.prelu import prelu, rrelu

Check = Callable[..., None]


RNG = np.random.default_rng(7)


@pytest.mark.parametrize(("shape", "count"), [((), ()), ((), (1,)), ((5,), (1,)), ((3, 4), (4,)), ((2, 3, 2), (3,)),
                                              ((2, 3, 2), (1,)), ((2, 1, 3), (1,)), ((2, 3, 2), ())])  # fmt: skip
def test_gradients_of_slopes(check_gradient: Check, shape: tuple[int, ...], count: tuple[int, ...]) -> None:
    x = np.asarray(RNG.uniform(0.3, 2.0, shape) * RNG.choice([-1.0, 1.0], shape))
    check_gradient(prelu, x, np.asarray(RNG.uniform(0.1, 0.5, count)), wrt=(0, 1))
    check_gradient(rrelu, x, np.asarray(RNG.uniform(0.1, 0.5, shape)), wrt=(0,))


@pytest.mark.parametrize(
    ("shape", "count", "sentence"),
    [
        ((2, 3, 4), (4,), r"Found parameter numbers = 4 and channel size = 3\."),
        ((5,), (5,), r"Found parameter numbers = 5 and channel size = 1\."),
        ((), (3,), r"Not allow zero-dim input tensor\."),
        ((2, 3), (3, 1), r"Expected `weight` to be a scalar or 1D tensor, but got: ndim = 2"),
    ],
)
def test_slopes_that_fit_no_channels_are_refused(shape: tuple[int, ...], count: tuple[int, ...], sentence: str) -> None:
    with pytest.raises(ShapeError, match=sentence):
        prelu.shape(Spec(shape, np.dtype("f")), Spec(count, np.dtype("f")))


def test_slopes_of_another_type_are_refused() -> None:
    with pytest.raises(DTypeError, match=r"Type promoting not supported\. Got Float and Double"):
        prelu.shape(Spec((2,), np.dtype("f")), Spec((1,), np.dtype("d")))
