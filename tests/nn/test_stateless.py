"""`functional_call` beside PyTorch: modules called with other tensors in the places of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import KnollError

X = np.random.default_rng(0).standard_normal((4, 3, 5, 5)).astype("f4")


def net(lib: Any) -> Any:
    rng = np.random.default_rng(1)
    made = lib.nn.Sequential(
        lib.nn.Conv2d(3, 4, 3), lib.nn.BatchNorm2d(4), lib.nn.ReLU(), lib.nn.Flatten(), lib.nn.Linear(36, 2)
    )
    with lib.no_grad():
        for parameter in made.parameters():
            parameter.copy_(lib.tensor(rng.standard_normal(tuple(parameter.shape)).astype("f4")))
    return made


def test_inner_steps_that_are_differentiated_are_those_of_pytorch(torch: Any) -> None:
    """As meta-learning trains: steps of gradient descent on weights that keep their past."""
    found = []
    for lib in (knoll, torch):
        made, x = net(lib), lib.tensor(X)
        weights = dict(made.named_parameters())
        losses = []
        for _ in range(2):
            loss = lib.func.functional_call(made, weights, (x,)).square().mean()
            slopes = lib.autograd.grad(loss, list(weights.values()), create_graph=True)
            weights = {name: w - 0.01 * dw for (name, w), dw in zip(weights.items(), slopes, strict=True)}
            losses.append(loss.item())
        lib.func.functional_call(made, weights, x.flip(0)).square().mean().backward()
        state = {name: value.detach().numpy() for name, value in made.state_dict().items()}
        found.append((losses, [parameter.grad.numpy() for parameter in made.parameters()], state))
    np.testing.assert_allclose(found[0][0], found[1][0], rtol=1e-5)
    largest = max(np.abs(slope).max() for slope in found[1][1])
    for ours, theirs in zip(found[0][1], found[1][1], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5 * largest)
    for name, value in found[1][2].items():
        np.testing.assert_allclose(found[0][2][name], value, rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("pool", ["MaxPool2d", "AdaptiveMaxPool2d", "AvgPool2d", "FractionalMaxPool2d"])
def test_an_inner_step_through_pooling_is_differentiated(torch: Any, pool: str) -> None:
    """Of a program that is cut, a part may have the gradient of a pooling and another the pooling itself."""
    found, size = [], {"output_size": 2} if pool == "FractionalMaxPool2d" else {}
    for lib in (knoll, torch):
        rng = np.random.default_rng(1)
        pooling = getattr(lib.nn, pool)(2, **size)
        if size:
            pooling._random_samples = lib.full((4, 4, 2), 0.3, dtype=lib.float64)
        layers = lib.nn.Conv2d(3, 4, 2), lib.nn.ReLU(), pooling, lib.nn.Flatten(), lib.nn.Linear(16, 5)
        made = lib.nn.Sequential(*layers).double()
        with lib.no_grad():
            for parameter in made.parameters():
                parameter.copy_(lib.tensor(rng.standard_normal(tuple(parameter.shape))))
        x, labels = lib.tensor(X).double(), lib.tensor([0, 4, 2, 1])
        loss = lib.nn.functional.cross_entropy(made(x), labels)
        slopes = lib.autograd.grad(loss, list(made.parameters()), create_graph=True)
        named = zip(made.named_parameters(), slopes, strict=True)
        fast = {name: weight - 0.1 * slope for (name, weight), slope in named}
        lib.nn.functional.cross_entropy(lib.func.functional_call(made, fast, (x * 0.5,)), labels).backward()
        found.append([parameter.grad.numpy() for parameter in made.parameters()])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_buffers_that_are_given_are_updated_and_not_the_own() -> None:
    made = net(knoll)
    given = {"1.running_mean": knoll.zeros(4), "1.running_var": knoll.ones(4)}
    own = {name: value.numpy().copy() for name, value in made.state_dict().items()}
    knoll.func.functional_call(made, [given, {"4.bias": knoll.zeros(2)}], knoll.tensor(X))
    assert given["1.running_mean"].abs().sum() > 0
    for name, value in made.state_dict().items():
        if "batches" not in name:
            np.testing.assert_array_equal(value.numpy(), own[name], name)


def test_a_call_that_fails_leaves_the_module_as_it_was() -> None:
    layer = nn.Linear(3, 2)
    own = layer.weight
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        knoll.func.functional_call(layer, {"weight": knoll.ones(2, 4)}, knoll.ones(1, 3))
    assert layer.weight is own


def test_weights_that_are_one_are_replaced_together() -> None:
    first, second = nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False)
    second.weight = first.weight
    made, x = nn.Sequential(first, second), knoll.tensor([1.0, 2.0])
    twice = {"0.weight": 2 * knoll.eye(2)}
    assert knoll.func.functional_call(made, twice, x).tolist() == [4, 8]
    apart = knoll.func.functional_call(made, twice, x, tie_weights=False)
    np.testing.assert_allclose(apart.detach().numpy(), second(2 * x).detach().numpy(), rtol=1e-6)


@pytest.mark.parametrize("call", [
    lambda lib, layer: lib.func.functional_call(layer, [{"bias": lib.ones(1)}, {"bias": lib.ones(1)}], lib.ones(2)),
    lambda lib, layer: lib.func.functional_call(layer, dict.fromkeys(("bias", "b"), lib.ones(1)), 0, strict=True),
    lambda lib, layer: lib.func.functional_call(layer, {"bias": lib.ones(1)}, lib.ones(2), strict=True),
    lambda lib, layer: lib.func.functional_call(layer, {"bias": 3}, lib.ones(2)),
    lambda lib, layer: lib.func.functional_call(layer, 3, lib.ones(2)),
])  # fmt: skip
def test_refusals_are_pytorchs(torch: Any, call: Callable[[Any, Any], object]) -> None:
    with pytest.raises((ValueError, RuntimeError, TypeError)) as theirs:
        call(torch, torch.nn.Linear(2, 1))
    with pytest.raises(KnollError, match=r".+") as ours:
        call(knoll, nn.Linear(2, 1))
    assert isinstance(ours.value, type(theirs.value))
    assert str(ours.value) == str(theirs.value)


def test_names_that_a_module_lacks_are_passed_over() -> None:
    layer = nn.Linear(2, 1)
    expected = layer(knoll.ones(2)).item()
    assert knoll.func.functional_call(layer, {"other": knoll.ones(1)}, knoll.ones(2)).item() == expected
    assert nn.utils.stateless.functional_call(layer, {}, None, {"input": knoll.ones(2)}).item() == expected


def attributes(lib: Any) -> Any:
    """A module whose result depends on attributes of all kinds, some of which are absent."""

    class Attributes(lib.nn.Module):
        shared = lib.full((2,), 7.0)

        def __init__(self) -> None:
            super().__init__()
            self.inner = lib.nn.Linear(2, 2, bias=False)
            self.plain, self.number = lib.full((2,), 0.5), 3.0
            self.register_buffer("missing_buffer", None)
            self.register_parameter("missing_parameter", None)
            lib.nn.init.constant_(self.inner.weight, 0.5)

        def forward(self, x: Any) -> Any:
            y = self.inner(x) * self.plain * self.shared
            y = y if self.missing_buffer is None else y + self.missing_buffer
            y = y if self.missing_parameter is None else y * self.missing_parameter
            return y + getattr(self, "unknown", 0)

    return Attributes()


@pytest.mark.parametrize(
    "name", ["plain", "shared", "inner.bias", "missing_buffer", "missing_parameter", "unknown", "inner.weight"]
)
def test_whatever_has_this_name_is_replaced(torch: Any, name: str) -> None:
    found = []
    for lib in (knoll, torch):
        made, x, new = attributes(lib), lib.ones(1, 2), lib.full((2, 2) if name == "inner.weight" else (2,), 3.0)
        before = made(x)
        numbers = []
        for _ in range(2):
            given = {name: new.requires_grad_()}
            y = lib.func.functional_call(made, given, (x,))
            numbers += [y.tolist(), lib.autograd.grad(y.sum(), new)[0].tolist(), made(x).tolist()]
        slope = lib.func.grad(lambda w, lib=lib, made=made, x=x: lib.func.functional_call(made, {name: w}, (x,)).sum())
        found.append((before.tolist(), numbers, slope(new.detach()).tolist(), hasattr(made, "unknown")))
    assert found[0] == found[1]
    assert found[0][0] == found[0][1][2]


@pytest.mark.parametrize("name", ["number", "inner", "absent.weight", "plain.weight", "inner.weight.x"])
def test_what_is_no_tensor_is_not_replaced(torch: Any, name: str) -> None:
    told = []
    for lib in (knoll, torch):
        with pytest.raises((AttributeError, TypeError)) as caught:
            lib.func.functional_call(attributes(lib), {name: lib.ones(2)}, (lib.ones(1, 2),))
        told.append(str(caught.value).split("\n", maxsplit=1)[0])
    assert told[0] == told[1]
