"""Unfold and fold: what they refuse, in PyTorch's words, and batches of nothing."""

from __future__ import annotations

from typing import Any

import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, DimensionError, ShapeError, UnsupportedError


def test_no_samples() -> None:
    assert nn.Unfold(2)(knoll.ones(0, 3, 4, 5)).shape == (0, 12, 12)
    assert nn.Fold((4, 5), 2)(knoll.ones(0, 12, 12)).shape == (0, 3, 4, 5)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: nn.Unfold(2)(knoll.ones(4, 5)), DimensionError, "Dimension out of range"),
        (lambda: nn.Unfold(2)(knoll.ones(2, 0, 4, 5)), ShapeError, r"other non-zero dimensions for input, but got"),
        (
            lambda: nn.Unfold(7)(knoll.ones(2, 3, 4, 5)),
            ShapeError,
            r"calculated shape of the array of sliding blocks as \(-2, -1\), but its components must be at least one",
        ),
        (lambda: nn.Unfold(0), ArgumentError, "kernel size should be greater than zero, but got kernel_height: 0"),
        (lambda: nn.Unfold(2, padding=-1), ArgumentError, "padding should be non-negative, but got pad_height: -1"),
        (lambda: nn.Unfold((2, 2, 2)), ArgumentError, "It is expected kernel_size equals to 2, but got size 3"),
        (lambda: nn.Unfold(2.5), ArgumentTypeError, "found element of type float at pos 0"),
        (lambda: nn.Unfold(2)(knoll.ones(1, 1, 2, 2).long()), UnsupportedError, "im2col_out_cpu"),
        (lambda: nn.Fold((4, 5), 2)(knoll.ones(12)), ShapeError, r"Expected 2D or 3D \(batch mode\) tensor"),
        (lambda: nn.Fold((4, 5), 2)(knoll.ones(2, 13, 12)), ShapeError, "divisible by the product of kernel_size"),
        (
            lambda: nn.Fold((4, 5), 2)(knoll.ones(2, 12, 11)),
            ShapeError,
            r"match the calculated number of sliding blocks 3 \* 4 = 12, but got input.size\(2\)=11",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        call()
