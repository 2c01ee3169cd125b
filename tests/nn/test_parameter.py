"""Parameters share memory with what they were made of, and no packed weight is out of date."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn


def test_a_parameter_shares_the_memory_of_its_tensor() -> None:
    t = knoll.zeros(2, 3)
    p = nn.Parameter(t)
    t.add_(1)
    assert p.tolist() == [[1, 1, 1], [1, 1, 1]]
    with knoll.no_grad():
        p[0] = 5
    assert t.tolist() == [[5, 5, 5], [1, 1, 1]]
    t += knoll.ones(3, requires_grad=True)
    assert p.tolist() == [[6, 6, 6], [2, 2, 2]]
    assert p.is_leaf
    assert p.requires_grad


def test_a_parameter_over_a_transposed_tensor(torch: Any) -> None:
    numbers = np.arange(6, dtype=np.float32).reshape(2, 3)
    for lib in (knoll, torch):
        t = lib.tensor(numbers)
        p = lib.nn.Parameter(t.t())
        optimizer = lib.optim.SGD([p], lr=0.5, momentum=0.9)
        (p * p).sum().backward()
        optimizer.step()
        optimizer.step()
        assert p.stride() == (1, 3)
        np.testing.assert_allclose(t.numpy(), numbers * (1 - 1 - 1.9), atol=1e-6)


@pytest.mark.parametrize("layer", [lambda: nn.Linear(3, 2, bias=False), lambda: nn.Conv2d(3, 2, 1, bias=False)])
def test_a_layer_follows_the_tensor_that_its_weight_is_made_of(layer: object) -> None:
    net = layer()
    t = knoll.ones(net.weight.shape)
    net.weight = nn.Parameter(t)
    x = knoll.ones(1, 3) if isinstance(net, nn.Linear) else knoll.ones(1, 3, 4, 4)
    assert float(net(x).max()) == 3
    t.mul_(2)
    assert float(net(x).max()) == 6
    t.detach().view(-1)[:] = 0
    assert float(net(x).max()) == 0


def test_a_parameter_over_an_array_follows_it() -> None:
    array = np.ones((2, 3), np.float32)
    net = nn.Linear(3, 2, bias=False)
    net.weight = nn.Parameter(knoll.from_numpy(array))
    assert float(net(knoll.ones(1, 3)).max()) == 3
    array[:] = 2
    assert float(net(knoll.ones(1, 3)).max()) == 6
    net.weight = nn.Parameter(array)  # an array itself is copied
    array[:] = 0
    assert float(net(knoll.ones(1, 3)).max()) == 6


def test_a_deep_copy_is_apart() -> None:
    net = nn.Linear(2, 2)
    twin = copy.deepcopy(net)
    with knoll.no_grad():
        net.weight.zero_()
    assert float(abs(twin.weight.detach()).sum()) > 0


def test_a_buffer_shares_the_memory_of_its_tensor() -> None:
    t = knoll.zeros(2)
    buffer = nn.Buffer(t)
    t.add_(1)
    assert buffer.tolist() == [1, 1]
