from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll import nn
from knoll.errors import ArgumentError
from knoll.nn import functional as F

LAYERS = ("ZeroPad2d", "ReflectionPad2d", "ReplicationPad2d", "CircularPad2d")
SIZES = st.one_of(st.integers(0, 3), st.tuples(*[st.integers(-1, 3)] * 4))


@given(st.sampled_from(LAYERS), SIZES, st.sampled_from([(), (0,), (2,)]), st.sampled_from(["float32", "float64"]))
@settings(max_examples=60, deadline=None)
def test_results_and_gradients_are_pytorchs(torch: Any, layer: str, padding: Any, batch: Any, dtype: str) -> None:
    ours, theirs = getattr(nn, layer)(padding), getattr(torch.nn, layer)(padding)
    assert repr(ours) == repr(theirs)
    numbers = np.random.default_rng(0).integers(-9, 9, (*batch, 3, 5, 4)).astype(dtype)
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = ours(x), theirs(other)
    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), other.grad.numpy())


@pytest.mark.parametrize("value", [0, 3.5, -1])
def test_constants(torch: Any, value: float) -> None:
    ours, theirs = nn.ConstantPad2d((1, 0, 2, -1), value), torch.nn.ConstantPad2d((1, 0, 2, -1), value)
    assert repr(ours) == repr(theirs)
    for shape in ((4, 5), (2, 4, 5), (2, 3, 4, 5), (1, 2, 3, 4, 5)):
        x = np.random.default_rng(0).standard_normal(shape)
        np.testing.assert_array_equal(ours(x).numpy(), theirs(torch.tensor(x)).numpy())


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int64", "float16", "bool"])
@pytest.mark.parametrize("mode", ["constant", "reflect", "replicate", "circular"])
def test_copies_of_any_type(dtype: str, mode: str) -> None:
    x = np.random.default_rng(0).integers(0, 2, (1, 2, 4, 5)).astype(dtype)
    y = F.pad(x, (1, 2, 2, 1), mode).numpy()
    numpys = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}[mode]
    assert y.dtype == dtype
    np.testing.assert_array_equal(y, np.pad(x, ((0, 0), (0, 0), (2, 1), (1, 2)), numpys))


@pytest.mark.parametrize("layer", LAYERS)
def test_at_the_limit_and_beyond(torch: Any, layer: str) -> None:
    most = {"ReflectionPad2d": 3, "CircularPad2d": 4}.get(layer)
    x = np.arange(16.0).reshape(1, 1, 4, 4)
    for padding in (most or 9, (0, most or 9, 0, 0), (0, 0, most or 9, 0)):
        y = getattr(nn, layer)(padding)(x).numpy()
        np.testing.assert_array_equal(y, getattr(torch.nn, layer)(padding)(torch.tensor(x)).numpy())
    if most is not None:
        with pytest.raises(RuntimeError, match=r"Padding size should be less|wrapping around more than once"):
            getattr(nn, layer)((0, 0, 0, most + 1))(x)


ERRORS: list[Callable[[Any], object]] = [
    lambda k: k.nn.ReflectionPad2d(4)(k.x(1, 2, 4, 8)),
    lambda k: k.nn.ReflectionPad2d((0, 4, 0, 0))(k.x(2, 4, 4)),
    lambda k: k.nn.ReflectionPad2d(1)(k.x(4, 4)),
    lambda k: k.nn.ReflectionPad2d(1)(k.x(4)),
    lambda k: k.nn.ReflectionPad2d((1, 2))(k.x(1, 2, 4, 4)),
    lambda k: k.nn.ReflectionPad2d((1, 2, 3))(k.x(1, 2, 4, 4)),
    lambda k: k.nn.ReflectionPad2d(1)(k.x(2, 0, 4, 4)),
    lambda k: k.nn.ReplicationPad2d(1)(k.x(2, 2, 0, 4)),
    lambda k: k.nn.ReplicationPad2d(1)(k.x(0, 4, 4)),
    lambda k: k.nn.ReplicationPad2d(1)(k.x(1, 1, 2, 4, 4)),
    lambda k: k.nn.CircularPad2d(5)(k.x(1, 2, 4, 8)),
    lambda k: k.nn.CircularPad2d(1)(k.x(2, 2, 0, 4)),
    lambda k: k.nn.CircularPad2d((-3, -2, 0, 0))(k.x(1, 2, 4, 4)),
    lambda k: k.nn.CircularPad2d(1)(k.x(4, 4)),
    lambda k: k.nn.CircularPad2d(1)(k.x(1, 1, 2, 4, 4)),
    lambda k: k.nn.ZeroPad2d(1)(k.x(4)),
    lambda k: k.nn.ReflectionPad2d(4)(k.x(1, 2, 4, 4)),
    lambda k: k.nn.ReflectionPad2d((0, 9, 9, 0))(k.x(2, 4, 4)),
    lambda k: k.nn.ReflectionPad2d(1.5)(k.x(2, 4, 4)),
    lambda k: k.nn.ReplicationPad2d("1")(k.x(2, 4, 4)),
    lambda k: k.nn.CircularPad2d(None)(k.x(2, 4, 4)),
    lambda k: k.nn.ZeroPad2d(True)(k.x(2, 4, 4)),
    lambda k: k.nn.ConstantPad2d((1, 1, 1.0, 1), 7)(k.x(2, 4, 4)),
    lambda k: k.nn.ReplicationPad2d(2**63)(k.x(2, 4, 4)),
    lambda k: k.F.pad(k.x(4), 1),
    lambda k: k.F.pad(k.x(4), "ab"),
    lambda k: k.F.pad(k.x(4), None, "reflect"),
    lambda k: k.F.pad(k.x(4), (1, "a")),
    lambda k: k.F.pad(k.x(4), (True, 1)),
    lambda k: k.F.pad(k.x(1, 2, 4, 4), (), "reflect"),
    lambda k: k.F.pad(k.x(4), (1, 1), "reflect"),
    lambda k: k.F.pad(k.x(2, 3), (3, 0), "reflect"),
    lambda k: k.F.pad(k.x(1, 2, 2, 4, 4), (4, 0, 0, 0, 0, 0), "reflect"),
    lambda k: k.F.pad(k.x(1, 2, 2, 4, 4), (0, 0, 0, 0, 2, 0), "reflect"),
]


@pytest.mark.parametrize("call", ERRORS)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


def test_what_to_do_is_told() -> None:
    with pytest.raises(ArgumentError) as caught:
        nn.CircularPad2d(1)(np.zeros((4, 4)))
    assert "(left, right, above, below)" in str(caught.value)
    with pytest.raises(TypeError, match=r"(?s)pad=1.*two numbers for each axis"):
        F.pad(np.zeros((4, 4)), 1)
    with pytest.raises(RuntimeError, match="padding_mode='replicate', which has no limit"):
        nn.ReflectionPad2d(4)(np.zeros((1, 4, 4)))
    with pytest.raises(RuntimeError, match="The input size 4, plus negative padding -3 and -2"):
        nn.ZeroPad2d((-3, -2, 0, 0))(np.zeros((1, 1, 4, 4)))
