# ruff: noqa: ARG005 (every call is given the same arguments)

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from knoll import nn
from knoll.errors import StateError

X = np.array([-1.0, 2.0])


class Doubled(nn.Module):
    """Twice x, and a keyword."""

    def forward(self, x: Any, more: float = 0.0) -> Any:
        return x * 2 + more


def test_a_hook_sees_inputs_and_result_and_may_change_it() -> None:
    layer, seen = Doubled(), []
    handle = layer.register_forward_hook(
        lambda module, inputs, result: seen.append((module, inputs[0].shape, result.shape))
    )
    layer(X)
    assert seen == [(layer, (2,), (2,))]
    handle.remove()
    handle.remove()
    layer(X)
    assert len(seen) == 1
    with layer.register_forward_hook(lambda module, inputs, result: result * 10):
        assert layer(X).detach().numpy().tolist() == [-20, 40]
    assert layer(X).detach().numpy().tolist() == [-2, 4]


def test_a_hook_before_may_change_the_inputs() -> None:
    layer = Doubled()
    layer.register_forward_pre_hook(lambda module, inputs: inputs[0] + 1)
    layer.register_forward_pre_hook(lambda module, inputs: (inputs[0] * 10,))
    assert layer(X).detach().numpy().tolist() == [0, 60]


def test_prepended_hooks_come_first() -> None:
    layer, order = Doubled(), []
    layer.register_forward_hook(lambda *_: order.append("second"))
    layer.register_forward_hook(lambda *_: order.append("first"), prepend=True)
    layer(X)
    assert order == ["first", "second"]


def test_hooks_with_keywords() -> None:
    layer, seen = Doubled(), []
    layer.register_forward_pre_hook(
        lambda module, inputs, named: (inputs, {"more": named["more"] + 1}), with_kwargs=True
    )
    layer.register_forward_hook(lambda module, inputs, named, result: seen.append(named), with_kwargs=True)
    assert layer(X, more=1.0).detach().numpy().tolist() == [0, 6]
    assert seen == [{"more": 2.0}]


def test_a_hook_that_returns_something_else_is_refused() -> None:
    layer = Doubled()
    layer.register_forward_pre_hook(lambda module, inputs, named: 3, with_kwargs=True)
    with pytest.raises(StateError, match="forward pre-hook must return None or a tuple of"):
        layer(X)


def test_hooks_of_inner_layers_see_numbers() -> None:
    net, means = nn.Sequential(nn.ReLU(), nn.Flatten(0)), []
    net[0].register_forward_hook(lambda module, inputs, result: means.append(result.detach().numpy().mean()))
    net(X)
    assert means == [1.0]


@pytest.mark.parametrize("after", [nn.Conv2d(4, 2, 3), nn.MaxPool2d(2)], ids=["Conv2d", "MaxPool2d"])
def test_numbers_that_a_hook_saw_are_those_that_go_on(after: nn.Module) -> None:
    net, seen = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), after), []
    handle = net[1].register_forward_hook(lambda module, inputs, result: seen.append(result.detach().numpy()))
    x = np.random.default_rng(0).standard_normal((2, 3, 9, 9)).astype(np.float32)
    looked_at = net(x)
    handle.remove()
    np.testing.assert_allclose(seen[0], nn.ReLU()(net[0](x)).detach().numpy(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(looked_at.detach().numpy(), net(x).detach().numpy(), rtol=1e-5, atol=1e-6)
    looked_at.sum().backward()
    assert net[0].weight.grad is not None


def test_registries_hold_the_functions_themselves() -> None:
    """As in PyTorch: programs look for their own hooks among them, and put some in."""
    layer, order = Doubled(), []

    def before(module: nn.Module, inputs: Any) -> None:
        order.append("before")

    layer.register_forward_pre_hook(before)
    layer.register_full_backward_hook(before)
    assert list(layer._forward_pre_hooks.values()) == list(layer._backward_hooks.values()) == [before]
    layer._forward_hooks[-1] = lambda module, inputs, result: order.append("after")
    layer._forward_hooks[-2] = lambda module, inputs, result: result + 1
    assert layer(X).detach().numpy().tolist() == [-1, 5]
    assert order == ["before", "after"]
    layer._forward_hooks.clear()
    assert layer(X).detach().numpy().tolist() == [-2, 4]
