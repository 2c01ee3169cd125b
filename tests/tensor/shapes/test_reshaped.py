"""Changes of a shape in place: the same tensor, the same memory, and what aliases see of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from side_by_side import both, same_refusal

X = np.arange(6.0).reshape(2, 3)
CHANGES: dict[str, Callable[[Any], Any]] = {
    "t_": lambda x: x.t_(),
    "transpose_": lambda x: x.transpose_(0, 1),
    "swapaxes_": lambda x: x.swapaxes_(0, -1),
    "swapdims_": lambda x: x.swapdims_(0, 1),
    "unsqueeze_": lambda x: x.unsqueeze_(1),
    "squeeze_": lambda x: x.unsqueeze_(0).unsqueeze_(-1).squeeze_(),
    "squeeze_ one": lambda x: x.unsqueeze_(0).unsqueeze_(-1).squeeze_(0),
    "squeeze_ some": lambda x: x.unsqueeze_(0).unsqueeze_(-1).squeeze_((0, 3)),
    "squeeze_ none": lambda x: x.squeeze_(),
    "twice": lambda x: x.t_().unsqueeze_(1).transpose_(0, 2),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_tensor_itself_changes(name: str) -> None:
    change = CHANGES[name]

    def plain(t: Any, x: Any) -> Any:
        given = x.detach().clone()
        assert change(given) is given
        return given

    def with_aliases(t: Any, x: Any) -> Any:
        base = x.detach().clone()
        row, flat = base[0], base.view(-1)
        change(base)
        base += 1
        row *= 2
        flat[3] = 9
        changed = base + 0
        change(row.unsqueeze_(0))
        row -= 1
        return base, row, flat, changed

    def of_a_part(t: Any, x: Any) -> Any:
        base = x.detach().clone()
        part = base[:, 1:]
        change(part)
        part.mul_(10)
        base[0, 2] = 3
        return base, part

    def with_gradient(t: Any, x: Any) -> Any:
        y = x * 2
        before = y[1]
        change(y)
        z = y + x.sum()
        y.mul_(3)
        return y, z, before

    for call in (plain, with_aliases, of_a_part, with_gradient):
        both(call, X)


@pytest.mark.parametrize("name", CHANGES)
def test_inside_a_network(name: str) -> None:
    class Net(nn.Module):
        def forward(self, x: Any) -> Any:
            y = nn.functional.relu(x) * 2
            CHANGES[name](y)
            y += 1
            return y

    x = knoll.tensor(X, requires_grad=True)
    z = knoll.tensor(X, requires_grad=True)
    net = Net()
    for _ in range(2):
        inside, outside = net(x), net.forward(z)
        np.testing.assert_array_equal(inside.detach(), outside.detach())
    inside.sum().backward()
    outside.sum().backward()
    np.testing.assert_array_equal(x.grad, z.grad)


def test_the_input_of_a_network() -> None:
    class Net(nn.Module):
        def forward(self, x: Any) -> Any:
            x.unsqueeze_(0)
            return nn.functional.conv2d(x, knoll.ones(1, 3, 1, 1))

    x = knoll.ones(3, 2, 2)
    assert Net()(x).shape == (1, 1, 2, 2)
    assert x.shape == (1, 3, 2, 2)
    assert (x * 2).sum() == 24


def test_a_leaf_stays_one() -> None:
    x = knoll.tensor(X, requires_grad=True)
    with knoll.no_grad():
        x.t_()
    assert (x.shape, x.is_leaf, x.requires_grad) == ((3, 2), True, True)
    (x * knoll.arange(6.0, dtype=knoll.float64).reshape(3, 2)).sum().backward()
    assert x.grad.tolist() == [[0, 1], [2, 3], [4, 5]]
    layer = nn.Linear(2, 3)
    before = layer(knoll.ones(1, 2)).tolist()
    with knoll.no_grad():
        layer.weight.t_().t_()
    assert layer(knoll.ones(1, 2)).tolist() == before


def test_refusals_are_those_of_pytorch() -> None:
    same_refusal(lambda t: t.ones(2, 3, requires_grad=True).t_())
    same_refusal(lambda t: t.ones(2, 3, requires_grad=True)[0].unsqueeze_(0))
    same_refusal(lambda t: t.ones(1, 2, 1).t_())
    same_refusal(lambda t: t.ones(1, 2, 1).unsqueeze_(7))
    same_refusal(lambda t: t.ones(2, 3).transpose_(0, 5))
