"""AdaptiveMaxPool2d as a layer and as a function, beside PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import functional as F

size = st.none() | st.integers(0, 12)


@given(
    st.one_of(st.integers(0, 9), st.tuples(size, size)),
    st.booleans(),
    st.sampled_from([(), (0,), (2,)]),
    st.tuples(st.integers(1, 3), st.integers(1, 11), st.integers(1, 11)),
    st.sampled_from(["float32", "float64"]),
)
@settings(max_examples=80, deadline=None)
def test_results_and_gradients_are_pytorchs(
    torch: Any, asked: Any, indices: bool, batch: tuple[int, ...], image: tuple[int, ...], dtype: str
) -> None:
    ours, theirs = nn.AdaptiveMaxPool2d(asked, indices), torch.nn.AdaptiveMaxPool2d(asked, indices)
    assert repr(ours) == repr(theirs)
    numbers = np.random.default_rng(0).integers(0, 9, (*batch, *image)).astype(dtype)
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = ours(x), theirs(other)
    if indices:
        (y, places), (expected, other_places) = y, expected
        np.testing.assert_array_equal(places.numpy(), other_places.numpy())
        assert not places.requires_grad
    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())
    if 0 in y.shape[-2:]:
        return  # PyTorch has no gradient for these
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), other.grad.numpy(), rtol=1e-6)


CALLS: list[Callable[[Any], object]] = [
    lambda k: k.F.adaptive_max_pool2d(k.x(8, 8), 3),
    lambda k: k.F.adaptive_max_pool2d(k.x(8), 3),
    lambda k: k.F.adaptive_max_pool2d(k.x(1, 1, 1, 8, 8), (3, 3)),
    lambda k: k.F.adaptive_max_pool2d(k.x(1, 0, 8, 8), 3),
    lambda k: k.F.adaptive_max_pool2d(k.x(0, 2, 0, 8), 3),
    lambda k: k.F.adaptive_max_pool2d(k.x(2, 8, 0), 3),
    lambda k: k.F.adaptive_max_pool2d(k.x(1, 2, 8, 8, dtype="int32"), 3),
    lambda k: k.F.adaptive_max_pool2d(k.x(1, 2, 8, 8, dtype="bool"), 0),
    lambda k: k.F.adaptive_max_pool2d(k.x(1, 2, 8, 8), None),
]
ARGUMENTS: list[Callable[[Any], object]] = [
    lambda k: k.F.adaptive_max_pool2d(k.x(8, 8), (3, 3)),
    lambda k: k.nn.AdaptiveMaxPool2d((1, 2, 3))(k.x(1, 2, 8, 8)),
    lambda k: k.nn.AdaptiveMaxPool2d((3,))(k.x(1, 2, 8, 8)),
    lambda k: k.nn.AdaptiveMaxPool2d(())(k.x(1, 2, 8, 8)),
]


@pytest.mark.parametrize("call", CALLS)
def test_what_does_not_fit_is_refused_in_pytorchs_words(same_error: Any, call: Any) -> None:
    same_error(call)


@pytest.mark.parametrize("call", ARGUMENTS)
def test_wrong_arguments_are_refused_in_pytorchs_words(same_error: Any, call: Any) -> None:
    same_error(call, ArgumentError)


@pytest.mark.parametrize("asked", [-1, (-1, 3), (3, -2)])
def test_fewer_windows_than_none_are_refused_by_the_constructor(asked: Any) -> None:
    with pytest.raises(ArgumentError, match="Trying to create tensor with negative dimension"):
        nn.AdaptiveMaxPool2d(asked)


@pytest.mark.parametrize("asked", [2.0, "3", True, (3, 2.0), ("3", 3), (3, "3"), (True, 1), (1.5,), None, (1, 2**70)])
@pytest.mark.parametrize("layer", ["AdaptiveMaxPool2d", "AdaptiveAvgPool2d"])
def test_wrong_types_are_refused_by_the_constructor_in_pytorchs_words(
    layer: str, asked: Any, same_error: Callable[..., None]
) -> None:
    with pytest.raises(ArgumentTypeError, match=r"must be tuple of ints|has no len|Overflow"):
        getattr(nn, layer)(asked)
    same_error(lambda lib: getattr(lib.nn, layer)(asked)(lib.x(1, 2, 4, 4)))


def test_indices_are_always_given_by_the_function_of_that_name() -> None:
    x = np.random.default_rng(0).standard_normal((2, 7, 6))
    mine, other = F.adaptive_max_pool2d_with_indices(x, 3), F.adaptive_max_pool2d(x, 3, return_indices=True)
    for one, two in zip(mine, other, strict=True):
        np.testing.assert_array_equal(one.numpy(), two.numpy())
