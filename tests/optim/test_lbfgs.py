"""LBFGS takes the steps of PyTorch's: with and without a line search, over several calls, from a saved state."""

# ruff: noqa: ARG005 (every loss is given the library)
from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn, optim
from knoll.errors import ArgumentError, ArgumentTypeError, StateError

RNG = np.random.default_rng(0)
M = RNG.standard_normal((6, 6))
M = M @ M.T / 6 + 0.1 * np.eye(6)

LOSSES: dict[str, Callable[[Any, list[Any]], Any]] = {
    "bowl": lambda lib, p: (lib.tensor(M) @ p[0] @ p[0]) + ((p[1] - 2) ** 2).sum(),
    "Rosenbrock": lambda lib, p: (
        ((1 - p[0][:-1]) ** 2).sum() + 100 * ((p[0][1:] - p[0][:-1] ** 2) ** 2).sum() + (p[1] ** 4).sum()
    ),
    "waves": lambda lib, p: (p[0].sin() + p[0] ** 2 / 20).sum() + (p[1] - 1).cos().sum(),
    "steep": lambda lib, p: (p[0].exp() + (-p[0]).exp()).sum() + (p[1] ** 2).sum(),
}  # fmt: skip
OPTIONS: list[dict[str, Any]] = [
    {}, {"lr": 0.1}, {"max_iter": 3}, {"max_iter": 7, "max_eval": 4}, {"history_size": 2, "lr": 0.3},
    {"tolerance_grad": 0.5}, {"tolerance_change": 1e-2, "lr": 0.1}, {"max_iter": 0}, {"max_iter": 1},
]  # fmt: skip


def run(library: Any, name: str, settings: dict[str, Any], dtype: str = "float64", calls: int = 3) -> Any:
    rng = np.random.default_rng(1)
    params = [library.tensor(rng.standard_normal(shape).astype(dtype), requires_grad=True) for shape in ((6,), (2, 2))]
    optimizer = library.optim.LBFGS(params, **settings)
    count = 0

    def closure() -> Any:
        nonlocal count
        count += 1
        optimizer.zero_grad()
        loss = LOSSES[name](library, params)
        loss.backward()
        return loss

    losses = [float(optimizer.step(closure).detach()) for _ in range(calls)]
    state = optimizer.state_dict()["state"].get(0, {})
    return losses, [p.detach().numpy() for p in params], count, state, optimizer


def numbers(value: Any) -> Any:
    """Tensors as lists, in lists and dictionaries too."""
    if hasattr(value, "detach"):
        return value.detach().numpy().tolist()
    if isinstance(value, dict):
        return {key: numbers(part) for key, part in value.items()}
    return [numbers(part) for part in value] if isinstance(value, list) else value


def close(one: Any, other: Any) -> None:
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        for key in one:
            close(one[key], other[key])
    elif isinstance(one, list):
        assert len(one) == len(other)
        for a, b in zip(one, other, strict=True):
            close(a, b)
    elif one is None:
        assert other is None
    else:
        assert one == pytest.approx(other, rel=1e-3, abs=1e-5, nan_ok=True)


@pytest.mark.parametrize("search", [None, "strong_wolfe"])
@pytest.mark.parametrize("settings", OPTIONS, ids=str)
@pytest.mark.parametrize("name", LOSSES)
def test_steps_are_those_of_pytorch(torch: Any, name: str, settings: dict[str, Any], search: str | None) -> None:
    settings = {**settings, "line_search_fn": search}
    if search is None and name in ("Rosenbrock", "steep"):
        settings["lr"] = 0.01  # else it runs away, and rounding with it
    mine, other = run(knoll, name, settings), run(torch, name, settings)
    # Differences of gradients cancel, and each step begins with the rounding of all steps before.
    np.testing.assert_allclose(mine[0], other[0], rtol=1e-6, atol=1e-8)
    for a, b in zip(mine[1], other[1], strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)
    assert mine[2] == other[2]
    first = (run(library, name, settings, calls=1)[3] for library in (knoll, torch))
    close(*map(numbers, first))


@pytest.mark.parametrize("name", ["bowl", "Rosenbrock"])
def test_single_precision(torch: Any, name: str) -> None:
    LOSSES["float"] = lambda lib, p: LOSSES[name](SimpleLibrary(lib), p)
    settings = {"line_search_fn": "strong_wolfe", "max_iter": 100}
    mine, other = run(knoll, "float", settings, "float32", 2), run(torch, "float", settings, "float32", 2)
    del LOSSES["float"]
    assert mine[0][1] < 1e-4
    (first, second), (their_first, their_second) = mine[1], other[1]
    np.testing.assert_allclose(first, their_first, atol=1e-2)
    power = (
        2 if name == "Rosenbrock" else 1
    )  # its fourth powers are flat at their smallest: rounding says where it ends
    np.testing.assert_allclose(second**power, their_second**power, atol=1e-2)


class SimpleLibrary:
    """Tensors in single precision."""

    def __init__(self, library: Any) -> None:
        self._library = library

    def tensor(self, array: Any) -> Any:
        return self._library.tensor(array.astype(np.float32))


def test_a_state_goes_on_where_it_was_saved(torch: Any) -> None:
    settings = {"max_iter": 4, "line_search_fn": "strong_wolfe"}
    whole = run(knoll, "Rosenbrock", settings, calls=4)[1]
    _, params, _, _, optimizer = run(knoll, "Rosenbrock", settings, calls=2)
    file = io.BytesIO()
    knoll.save(optimizer.state_dict(), file)
    file.seek(0)
    again = [knoll.tensor(p, requires_grad=True) for p in params]
    other = optim.LBFGS(again, lr=9.0)
    other.load_state_dict(knoll.load(file))

    def closure() -> Any:
        other.zero_grad()
        loss = LOSSES["Rosenbrock"](knoll, again)
        loss.backward()
        return loss

    for _ in range(2):
        other.step(closure)
    for a, b in zip(again, whole, strict=True):
        np.testing.assert_allclose(a.detach().numpy(), b, rtol=1e-9)
    theirs = torch.optim.LBFGS([torch.tensor(p, requires_grad=True) for p in params])
    state = run(torch, "Rosenbrock", settings, calls=2)[4].state_dict()
    theirs.load_state_dict(state)


def test_a_network_is_trained() -> None:
    knoll.manual_seed(0)
    net, x = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1)), knoll.randn(64, 2)
    y = (x[:, :1] * x[:, 1:]).sin()
    optimizer = optim.LBFGS(net.parameters(), max_iter=60, line_search_fn="strong_wolfe")

    def closure() -> Any:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(net(x), y)
        loss.backward()
        return loss

    first = optimizer.step(closure).item()
    assert closure().item() < first / 50


def test_parameters_without_gradient_stay() -> None:
    p, q = knoll.ones(2, requires_grad=True), knoll.ones(3, requires_grad=True)
    optimizer = optim.LBFGS([p, q], max_iter=5)

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (p * p).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert q.tolist() == [1, 1, 1]
    assert p.abs().max() < 1e-6
    assert float(optimizer.step(closure)) < 1e-12


@pytest.mark.parametrize(("said", "wrong"), [
    ("only 'strong_wolfe' is supported", {"line_search_fn": "armijo"}),
    ("max_iter=-1", {"max_iter": -1}), ("max_iter=2.5", {"max_iter": 2.5}), ("history_size=0", {"history_size": 0}),
    ("max_eval=x", {"max_eval": "x"}), ("tolerance_grad is not a number but str", {"tolerance_grad": "x"}),
    ("Invalid learning rate: nan", {"lr": math.nan}),
])  # fmt: skip
def test_wrong_arguments_are_told(said: str, wrong: dict[str, Any]) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=said):
        optim.LBFGS([knoll.zeros(1)], **wrong)


def test_a_closure_is_needed_and_one_group_alone() -> None:
    optimizer = optim.LBFGS([knoll.zeros(1)])
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'closure'"):
        optimizer.step()
    with pytest.raises(ArgumentTypeError, match="'int' object is not callable"):
        optimizer.step(3)
    optimizer.add_param_group({"params": [knoll.zeros(1)]})
    with pytest.raises(StateError, match="Expected exactly one param_group, but got 2"):
        optimizer.step(lambda: knoll.zeros(1))
