from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, UnsupportedError
from knoll.nn import functional as F


@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("sizes", [(1, 2, 3, 0), (-1, 2, 0, -2), (0, 0, 1, 1), (2, 3), (1, 2, 0, 3, 1, -1)])
@pytest.mark.parametrize("before", [1, 2])
def test_padding_is_pytorchs(torch: Any, mode: str, sizes: tuple[int, ...], before: int) -> None:
    x = np.random.default_rng(0).standard_normal((2, 3, 2, 4, 5)[-before - len(sizes) // 2 :])
    expected = torch.nn.functional.pad(torch.tensor(x), sizes, mode).detach().numpy()
    np.testing.assert_array_equal(F.pad(x, sizes, mode).detach().numpy(), expected)


def test_any_value_and_any_axis() -> None:
    y = F.pad(np.zeros((1, 1)), (0, 0, 1, 1), value=7)
    assert y.detach().numpy().tolist() == [[7], [0], [7]]


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.F.pad(k.x(2, 3, 8, 8), (1,)),
        lambda k: k.F.pad(k.x(3), (1, 1, 1, 1)),
        lambda k: k.F.pad(k.x(3), (1, 1), "mirror"),
        lambda k: k.F.pad(k.x(2, 3, 8, 8), (8, 0, 0, 0), "reflect"),
        lambda k: k.F.pad(k.x(2, 3, 8, 8), (0, 0, 0, 8), "reflect"),
        lambda k: k.F.pad(k.x(2, 3, 8, 8), (9, 0, 0, 0), "circular"),
        lambda k: k.F.pad(k.x(2, 3, 8, 8), (-9, 0, 0, 0), "circular"),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


def test_a_value_is_for_constants_only(same_error: Any) -> None:
    same_error(lambda k: k.F.pad(k.x(2, 3, 8, 8), (1, 1, 1, 1), "reflect", value=2.0), ArgumentError)


def test_unknown_modes_are_refused_with_those_there_are() -> None:
    with pytest.raises(UnsupportedError, match="expected: constant, reflect, replicate, circular"):
        F.pad(np.zeros(3), (1, 1), "mirror")


@pytest.mark.parametrize("value", [0.0, -0.0, 1.5])
@pytest.mark.parametrize("side", [4, 40])
def test_constant_padding_keeps_the_sign_of_zero(value: float, side: int) -> None:
    x = knoll.ones(1, 2, side, side)
    for padded in (F.pad(x, (1, 1, 1, 1), value=value), nn.ConstantPad2d(1, value)(x)):
        border = padded.numpy()[:, :, 0]
        np.testing.assert_array_equal(border, np.full_like(border, value))
        assert np.signbit(border).all() == (str(value) == "-0.0")
