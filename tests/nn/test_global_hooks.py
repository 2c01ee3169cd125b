"""Hooks that every module calls: as PyTorch's, whatever was memoised before, and gone when they are taken away."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

import pytest

import knoll
from knoll import nn
from knoll.nn import global_hooks as every


def small(lib: Any) -> Any:
    return lib.nn.Sequential(lib.nn.Linear(3, 4), lib.nn.ReLU(), lib.nn.Linear(4, 2))


def calls_of(lib: Any) -> list[Any]:
    """What hooks of all modules see of a network that was called before, and one of its own layers."""
    module = importlib.import_module(f"{lib.__name__}.nn.modules.module")
    net, x, seen = small(lib), lib.ones(2, 3, requires_grad=True), list[Any]()
    net(x), net(x)
    hooks: list[tuple[str, Callable[..., Any]]] = [
        ("forward_pre_hook", lambda m, i: seen.append(("before", type(m).__name__, len(i)))),
        ("forward_hook", lambda m, _, y: seen.append(("after", type(m).__name__, tuple(y.shape)))),
        ("full_backward_pre_hook", lambda m, dy: seen.append(("backward", type(m).__name__, len(dy)))),
        ("full_backward_hook", lambda m, dx, _: seen.append(("passed", type(m).__name__, tuple(dx[0].shape)))),
    ]
    handles = [getattr(module, f"register_module_{name}")(hook) for name, hook in hooks]
    own = net[0].register_forward_hook(lambda *_: seen.append("own"))
    net(x).sum().backward()
    for handle in handles:
        handle.remove()
    net(x)
    own.remove()
    return seen


@pytest.mark.pytorch
def test_like_pytorch() -> None:
    torch = pytest.importorskip("torch")
    assert calls_of(knoll) == calls_of(torch)


def test_what_they_return_replaces() -> None:
    x = knoll.ones(1, 3)
    with every.register_module_forward_pre_hook(lambda module, _: (x * 2,) if isinstance(module, nn.ReLU) else None):
        assert nn.Sequential(nn.ReLU())(x).tolist() == [[2.0, 2.0, 2.0]]
    with every.register_module_forward_hook(lambda *_: x * 3):
        assert nn.ReLU()(x).tolist() == [[3.0, 3.0, 3.0]]
    assert nn.ReLU()(x).tolist() == [[1.0, 1.0, 1.0]]


def test_one_that_is_always_called_sees_what_failed() -> None:
    seen = list[str]()
    with (
        every.register_module_forward_hook(lambda module, *_: seen.append(type(module).__name__), always_call=True),
        pytest.raises(RuntimeError, match="mat1 and mat2"),
    ):
        nn.Sequential(nn.Linear(2, 2), nn.ReLU())(knoll.ones(1, 3))
    assert seen == ["Linear", "Sequential"]
