from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, UnsupportedError
from knoll.nn import functional as F

ULPS = {"float32": 4e-7, "float64": 8e-16}


def agree(ours: Any, theirs: Any, torch: Any, numbers: np.ndarray[Any, Any]) -> None:
    """Equal results, gradients and printed forms, to a few units in the last place of the largest number."""
    assert repr(ours) == repr(theirs)
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = ours(x), theirs(other)
    close(y.detach().numpy(), expected.detach().numpy())
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    close(x.grad.numpy(), other.grad.numpy(), 4)


def close(mine: np.ndarray[Any, Any], truth: np.ndarray[Any, Any], times: float = 1) -> None:
    assert mine.shape == truth.shape
    assert mine.dtype == truth.dtype
    scale = times * max(float(np.abs(truth).max(initial=0)), 1.0)
    np.testing.assert_allclose(mine, truth, rtol=0, atol=ULPS[truth.dtype.name] * scale)


@st.composite
def pools(draw: Any) -> tuple[dict[str, Any], tuple[int, ...], str]:
    """Arguments of AvgPool2d, all six, a shape of images that fits, and an element type."""
    pairs = st.one_of(st.integers(1, 4), st.tuples(st.integers(1, 4), st.integers(1, 4)))
    arguments = {
        "kernel_size": draw(pairs),
        "stride": draw(st.none() | pairs),
        "padding": draw(st.integers(0, 2)),
        "ceil_mode": draw(st.booleans()),
        "count_include_pad": draw(st.booleans()),
        "divisor_override": draw(st.none() | st.sampled_from([1, 7, -2])),
    }
    assume((arguments["padding"] <= np.broadcast_to(arguments["kernel_size"], 2) // 2).all())
    shape = (3, draw(st.integers(4, 11)), draw(st.integers(4, 11)))
    return arguments, (*draw(st.sampled_from([(), (0,), (2,)])), *shape), draw(st.sampled_from(["float32", "float64"]))


@given(pools())
@settings(max_examples=60, deadline=None)
def test_results_and_gradients_are_pytorchs(torch: Any, case: Any) -> None:
    arguments, shape, dtype = case
    numbers = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    agree(nn.AvgPool2d(**arguments), torch.nn.AvgPool2d(**arguments), torch, numbers)


@given(
    st.one_of(st.integers(1, 9), st.tuples(st.none() | st.integers(1, 9), st.none() | st.integers(1, 9))),
    st.tuples(st.integers(1, 12), st.integers(1, 12)),
    st.sampled_from([(), (0,), (2,)]),
    st.sampled_from(["float32", "float64"]),
)
@settings(max_examples=40, deadline=None)
def test_adaptive_results_and_gradients_are_pytorchs(torch: Any, size: Any, image: Any, batch: Any, dtype: str) -> None:
    numbers = np.random.default_rng(0).standard_normal((*batch, 3, *image)).astype(dtype)
    agree(nn.AdaptiveAvgPool2d(size), torch.nn.AdaptiveAvgPool2d(size), torch, numbers)


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "ceil", "expected"),
    [
        (5, 3, 3, 0, False, 1), (5, 3, 3, 0, True, 2), (6, 1, 2, 0, True, 3), (9, 4, 4, 2, True, 3),
        (32, 1, 2, 0, True, 16), (7, 3, 2, 1, False, 4), (32, 8, 4, 0, True, 7),
    ],
)  # fmt: skip
def test_sizes(size: int, kernel: int, stride: int, padding: int, ceil: bool, expected: int) -> None:
    y = nn.AvgPool2d(kernel, stride, padding, ceil)(np.ones((1, 1, size, size), np.float32))
    assert y.shape == (1, 1, expected, expected)


def test_whole_numbers_are_divided_as_pytorch_does(torch: Any) -> None:
    x = np.random.default_rng(0).integers(-100, 100, (1, 2, 7, 7))
    y = nn.AvgPool2d(3, 2, 1)(x).numpy()
    np.testing.assert_array_equal(y, torch.nn.AvgPool2d(3, 2, 1)(torch.tensor(x)).numpy())


def test_no_channels_and_no_results(torch: Any) -> None:
    assert F.adaptive_avg_pool2d(np.ones((2, 0, 8, 8), np.float32), 2).shape == (2, 0, 2, 2)
    assert F.adaptive_avg_pool2d(np.ones((2, 3, 8, 8), np.float32), (0, 2)).shape == (2, 3, 0, 2)
    assert tuple(torch.nn.functional.adaptive_avg_pool2d(torch.ones(2, 3, 8, 8), (0, 2)).shape) == (2, 3, 0, 2)


ERRORS: list[Callable[[Any], object]] = [
    lambda k: k.F.avg_pool2d(k.x(8, 8), 2),
    lambda k: k.F.avg_pool2d(k.x(8), 2),
    lambda k: k.F.avg_pool2d(k.x(1, 1, 2, 8, 8), 2),
    lambda k: k.F.avg_pool2d(k.x(2, 0, 8, 8), 2),
    lambda k: k.F.avg_pool2d(k.x(0, 8, 8), 2),
    lambda k: k.F.avg_pool2d(k.x(1, 2, 0, 8), 2),
    lambda k: k.F.avg_pool2d(k.x(1, 2, 8, 1), 2),
    lambda k: k.F.avg_pool2d(k.x(1, 2, 8, 8, dtype="uint8"), 2),
    lambda k: k.F.avg_pool2d(k.x(1, 2, 8, 8, dtype="bool"), 2),
    lambda k: k.F.adaptive_avg_pool2d(k.x(8, 8), 2),
    lambda k: k.F.adaptive_avg_pool2d(k.x(8, 8), (2, 3)),
    lambda k: k.F.adaptive_avg_pool2d(k.x(1, 1, 2, 8, 8), 2),
    lambda k: k.F.adaptive_avg_pool2d(k.x(1, 2, 0, 8), 2),
    lambda k: k.F.adaptive_avg_pool2d(k.x(2, 8, 0), 2),
    lambda k: k.F.adaptive_avg_pool2d(k.x(1, 2, 8, 8, dtype="int64"), 2),
    lambda k: k.F.adaptive_avg_pool2d(k.x(1, 2, 8, 8), None),
]
ARGUMENTS: list[Callable[[Any], object]] = [
    lambda k: k.nn.AvgPool2d(0)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d(-1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d((2, 2, 2))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d(2, 0)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d(2, -1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d(2, (1, 1, 1))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d(2, 2, -1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d(2, 2, 2)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d(3, 1, (1, 2))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d(2, 2, (0, 0, 0))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AvgPool2d(2, divisor_override=0)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AdaptiveAvgPool2d((2,))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.AdaptiveAvgPool2d((2, 3, 4))(k.x(1, 1, 8, 8)),
]


@pytest.mark.parametrize("call", ERRORS)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize("call", ARGUMENTS)
def test_what_pytorch_finds_with_the_first_image_is_a_wrong_argument(same_error: Any, call: Any) -> None:
    same_error(call, ArgumentError)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: nn.AvgPool2d(0), ArgumentError, "stride should not be zero"),
        (lambda: nn.AvgPool2d(2, divisor_override=2.5), ArgumentTypeError, "'divisor_override' must be int, not float"),
        (lambda: nn.AvgPool2d(2, divisor_override=0), ArgumentError, "divisor must be not zero"),
        (lambda: nn.AdaptiveAvgPool2d(-1), ArgumentError, "must be greater than or equal to 0 but received {-1, -1}"),
        (lambda: nn.AdaptiveAvgPool2d("a"), ArgumentTypeError, "found element of type str at pos 0"),
        (lambda: nn.AdaptiveAvgPool2d(1)(np.ones((1, 1, 8, 8), np.int64)), RuntimeError, "x.to(knoll.float32)"),
        (lambda: nn.AdaptiveAvgPool2d(2.0), ArgumentTypeError, "output_size=2"),
        (lambda: F.avg_pool2d(np.ones((8, 8)), 2), IndexError, "x.reshape(1, 1, 8, 8)"),
        (lambda: F.avg_pool2d(np.ones((1, 1, 8, 8), np.uint8), 2), UnsupportedError, "x.to(knoll.float32)"),
        (lambda: F.avg_pool2d(np.ones((1, 1, 3, 8)), 4), RuntimeError, "a smaller kernel_size"),
    ],
)
def test_what_to_do_is_told(make: Callable[[], object], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind) as caught:
        make()
    assert words in str(caught.value)
