from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentTypeError, ShapeError


def learned(make: Any, parameter: Any) -> list[Any]:
    """Parameters with gradients, and one without."""
    random = np.random.default_rng(0)
    found = []
    for shape in ((3, 4), (5,), ()):
        one = parameter(make(random.standard_normal(shape).astype(np.float32)))
        (one * make(random.standard_normal(shape).astype(np.float32))).sum().backward()
        found.append(one)
    return [*found, parameter(make(np.ones(2, np.float32)))]


def pairs(torch: Any) -> tuple[list[Any], list[Any]]:
    return (
        learned(lambda a: knoll.tensor(a), nn.Parameter),
        learned(lambda a: torch.tensor(a), torch.nn.Parameter),
    )


def check_same(ours: list[Any], theirs: list[Any]) -> None:
    for one, other in zip(ours, theirs, strict=True):
        assert (one.grad is None) == (other.grad is None)
        if one.grad is not None:
            np.testing.assert_allclose(one.grad.numpy(), other.grad.numpy(), rtol=1e-5)


@pytest.mark.parametrize("norm", [2, 1, 3.5, math.inf])
@pytest.mark.parametrize("most", [0.1, 1, 100])
def test_clipping_by_length_is_pytorchs(torch: Any, norm: float, most: float) -> None:
    ours, theirs = pairs(torch)
    found = nn.utils.clip_grad_norm_(ours, most, norm)
    expected = torch.nn.utils.clip_grad_norm_(theirs, most, norm)
    np.testing.assert_allclose(found.item(), expected.item(), rtol=1e-5)
    assert found.shape == ()
    check_same(ours, theirs)


def test_clipping_by_value_is_pytorchs(torch: Any) -> None:
    ours, theirs = pairs(torch)
    nn.utils.clip_grad_value_(ours, 0.3)
    torch.nn.utils.clip_grad_value_(theirs, 0.3)
    check_same(ours, theirs)


def test_one_tensor_or_many_or_a_generator() -> None:
    net = nn.Linear(2, 1)
    net(np.ones((1, 2), np.float32)).sum().backward()
    assert nn.utils.clip_grad_norm_(net.parameters(), 1.0).item() == pytest.approx(3**0.5)
    assert nn.utils.clip_grad_norm_(net.weight, 10.0).item() == pytest.approx((2 / 3) ** 0.5)
    assert nn.utils.clip_grad_norm_([nn.Parameter([1.0])], 1.0).item() == 0
    with pytest.warns(UserWarning, match="empty generator"):
        nn.utils.clip_grad_norm_((p for p in ()), 1.0)


def test_a_length_that_is_no_number() -> None:
    x = nn.Parameter([1.0, 2.0])
    x.grad = knoll.tensor([math.inf, 1.0])
    with pytest.raises(RuntimeError, match="for gradients from `parameters` is non-finite"):
        nn.utils.clip_grad_norm_(x, 1.0, error_if_nonfinite=True)
    assert x.grad.tolist() == [math.inf, 1.0]
    nn.utils.clip_grad_norm_(x, 1.0)
    assert np.isnan(x.grad.numpy()[0])


def test_there_and_back() -> None:
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(8, 3))
    vector = nn.utils.parameters_to_vector(net.parameters())
    assert vector.shape == (2 * 9 + 2 + 24 + 3,)
    vector.sum().backward()
    assert net[0].weight.grad.tolist() == np.ones((2, 1, 3, 3)).tolist()
    twice = vector.detach() * 2
    x = knoll.rand(1, 1, 4, 4)
    before = net(x)
    nn.utils.vector_to_parameters(twice, net.parameters())
    np.testing.assert_array_equal(nn.utils.parameters_to_vector(net.parameters()).tolist(), twice.tolist())
    assert (net(x).detach().numpy() != before.detach().numpy()).any(), "the program sees the new numbers"
    twice.zero_()
    assert nn.utils.parameters_to_vector(net.parameters()).abs().sum().item() > 0
    assert all(parameter.requires_grad for parameter in net.parameters())


def test_wrong_vectors_are_refused() -> None:
    with pytest.raises(ArgumentTypeError, match=r"expected torch\.Tensor, but got: list"):
        nn.utils.vector_to_parameters([1.0], [])
    with pytest.raises(ShapeError, match=r"shape '\[2, 3\]' is invalid for input of size 4"):
        nn.utils.vector_to_parameters(knoll.ones(4), [nn.Parameter(knoll.ones(2, 3))])


def test_the_largest_gradient_by_its_name() -> None:
    x = nn.Parameter([3.0, -4.0])
    (x * x).sum().backward()
    assert nn.utils.clip_grad_norm_(x, 4.0, norm_type="inf").item() == 8.0
    assert x.grad is not None
    np.testing.assert_allclose(x.grad.numpy(), [3.0, -4.0], rtol=1e-6)
    with pytest.raises(ArgumentTypeError, match="argument 'norm_type' must be Number, not str"):
        nn.utils.clip_grad_norm_(x, 4.0, norm_type="largest")
