"""Muon against its definition in double precision, and against PyTorch's, which computes with eight bits less."""

from __future__ import annotations

import copy
import itertools
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn, optim
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.optim.muon import orthogonalised

SHAPES = ((3, 4), (4, 3), (5, 5), (1, 1), (2, 0))
OPTIONS = [
    dict(zip(("weight_decay", "momentum", "nesterov", "adjust_lr_fn", "ns_steps"), values, strict=True))
    for values in itertools.product((0, 0.1), (0, 0.95), (False, True), (None, "match_rms_adamw"), (1, 5))
]
PLAIN = (3.4445, -4.7750, 2.0315)


def gradients(step: int, dtype: str) -> list[np.ndarray]:
    rng = np.random.default_rng(step)
    return [rng.standard_normal(shape).astype(dtype) for shape in SHAPES]


def run(library: Any, settings: dict[str, Any], dtype: str, lr: Any = 0.05) -> tuple[list[np.ndarray], Any]:
    rng = np.random.default_rng(9)
    params = [library.tensor(rng.standard_normal(shape).astype(dtype), requires_grad=True) for shape in SHAPES]
    params = params[:-1] if library is not knoll else params  # PyTorch divides by the number of columns
    optimizer = library.optim.Muon(params, lr=lr, **settings)
    for step in range(6):
        for place, (param, numbers) in enumerate(zip(params, gradients(step, dtype), strict=False)):
            param.grad = None if (step + place) % 3 == 0 else library.tensor(numbers)
        optimizer.step()
    return [param.detach().numpy() for param in params], optimizer


def meant(settings: dict[str, Any], lr: float = 0.05) -> list[np.ndarray]:
    """The formula of the docstring, written out."""
    rng = np.random.default_rng(9)
    found = []
    for place, shape in enumerate(SHAPES[:-1]):
        p, b, share = rng.standard_normal(shape), np.zeros(shape), settings["momentum"]
        for step in range(6):
            g = gradients(step, "float64")[place]
            if (step + place) % 3 == 0:
                continue
            b = share * b + (1 - share) * g
            u = share * b + (1 - share) * g if settings["nesterov"] else b
            x = u / np.linalg.norm(u)
            x = x.T if shape[0] > shape[1] else x
            for _ in range(settings["ns_steps"]):
                a = x @ x.T
                x = PLAIN[0] * x + (PLAIN[1] * a + PLAIN[2] * a @ a) @ x
            x = x.T if shape[0] > shape[1] else x
            r = 0.2 * max(shape) ** 0.5 if settings["adjust_lr_fn"] else max(1, shape[0] / shape[1]) ** 0.5
            p = (1 - lr * settings["weight_decay"]) * p - lr * r * x
        found.append(p)
    return found


@pytest.mark.parametrize("settings", OPTIONS, ids=str)
def test_steps_are_what_the_formula_says(settings: dict[str, Any]) -> None:
    for dtype, tolerance in (("float64", 1e-12), ("float32", 2e-5)):
        for mine, other in zip(run(knoll, settings, dtype)[0][:-1], meant(settings), strict=True):
            np.testing.assert_allclose(mine, other, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("settings", OPTIONS, ids=str)
def test_steps_are_near_those_of_pytorch(torch: Any, settings: dict[str, Any]) -> None:
    """A matrix of numbers up to 1 that are rounded to 8 bits several times, six times lr · r of it."""
    mine, other = run(knoll, settings, "float32"), run(torch, settings, "float32")
    for a, b in zip(mine[0][:-1], other[0], strict=True):
        np.testing.assert_allclose(a, b, atol=6 * 0.05 * 1.2 * 2**-4)
    states = [found[1].state_dict() for found in (mine, other)]
    for name in other[1].state_dict()["param_groups"][0]:
        if name != "params":
            assert states[0]["param_groups"][0][name] == states[1]["param_groups"][0][name]
    for number, remembered in states[1]["state"].items():
        assert states[0]["state"][number].keys() == remembered.keys()
        for name, value in remembered.items():
            np.testing.assert_allclose(states[0]["state"][number][name].numpy(), value.numpy(), rtol=1e-5, atol=1e-6)


def test_a_matrix_becomes_nearly_orthogonal() -> None:
    matrix = np.random.default_rng(0).standard_normal((8, 20))
    values = np.linalg.svd(orthogonalised(matrix, PLAIN, 5, 1e-7), compute_uv=False)
    assert values.min() > 0.6
    assert values.max() < 1.25
    assert not orthogonalised(np.zeros((2, 3)), PLAIN, 5, 1e-7).any()


def test_a_rate_that_is_a_tensor_and_half_precision() -> None:
    rate = knoll.tensor(0.05)
    np.testing.assert_array_equal(run(knoll, {}, "float32", rate)[0][0], run(knoll, {}, "float32")[0][0])
    half, single = run(knoll, {}, "float16")[0][0], run(knoll, {}, "float32")[0][0]
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, single, atol=2e-2)


def test_the_matrices_of_a_network_beside_the_rest() -> None:
    knoll.manual_seed(0)
    net, x = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1)), knoll.randn(64, 4)
    y = x.prod(1, keepdim=True)
    optimizers = [
        optim.Muon([p for p in net.parameters() if p.ndim == 2], lr=0.02),
        optim.AdamW([p for p in net.parameters() if p.ndim != 2], lr=0.01),
    ]
    losses = []
    for _ in range(150):
        loss = nn.functional.mse_loss(net(x), y)
        for optimizer in optimizers:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < losses[0] / 4
    twin = copy.deepcopy(optimizers[0])
    assert twin.state_dict()["param_groups"] == optimizers[0].state_dict()["param_groups"]


@pytest.mark.parametrize(("said", "wrong"), [
    ("Number of steps must be less than 100", {"ns_steps": 100}), ("ns_steps is not a number", {"ns_steps": 2.5}),
    ("exactly 3 values", {"ns_coefficients": (1, 2)}), ("momentum is not a number", {"momentum": "a"}),
    ("is not a number", {"ns_coefficients": (1, 2, "a")}),
    ("argument 'nesterov' must be bool", {"nesterov": np.ones(2)}),
])  # fmt: skip
def test_wrong_arguments_are_told(said: str, wrong: dict[str, Any]) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=said):
        optim.Muon([knoll.zeros(2, 2)], **wrong)


@pytest.mark.parametrize(("language", "words"), [("en", "another optimiser, as AdamW"), ("zh", "其余参数用别的优化器")])
def test_a_vector_is_told_where_it_belongs(language: str, words: str) -> None:
    knoll.set_language(language)
    with pytest.raises(ArgumentError, match=words):
        optim.Muon([knoll.zeros(2, 2)]).add_param_group({"params": [knoll.zeros(3)]})
