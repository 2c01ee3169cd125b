"""Anomaly detection: a gradient that is not a number is an error that says which function gave it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import knoll
from knoll import nn
from knoll.errors import StateError

BAD: dict[str, Callable[[Any, Any], Any]] = {
    "sqrt": lambda _, x: x.sqrt() * 0,
    "log": lambda lib, x: lib.where(x > 0, x.log() * 0, x * 0),
    "division": lambda _, x: (x / x * 0 + 1) * 0,
}


@pytest.mark.parametrize("name", BAD)
def test_the_function_is_named_as_in_pytorch(torch: Any, name: str) -> None:
    said = []
    for lib in (knoll, torch):
        with pytest.raises(RuntimeError) as error, lib.autograd.set_detect_anomaly(True):  # noqa: PT012 (two lines)
            x = lib.tensor([0.0, 1.0], requires_grad=True)
            BAD[name](lib, x).sum().backward()
        said.append(str(error.value).split("\n")[0])
    assert said[0] == said[1]


class Root(nn.Module):
    def forward(self, x: knoll.Tensor) -> knoll.Tensor:
        return x.sqrt() * 0


def test_it_is_looked_for_within_its_block_and_inside_of_modules() -> None:
    x = knoll.tensor([0.0, 1.0], requires_grad=True)
    with pytest.warns(UserWarning, match="Anomaly Detection has been enabled"):
        block = knoll.autograd.detect_anomaly()
    with block:
        assert knoll.is_anomaly_enabled()
        with pytest.raises(StateError, match="Function 'SqrtBackward0' returned nan values"):
            Root()(x).sum().backward()
        with knoll.autograd.set_detect_anomaly(True, check_nan=False):
            assert not knoll.is_anomaly_check_nan_enabled()
            Root()(x).sum().backward()
        assert knoll.is_anomaly_check_nan_enabled()
    assert not knoll.is_anomaly_enabled()
    Root()(x).sum().backward()
    assert x.grad is not None
    assert x.grad.isnan().tolist() == [True, False]


def test_it_is_set_until_it_is_set_again() -> None:
    knoll.autograd.set_detect_anomaly(True)
    assert knoll.is_anomaly_enabled()
    knoll.autograd.set_detect_anomaly(False)
    assert not knoll.is_anomaly_enabled()
