"""Circular functions of two arguments, sinc and degrees against PyTorch."""

from __future__ import annotations

import math

import pytest

import knoll
from side_by_side import A, B, Case, comparisons

COMPARED: dict[str, Case] = {
    "atan2": (lambda t, a, b: t.atan2(a, b), (A, B)),
    "hypot": (lambda t, a, b: t.hypot(a, b), (A, B)),
    "sinc": (lambda t, a: t.sinc(a), (A,)),
    "deg2rad": (lambda t, a: t.deg2rad(a), (A,)),
    "rad2deg": (lambda t, a: t.rad2deg(a), (A,)),
}

test_results_and_gradients_as_in_pytorch = comparisons(COMPARED)


def test_the_inverse_of_cosh_in_place() -> None:
    assert (knoll.ones(2) * 2).acosh_()[0].item() == pytest.approx(math.acosh(2))
