from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import functional as F
from knoll.run import program_for


@st.composite
def layers(draw: Any) -> tuple[dict[str, Any], tuple[int, ...], str]:
    """Arguments of MaxPool2d, all six, a shape of images that fits, and an element type."""
    pairs = st.one_of(st.integers(1, 3), st.tuples(st.integers(1, 3), st.integers(1, 3)))
    arguments = {
        "kernel_size": draw(pairs),
        "stride": draw(st.none() | pairs),
        "padding": draw(st.integers(0, 1)),
        "dilation": draw(pairs),
        "return_indices": draw(st.booleans()),
        "ceil_mode": draw(st.booleans()),
    }
    kernel = np.broadcast_to(arguments["kernel_size"], 2)
    spans = np.broadcast_to(arguments["dilation"], 2) * (kernel - 1) + 1
    assume((arguments["padding"] <= spans // 2).all())
    # PyTorch writes outside the image where a dilated window sees no pixel.
    assume(arguments["padding"] == 0 or (kernel == 1).all() or (np.broadcast_to(arguments["dilation"], 2) == 1).all())
    shape = (2, draw(st.integers(7, 11)), draw(st.integers(7, 11)))
    arguments["stride"] = [] if arguments["stride"] == 3 else arguments["stride"]
    return arguments, (*draw(st.sampled_from([(), (0,), (2,)])), *shape), draw(st.sampled_from(["float32", "float64"]))


@given(layers())
@settings(max_examples=80, deadline=None)
def test_results_and_gradients_are_pytorchs(torch: Any, case: Any) -> None:
    arguments, shape, dtype = case
    ours, theirs = nn.MaxPool2d(**arguments), torch.nn.MaxPool2d(**arguments)
    assert repr(ours) == repr(theirs)
    numbers = np.random.default_rng(0).integers(0, 9, shape).astype(dtype)
    x, other = nn.Parameter(numbers), torch.tensor(numbers, requires_grad=True)
    y, expected = ours(x), theirs(other)
    if arguments["return_indices"]:
        (y, indices), (expected, other_indices) = y, expected
        np.testing.assert_array_equal(indices.detach().numpy(), other_indices.detach().numpy())
        assert not indices.requires_grad
    np.testing.assert_array_equal(y.detach().numpy(), expected.detach().numpy())
    (y * y).sum().backward()
    (expected * expected).sum().backward()
    np.testing.assert_allclose(x.grad.detach().numpy(), other.grad.detach().numpy(), rtol=1e-6)


ARGUMENTS: list[Callable[[Any], object]] = [
    lambda k: k.nn.MaxPool2d(0)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(-1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, 0)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, -1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, 2, -1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, 2, 2)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(3, 1, (1, 2))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, 2, 0, 0)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(3, 1, 1, -1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d((2, 2, 2))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, (1, 1, 1))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, 2, (0, 0, 0))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, 2, 0, (1, 1, 1))(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(())(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(0, 1, 0, 5)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(-3, 1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(-3, 1, -1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, 1, 1, -1)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2**31)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2, 2**40)(k.x(1, 1, 8, 8)),
]
IMAGES: list[Callable[[Any], object]] = [
    lambda k: k.nn.MaxPool2d(9)(k.x(1, 1, 8, 8)),
    lambda k: k.nn.MaxPool2d(2)(k.x(8, 8)),
    lambda k: k.nn.MaxPool2d(2)(k.x(1, 0, 8, 8)),
    lambda k: k.nn.MaxPool2d(2)(k.x(1, 3, 0, 8)),
    lambda k: k.nn.MaxPool2d(2)(k.x(1, 3, 8, 8, dtype="bool")),
    lambda k: k.nn.MaxPool2d(2)([1.0]),
    lambda k: k.nn.MaxPool2d(2)(k.x(0, 8, 8)),
    lambda k: k.nn.MaxPool2d(2)(k.x(2, 8, 0)),
    lambda k: k.nn.MaxPool2d(9)(k.x(1, 0, 8, 8)),
    lambda k: k.nn.MaxPool2d(9)(k.x(1, 1, 8, 8, dtype="bool")),
    lambda k: k.nn.MaxPool2d(2, 2, 0, 2**31 - 1)(k.x(1, 1, 8, 8)),
    lambda k: k.F.max_pool2d(k.x(8, 8), 2, 1),
]


@pytest.mark.parametrize("call", ARGUMENTS)
def test_wrong_arguments_are_refused_in_pytorchs_words(same_error: Any, call: Any) -> None:
    same_error(call, ArgumentError)


@pytest.mark.parametrize("call", IMAGES)
def test_wrong_images_are_refused_in_pytorchs_words(same_error: Any, call: Any) -> None:
    same_error(call)


@pytest.mark.parametrize(
    ("x", "kernel"),
    [
        ([1.0, math.nan, 2.0, math.nan], 4),
        ([-math.inf] * 4, 2),
        ([-math.inf, math.nan, 1.0, 2.0], 2),
        ([3.0, 3.0, -0.0, 0.0], 2),
        ([math.inf, math.inf, math.nan, math.inf], 4),
    ],
)
@pytest.mark.parametrize("padding", [0, 1])
def test_what_is_no_ordinary_number(torch: Any, x: list[float], kernel: int, padding: int) -> None:
    for shape in ((1, 4, 1), (1, 1, 1, 4), (1, 2, 2)):
        size = tuple(kernel if n == 4 else 2 if n == 2 else 1 for n in shape[-2:])
        sides = tuple(min(padding, n // 2) for n in size)
        array = np.array(x).reshape(shape)
        mine = F.max_pool2d(array, size, 1, sides, return_indices=True)
        theirs = torch.nn.functional.max_pool2d(torch.tensor(array), size, 1, sides, return_indices=True)
        for one, other in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(one.detach().numpy(), other.numpy())


@pytest.mark.parametrize("dtype", ["uint8", "int8", "int16", "int32", "int64"])
@pytest.mark.parametrize("indices", [False, True])
def test_integers_of_both_signs_and_at_their_ends(torch: Any, dtype: str, indices: bool) -> None:
    ends = np.iinfo(dtype)
    x = np.random.default_rng(0).choice([ends.min, ends.min + 1, 0, 1, ends.max], (2, 3, 7, 8)).astype(dtype)
    mine = nn.MaxPool2d(3, 2, 1, return_indices=indices)(x)
    theirs = torch.nn.MaxPool2d(3, 2, 1, return_indices=indices)(torch.tensor(x))
    for one, other in zip(mine if indices else (mine,), theirs if indices else (theirs,), strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize("name", ["kernel_size", "stride", "padding", "dilation"])
@pytest.mark.parametrize("value", [2.0, "2", True, (2.0, 2), (2, 2.0)], ids=str)
def test_wrong_types_are_refused_in_pytorchs_words(same_error: Any, name: str, value: Any) -> None:
    sizes = {"kernel_size": 2, "stride": 2, name: value}
    same_error(lambda k: k.nn.MaxPool2d(**sizes)(k.x(1, 1, 4, 4)))
    if name != "dilation":
        same_error(lambda k: k.nn.AvgPool2d(**sizes)(k.x(1, 1, 4, 4)))


def test_wrong_types_are_refused_at_once() -> None:
    with pytest.raises(ArgumentTypeError, match="try: kernel_size=2; division"):
        nn.MaxPool2d(2.0)


def test_the_function_takes_ceil_mode_before_return_indices() -> None:
    assert F.max_pool2d(np.ones((1, 5, 5)), 2, None, 0, 1, True).shape == (1, 3, 3)
    values, indices = F.max_pool2d(np.ones((1, 5, 5)), 2, None, 0, 1, False, True)
    assert values.shape == indices.shape == (1, 2, 2)


def test_indices_are_always_given_by_the_function_of_that_name() -> None:
    x = np.random.default_rng(0).standard_normal((2, 6, 6))
    for one, other in zip(F.max_pool2d_with_indices(x, 2), F.max_pool2d(x, 2, return_indices=True), strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())


def test_huge_windows(torch: Any) -> None:
    x = np.arange(64.0).reshape(1, 8, 8)
    arguments = (10**9, 2, 5 * 10**8)
    np.testing.assert_array_equal(
        F.max_pool2d(x, *arguments).numpy(), torch.nn.functional.max_pool2d(torch.tensor(x), *arguments).numpy()
    )
    assert F.max_pool2d(x, 2, 2**31 - 1, ceil_mode=True).shape == (1, 1, 1)


@pytest.mark.parametrize("function", [lambda x: F.max_pool2d(x, 2), lambda x: F.adaptive_max_pool2d(x, 3)])
def test_indices_that_nobody_asked_for_are_not_made(monkeypatch: pytest.MonkeyPatch, function: Any) -> None:
    made: list[int] = []

    def noted(graph: Any, wanted: Any) -> Any:
        made.append(len(graph.outputs))
        return program_for(graph, wanted)

    monkeypatch.setattr(sys.modules["knoll.tensor.trace_cache"], "program_for", noted)
    function(np.ones((1, 3, 6, 6), np.float32))
    assert made == [1]
