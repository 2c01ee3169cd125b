from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("leading", [(), (0,), (5,), (2, 3)])
def test_results_and_gradients_are_pytorchs(torch: Any, bias: bool, leading: tuple[int, ...]) -> None:
    ours, theirs = nn.Linear(4, 3, bias).double(), torch.nn.Linear(4, 3, bias, dtype=torch.float64)
    theirs.load_state_dict({key: torch.tensor(value.detach().numpy()) for key, value in ours.state_dict().items()})
    assert repr(ours) == repr(theirs)
    numbers = np.random.default_rng(0).standard_normal((*leading, 4))
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = ours(x), theirs(other)
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy())
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    np.testing.assert_allclose(x.grad.detach().numpy(), other.grad.detach().numpy())
    for name, parameter in ours.named_parameters():
        np.testing.assert_allclose(parameter.grad.detach().numpy(), theirs.get_parameter(name).grad.detach().numpy())


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.nn.Linear(7, 2)(k.x(2, 3, 8)),
        lambda k: k.nn.Linear(7, 2)(k.x(8)),
        lambda k: k.nn.Linear(7, 2, bias=False)(k.x(8)),
        lambda k: k.nn.Linear(7, 2)(k.x()),
        lambda k: k.nn.Linear(8, 2)(k.x(4, 8, dtype="float64")),
        lambda k: k.nn.Linear(8, 2, bias=False)(k.x(4, 8, dtype="float64")),
        lambda k: k.nn.Linear(8, 2)(k.x(4, 8, dtype="int64")),
        lambda k: k.F.linear(k.x(4, 8), k.x(2, 8), k.x(3)),
        lambda k: k.F.linear(k.x(4, 8), k.x(2, 8), k.x(2, dtype="float64")),
        lambda k: k.F.linear(k.x(2, 3, 8), k.x(7)),
        lambda k: k.F.linear(k.x(8), k.x(7)),
        lambda k: k.F.linear(k.x(4, 8), k.x(8), k.x(1)),
        lambda k: k.nn.Linear(8, 2)([1.0]),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize("leading", [(), (4,), (2, 3), (0,)], ids=str)
def test_a_single_row_of_weights_leaves_no_axis(torch: Any, leading: tuple[int, ...]) -> None:
    x, w = np.random.default_rng(0).random((*leading, 5)), np.arange(5.0)
    ours, theirs = knoll.tensor(w, requires_grad=True), torch.tensor(w, requires_grad=True)
    y, expected = nn.functional.linear(x, ours), torch.nn.functional.linear(torch.tensor(x), theirs)
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), strict=True)
    y.sum().backward()
    expected.sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), strict=True)


@pytest.mark.parametrize("shape", [(), (1,)], ids=str)
def test_a_bias_of_one_element_is_added_to_all(torch: Any, shape: tuple[int, ...]) -> None:
    x, w, b = np.ones((3, 5)), np.ones((4, 5)), np.full(shape, 0.5)
    ours, theirs = knoll.tensor(b, requires_grad=True), torch.tensor(b, requires_grad=True)
    y = nn.functional.linear(x, w, ours)
    expected = torch.nn.functional.linear(torch.tensor(x), torch.tensor(w), theirs)
    np.testing.assert_allclose(y.detach().numpy(), expected.detach().numpy(), strict=True)
    y.sum().backward()
    expected.sum().backward()
    np.testing.assert_allclose(ours.grad.numpy(), theirs.grad.numpy(), strict=True)


def test_wrong_arguments_are_refused_at_once() -> None:
    with pytest.raises(ArgumentTypeError, match="argument 'in_features' must be int, not float"):
        nn.Linear(1024.0, 64)
    with pytest.raises(ArgumentError, match="out_features must be at least 0"):
        nn.Linear(1024, -1)


def test_no_features_give_the_bias() -> None:
    with pytest.warns(UserWarning, match="Initializing zero-element tensors is a no-op"):
        layer = nn.Linear(0, 2)
    assert layer(np.zeros((3, 0), np.float32)).detach().numpy().tolist() == [[0, 0]] * 3


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize(("features", "units"), [(0, 2), (3, 0), (0, 0)])
@pytest.mark.parametrize("leading", [(4,), (2, 3), (0,)])
def test_no_features_or_units_have_gradients(leading: tuple[int, ...], features: int, units: int) -> None:
    layer, x = nn.Linear(features, units), knoll.ones(*leading, features, requires_grad=True)
    layer(x).sum().backward()
    shapes = (x.grad.shape, layer.weight.grad.shape, layer.bias.grad.tolist())
    assert shapes == ((*leading, features), (units, features), [float(np.prod(leading))] * units)
    table = nn.Embedding(3, features)
    table(knoll.zeros(*leading, dtype=knoll.int64)).sum().backward()
    assert table.weight.grad.shape == (3, features)


def test_identity_gives_back_what_it_is_given() -> None:
    x = np.ones(3)
    assert nn.Identity(1, two=2)(x).detach().numpy() is not None
    assert repr(nn.Identity(1, two=2)) == "Identity()"
    np.testing.assert_array_equal(nn.Identity()(x).detach().numpy(), x)
