from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from knoll import nn
from knoll.nn import init

SHAPE = (64, 32, 3, 3)
FAN_IN, FAN_OUT = 32 * 9, 64 * 9


@pytest.mark.parametrize(
    ("fill", "std", "bound"),
    [
        (lambda t: init.uniform_(t, -2, 2), 2 / 3**0.5, 2),
        (lambda t: init.normal_(t, 0, 3), 3, None),
        (init.xavier_uniform_, (2 / (FAN_IN + FAN_OUT)) ** 0.5, (6 / (FAN_IN + FAN_OUT)) ** 0.5),
        (lambda t: init.xavier_normal_(t, gain=2), 2 * (2 / (FAN_IN + FAN_OUT)) ** 0.5, None),
        (init.kaiming_uniform_, (2 / FAN_IN) ** 0.5, (6 / FAN_IN) ** 0.5),
        (lambda t: init.kaiming_normal_(t, mode="fan_out", nonlinearity="relu"), (2 / FAN_OUT) ** 0.5, None),
        (lambda t: init.kaiming_uniform_(t, a=5**0.5), (1 / 3 / FAN_IN) ** 0.5, FAN_IN**-0.5),
    ],
)
def test_spread(fill: Callable[[Any], Any], std: float, bound: float | None) -> None:
    tensor = nn.Parameter(np.full(SHAPE, np.nan, np.float32))
    assert fill(tensor) is tensor
    numbers = tensor.detach().numpy()
    assert numbers.dtype == np.float32
    assert abs(numbers.mean()) < std / 20
    assert abs(numbers.std() / std - 1) < 0.05
    if bound is not None:
        assert 0.99 * bound < abs(numbers).max() <= bound * (1 + 1e-6)


def test_constants() -> None:
    tensor = nn.Parameter(np.full(3, np.nan))
    assert init.zeros_(tensor).detach().numpy().tolist() == [0, 0, 0]
    assert init.ones_(tensor).detach().numpy().tolist() == [1, 1, 1]
    assert init.constant_(tensor, 0.5).detach().numpy().tolist() == [0.5, 0.5, 0.5]
    assert tensor.requires_grad


def test_the_first_numbers_of_layers_reach_their_bounds() -> None:
    layer = nn.Linear(400, 300)
    for parameter in layer.parameters():
        assert 0.9 * 0.05 < abs(parameter.detach().numpy()).max() <= 0.05
        assert abs(parameter.detach().numpy().std() * 20 * 3**0.5 - 1) < 0.1


@pytest.mark.parametrize("name", ["linear", "conv2d", "sigmoid", "tanh", "relu", "leaky_relu", "selu"])
def test_gains_are_pytorchs(torch: Any, name: str) -> None:
    assert init.calculate_gain(name) == torch.nn.init.calculate_gain(name)
    assert init.calculate_gain("leaky_relu", 0.3) == torch.nn.init.calculate_gain("leaky_relu", 0.3)


@pytest.mark.parametrize("shape", [(3, 4), (8, 3, 5, 7)])
def test_fans_are_pytorchs(torch: Any, shape: tuple[int, ...]) -> None:
    expected = torch.nn.init._calculate_fan_in_and_fan_out(torch.ones(shape))
    assert init._calculate_fan_in_and_fan_out(nn.Parameter(np.ones(shape))) == expected


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.nn.init.kaiming_uniform_(k.nn.Parameter(k.x(3))),
        lambda k: k.nn.init.xavier_normal_(k.nn.Parameter(k.x(3))),
        lambda k: k.nn.init.kaiming_normal_(k.nn.Parameter(k.x(3, 3)), mode="fan"),
        lambda k: k.nn.init.calculate_gain("softmax"),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)
