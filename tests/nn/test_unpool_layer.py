"""MaxUnpool2d as a layer and as a function, beside PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError
from knoll.nn import functional as F

RNG = np.random.default_rng(3)


@st.composite
def unpoolings(draw: Any) -> tuple[dict[str, Any], tuple[int, ...], tuple[int, int] | None, str]:
    """Arguments of MaxUnpool2d, a shape of images, an output size or none, and an element type."""
    pairs = st.one_of(st.integers(1, 4), st.tuples(st.integers(1, 4), st.integers(1, 4)))
    kernel = draw(pairs)
    arguments = {"kernel_size": kernel, "stride": draw(st.none() | pairs), "padding": draw(st.integers(0, 1))}
    shape = (
        *draw(st.sampled_from([(), (0,), (2,)])),
        draw(st.integers(1, 3)),
        *draw(st.tuples(*[st.integers(2, 5)] * 2)),
    )
    stride = np.broadcast_to(kernel if arguments["stride"] is None else arguments["stride"], 2)
    least = (np.array(shape[-2:]) - 1) * stride - 2 * arguments["padding"] + kernel
    assume(min(least + stride) > 1)  # else no size of at least one pixel is allowed
    size = tuple(int(draw(st.integers(max(d - s + 1, 1), d + s - 1))) for d, s in zip(least, stride, strict=True))
    asked = size if min(least) < 1 or draw(st.booleans()) else None
    return arguments, shape, asked, draw(st.sampled_from(["float32", "float64"]))


@given(unpoolings(), st.data())
@settings(max_examples=80, deadline=None)
def test_results_and_gradients_are_pytorchs(torch: Any, case: Any, data: Any) -> None:
    arguments, shape, size, dtype = case
    ours, theirs = nn.MaxUnpool2d(**arguments), torch.nn.MaxUnpool2d(**arguments)
    assert repr(ours) == repr(theirs)
    assert (ours.kernel_size, ours.stride, ours.padding) == (theirs.kernel_size, theirs.stride, theirs.padding)
    if size is None:
        size = tuple((i - 1) * s - 2 * p + k for i, k, s, p in
                     zip(shape[-2:], ours.kernel_size, ours.stride, ours.padding, strict=True))  # fmt: skip
    numbers = RNG.standard_normal(shape).astype(dtype)
    # In planes with room no index comes twice: for those PyTorch does not say which value stays.
    planes, pixels, room = int(np.prod(shape[:-2])), shape[-2] * shape[-1], size[0] * size[1]
    if room < pixels:
        return
    indices = np.array([RNG.permutation(room)[:pixels] for _ in range(planes)], np.int64).reshape(shape)
    asked = data.draw(st.sampled_from([size, list(size)] + [(*shape[:-2], *size)] * (len(shape) == 4)))
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = ours(x, indices, asked), theirs(other, torch.tensor(indices), asked)
    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())
    weights = RNG.standard_normal(y.shape).astype(dtype)
    (y * knoll.tensor(weights)).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), other.grad.numpy())


def test_gradients_of_values_that_name_one_place_are_pytorchs(torch: Any) -> None:
    numbers, indices = RNG.standard_normal((2, 2, 3, 3)), RNG.integers(0, 5, (2, 2, 3, 3))
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = F.max_unpool2d(x, indices, 2), torch.nn.functional.max_unpool2d(other, torch.tensor(indices), 2)
    weights = RNG.standard_normal(y.shape)
    (y * knoll.tensor(weights)).sum().backward()
    (expected * torch.tensor(weights)).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), other.grad.numpy())


def test_a_pooling_of_odd_images_is_undone(torch: Any) -> None:
    x = RNG.standard_normal((2, 3, 45, 61)).astype(np.float32)
    values, indices = nn.MaxPool2d(2, return_indices=True)(x)
    back = nn.MaxUnpool2d(2)(values, indices, x.shape)
    expected = torch.nn.MaxUnpool2d(2)(torch.tensor(values.numpy()), torch.tensor(indices.numpy()), x.shape)
    np.testing.assert_array_equal(back.numpy(), expected.numpy())
    assert not back.numpy()[:, :, 44].any()
    assert not back.numpy()[:, :, :, 60].any()


def test_limits_of_the_output_size_are_excluded(torch: Any) -> None:
    x, indices = np.ones((1, 1, 4, 4), np.float32), np.arange(16).reshape(1, 1, 4, 4)
    for size in range(1, 15):
        for asked in ((size, 12), (12, size)):
            call = lambda: F.max_unpool2d(x, indices, 3, output_size=asked)  # noqa: B023, E731 (called at once)
            if 9 < size < 15:
                assert call().shape == (1, 1, *asked)
                continue
            with pytest.raises(ArgumentError) as mine:
                call()
            with pytest.raises(ValueError, match="invalid output_size") as theirs:
                torch.nn.functional.max_unpool2d(torch.tensor(x), torch.tensor(indices), 3, output_size=asked)
            assert mine.value.reason == str(theirs.value)
            assert "from 10 to 14" in str(mine.value)


def test_one_image_may_name_all_its_axes() -> None:
    values, indices = F.max_pool2d(np.arange(45.0).reshape(1, 5, 9), 2, return_indices=True)
    assert F.max_unpool2d(values, indices, 2, output_size=(1, 5, 9)).shape == (1, 5, 9)
    with pytest.raises(ArgumentError, match="but it has a length of '3'"):
        F.max_unpool2d(np.ones((1, 1, 2, 2)), np.zeros((1, 1, 2, 2), np.int64), 2, output_size=(1, 4, 4))


@pytest.mark.parametrize(
    "arguments",
    [{"kernel_size": 2}, {"kernel_size": (3, 2), "stride": 2, "padding": (1, 0)}, {"kernel_size": 3, "stride": [],
     "dilation": (2, 1), "padding": 1}, {"kernel_size": 2, "ceil_mode": True}],
)  # fmt: skip
def test_the_way_back_of_a_pooling(arguments: Any) -> None:
    pool = nn.MaxPool2d(**arguments, return_indices=True)
    x = RNG.standard_normal((1, 2, 13, 12))
    values, indices = pool(x)
    back = nn.MaxUnpool2d.from_pool(pool)(values, indices, x.shape).numpy()
    np.testing.assert_array_equal(back[back != 0], x[back != 0])
    assert {*values.numpy().ravel()} == {*back[back != 0]}
    with pytest.raises(ArgumentError, match="does not give the indices"):
        nn.MaxUnpool2d.from_pool(nn.MaxPool2d(**arguments))


CALLS: list[Callable[[Any], object]] = [
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int32"), 2),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4), 2),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 3, dtype="int64"), 2),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(2, 4, 4, dtype="int64"), 2),
    lambda k: k.F.max_unpool2d(k.x(2, 4, 4), k.x(1, 2, 4, 4, dtype="int64"), 2),
    lambda k: k.F.max_unpool2d(k.x(4, 4), k.x(4, 4, dtype="int64"), 2),
    lambda k: k.F.max_unpool2d(k.x(1, 1, 1, 4, 4), k.x(1, 1, 1, 4, 4, dtype="int64"), 2),
    lambda k: k.F.max_unpool2d(k.x(1, 0, 4, 4), k.x(1, 0, 4, 4, dtype="int64"), 2),
    lambda k: k.F.max_unpool2d(k.x(2, 0, 4), k.x(2, 0, 4, dtype="int64"), 2),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64"), 2, padding=5),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64"), 2, output_size=(8,)),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64"), 2, output_size=()),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64"), 2, output_size=(2, 8, 8)),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64"), 2, output_size=(1, 2, 6, 8)),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64"), 2, output_size=[8, 10]),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64"), 2, output_size=8),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64"), 2, output_size=(8.0, 8)),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4, dtype="int32"), k.x(1, 2, 4, 4, dtype="int64"), 2),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4, dtype="bool"), k.x(1, 2, 4, 4, dtype="int64"), 2),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64") * 64, 2),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), k.x(1, 2, 4, 4, dtype="int64") * -1, 2),
    lambda k: k.F.max_unpool2d(k.x(2, 4, 4), k.x(2, 4, 4, dtype="int64") * 100, 2),
    lambda k: k.F.max_unpool2d(k.x(1, 2, 4, 4), [1], 2),
]


@pytest.mark.parametrize("call", CALLS)
def test_what_does_not_fit_is_refused_in_pytorchs_words(same_error: Any, call: Any) -> None:
    same_error(call)


@pytest.mark.parametrize("arguments", [(0,), (2, 0), (2, -1), (2, 2, -1), ((2, 2, 2),), (2, ()), (2, 2, (0, 0, 0))])
def test_wrong_arguments_are_refused_by_the_constructor(arguments: Any) -> None:
    with pytest.raises(ArgumentError, match=r"must be at least|must either be a single int, or a tuple of two ints"):
        nn.MaxUnpool2d(*arguments)


@pytest.mark.parametrize("arguments", [(2.0,), (2, 2.5), (2, 2, "1"), (True,)])
def test_wrong_types_are_refused_by_the_constructor(arguments: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"max_unpool2d\(\): argument '\w+' must be tuple of ints, not"):
        nn.MaxUnpool2d(*arguments)


def test_a_bad_index_is_located() -> None:
    indices = np.zeros((2, 3, 4, 4), np.int64)
    indices[1, 2, 3, 0] = 64
    with pytest.raises(ShapeError) as caught:
        nn.Sequential(nn.Identity(), Unpooled(indices))(np.ones((2, 3, 4, 4), np.float32))
    assert caught.value.reason == "Found an invalid max index: 64 (output volumes are of size 8x8)"
    assert "image 1, channel 2, row 3, column 0" in str(caught.value)


class Unpooled(nn.Module):
    """Unpooling with indices of its own."""

    def __init__(self, indices: Any) -> None:
        super().__init__()
        self.unpool, self.indices = nn.MaxUnpool2d(2), knoll.tensor(indices)

    def forward(self, x: Any) -> Any:
        return self.unpool(x, self.indices)
