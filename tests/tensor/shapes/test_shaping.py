"""Shapes: PyTorch's results, gradients, views and refusals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError, ShapeError
from knoll.tensor import recording
from side_by_side import both, same_refusal

RNG = np.random.default_rng(10)
X = RNG.standard_normal((2, 3, 4))

CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "reshape": lambda lib, x: (x.reshape(6, 4), x.reshape((4, -1)), lib.reshape(x, (-1,)), x.view(2, 12)),
    "flatten": lambda lib, x: (x.flatten(), x.flatten(1), lib.flatten(x, 0, 1), lib.flatten(x, -2)),
    "unflatten": lambda _, x: (x.unflatten(2, (2, 2)), x.unflatten(-1, (2, -1))),
    "squeeze": lambda _, x: (x[:1].squeeze(), x[:1].squeeze(0), x.squeeze(0), x[:1, :1].squeeze((0, 1))),
    "unsqueeze": lambda lib, x: (x.unsqueeze(0), x.unsqueeze(-1), lib.unsqueeze(x, 2)),
    "permute": lambda lib, x: (x.permute(2, 0, 1), x.permute((-1, 0, 1)), lib.permute(x, (1, 0, 2))),
    "transpose": lambda lib, x: (x.transpose(0, 2), x.transpose(-1, -2), lib.transpose(x, 0, 1), x.mT),
    "t": lambda _, x: (x[0].t(), x[0].T, x[0, 0].t()),
    "cat": lambda lib, x: (lib.cat([x, x[:, :1]], 1), lib.cat((x, x)), lib.cat([x, x * 2], dim=-1)),
    "stack": lambda lib, x: (lib.stack([x, x * 2]), lib.stack((x, x), 1), lib.stack([x, x], dim=-1)),
    "split": lambda lib, x: (x.split(2, 1), x.split([1, 2], 1), lib.split(x, 3, 2)),
    "chunk": lambda _, x: (x.chunk(2, 2), x.chunk(3, 2), x.chunk(5, 1)),
    "unbind": lambda lib, x: (x.unbind(), lib.unbind(x, 1)),
    "clone": lambda _, x: (x.clone(), x.contiguous(), x.permute(2, 1, 0).contiguous()),
}


@pytest.mark.parametrize("name", CALLS)
def test_like_pytorch(name: str) -> None:
    both(CALLS[name], X)
    both(lambda lib, x: CALLS[name](lib, x.detach()), X)
    both(CALLS[name], np.arange(24).reshape(2, 3, 4))


@pytest.mark.parametrize("name", CALLS)
def test_the_same_inside_a_recording(name: str) -> None:
    def recorded(lib: Any, x: Any) -> Any:
        if lib is not knoll:
            return CALLS[name](lib, x)
        with recording():
            return CALLS[name](lib, x)

    both(recorded, X)


def test_without_axes() -> None:
    both(lambda _, x: (x.reshape(1), x.flatten(), x.squeeze(), x.unsqueeze(0), x.t()), np.array(1.5))


def test_parts_of_different_types() -> None:
    both(lambda lib, a, b: lib.cat([a, b]), np.array([1, 2]), np.array([0.5], np.float32))
    both(lambda lib, a, b: lib.cat([a, b]), np.zeros((0,), np.float32), np.ones((2, 2), np.float32))


def test_views_see_changes() -> None:
    x = knoll.arange(6)
    y = x.view(2, 3)
    z = y.t()
    x[0] = 9
    z[1, 0] = 8
    assert y.tolist() == [[9, 8, 2], [3, 4, 5]]
    assert x.tolist() == [9, 8, 2, 3, 4, 5]


def test_a_view_of_a_parameter_sees_it_change() -> None:
    x = knoll.ones(4, requires_grad=True)
    y = x.view(2, 2)
    with knoll.no_grad():
        x.zero_()
    assert y.tolist() == [[0, 0], [0, 0]]


def test_contiguity() -> None:
    x = knoll.ones(2, 3)
    assert x.is_contiguous()
    assert not x.t().is_contiguous()
    assert x.t().contiguous().is_contiguous()
    images = knoll.zeros(2, 5, 4, 3)
    for form in (knoll.channels_last, knoll.channels_last_3d):
        assert not images.is_contiguous(memory_format=form)
        assert not x.is_contiguous(memory_format=form)
    assert images.permute(0, 3, 1, 2).is_contiguous(memory_format=knoll.channels_last)
    assert images.is_contiguous(memory_format=knoll.contiguous_format)
    assert x.contiguous() is x
    assert x.t().stride() == (1, 3)
    assert x.stride(0) == 3


def test_refusals() -> None:
    same_refusal(lambda lib: lib.zeros(6).reshape(4, 2))
    same_refusal(lambda lib: lib.zeros(6).reshape(-1, -1))
    same_refusal(lambda lib: lib.zeros(6).unsqueeze(3))
    same_refusal(lambda lib: lib.zeros(6).squeeze(1))
    same_refusal(lambda lib: lib.zeros(2, 3).flatten(1, 0))
    same_refusal(lambda lib: lib.zeros(2, 3).permute(0, 0))
    same_refusal(lambda lib: lib.zeros(2, 3).permute(0))
    same_refusal(lambda lib: lib.zeros(2, 3, 4).t())
    same_refusal(lambda lib: lib.cat([lib.zeros(2, 3), lib.zeros(3, 2)]))
    same_refusal(lambda lib: lib.cat([lib.zeros(2, 3), lib.zeros(3)]))
    same_refusal(lambda lib: lib.cat([lib.tensor(1.0)]))
    same_refusal(lambda lib: lib.cat([]))
    same_refusal(lambda lib: lib.stack([lib.zeros(2), lib.zeros(3)]))
    same_refusal(lambda lib: lib.zeros(5).split([1, 2]))
    same_refusal(lambda lib: lib.zeros(5).chunk(0))
    same_refusal(lambda lib: lib.zeros(2, 6).unflatten(1, (4, 2)))


def test_advice() -> None:
    with pytest.raises(ShapeError) as caught:
        knoll.zeros(64, 8).reshape(64, 7)
    assert "512 elements" in str(caught.value)
    with pytest.raises(ArgumentError, match="stack expects a non-empty TensorList"):
        knoll.stack([])
    with pytest.raises(TypeError, match="must be tuple of ints, but found element of type float at pos 1"):
        knoll.zeros(6).reshape(2, 3.0)


def test_sizes_by_name() -> None:
    both(
        lambda lib, x: (lib.zeros(size=(2, 3)), lib.ones(size=(2,)), x.permute(dims=(1, 0)), x.reshape(shape=(3, 2))),
        np.ones((2, 3)),
    )


def test_sizes_that_are_none() -> None:
    same_refusal(lambda lib: lib.tensor(1.0).split(1))
    same_refusal(lambda lib: lib.zeros(3).split(0))
    same_refusal(lambda lib: lib.zeros(3).split(-1))
    for wrong in (2.0, "a", None, (1, "a"), True):
        with pytest.raises(TypeError, match="must be tuple of ints"):
            knoll.zeros(wrong)


def test_nothing_in_chunks() -> None:
    both(lambda _, x: x.chunk(3), np.zeros(0))
