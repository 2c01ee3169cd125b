"""Transposed convolution layers: sizes, errors, PyTorch's numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, DTypeError, ShapeError
from knoll.nn import functional as F

LAYERS: list[tuple[tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ((4, 6, 3), {}, (2, 4, 5, 6)),
    ((4, 6, 2), {"stride": 2}, (2, 4, 5, 6)),
    ((4, 6, (3, 2)), {"stride": (2, 3), "padding": (1, 0), "output_padding": (1, 2)}, (2, 4, 5, 6)),
    ((4, 6, 3), {"groups": 2, "bias": False, "dilation": 2, "padding": 2}, (2, 4, 5, 6)),
    ((4, 4, 3), {"groups": 4, "stride": 2, "padding": 1, "output_padding": 1}, (2, 4, 5, 6)),
    ((4, 6, 3), {"dilation": 3, "output_padding": 2}, (2, 4, 5, 6)),
    ((4, 6, 1), {"padding": 2}, (2, 4, 5, 6)),
    ((4, 6, 2), {"stride": 3}, (4, 5, 6)),
    ((4, 6, 3), {}, (0, 4, 5, 6)),
    ((20, 18, 2), {"stride": 2}, (1, 20, 7, 7)),
]


@pytest.mark.parametrize(("arguments", "options", "shape"), LAYERS)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_as_pytorch(torch: Any, arguments: Any, options: Any, shape: tuple[int, ...], dtype: str) -> None:
    mine = nn.ConvTranspose2d(*arguments, **options, dtype=getattr(knoll, dtype))
    theirs = torch.nn.ConvTranspose2d(*arguments, **options, dtype=getattr(torch, dtype))
    assert repr(mine) == repr(theirs)
    mine.load_state_dict({name: t.numpy() for name, t in theirs.state_dict().items()})
    numbers = np.random.default_rng(0).standard_normal(shape).astype(dtype)
    x, y = knoll.tensor(numbers).requires_grad_(), torch.tensor(numbers, requires_grad=True)
    ours, truth = mine(x), theirs(y)
    seed = np.random.default_rng(1).standard_normal(truth.shape).astype(dtype)
    ours.backward(knoll.tensor(seed))
    truth.backward(torch.tensor(seed))
    tolerance = {"float32": 2e-5, "float64": 1e-12}[dtype]
    pairs = [(ours.detach(), truth.detach()), (x.grad, y.grad)]
    pairs += [(p.grad, q.grad) for p, q in zip(mine.parameters(), theirs.parameters(), strict=True)]
    for a, b in pairs:
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=tolerance, atol=tolerance * 10)


def test_same_first_numbers_as_a_convolution_of_the_same_fan_in() -> None:
    layer = nn.ConvTranspose2d(4, 6, 3, groups=2)
    assert layer.weight.shape == (4, 3, 3, 3)
    assert 0 < np.abs(layer.weight.detach().numpy()).max() <= 27**-0.5


def test_whole_numbers() -> None:
    y = F.conv_transpose2d(np.arange(4).reshape(1, 1, 2, 2), np.ones((1, 1, 2, 2), np.int64))
    assert y.tolist() == [[[[0, 1, 1], [2, 6, 4], [2, 5, 3]]]]


@pytest.mark.parametrize("size", [(11, 12), (1, 4, 11, 12), (12, 11)])
def test_output_size_chooses(size: tuple[int, ...]) -> None:
    assert nn.ConvTranspose2d(4, 6, 3, stride=2)(knoll.zeros(1, 4, 5, 5), output_size=size).shape[2:] == size[-2:]


def test_it_undoes_the_shape_of_a_convolution() -> None:
    down, up = nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ConvTranspose2d(8, 3, 3, stride=2, padding=1)
    x = knoll.zeros(2, 3, 16, 16)
    assert up(down(x), output_size=x.shape[2:]).shape == x.shape


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (
            lambda: nn.ConvTranspose2d(4, 6, 3, stride=2, output_padding=2)(knoll.zeros(1, 4, 5, 5)),
            ShapeError,
            "output padding must be smaller than either stride or dilation, but got output_padding_height: 2",
        ),
        (
            lambda: nn.ConvTranspose2d(4, 6, 3, stride=2)(knoll.zeros(1, 4, 5, 5), output_size=(11, 13)),
            ArgumentError,
            "requested an output size of (11, 13), but valid sizes range from [11, 11] to [12, 12] "
            "(for an input of torch.Size([5, 5]))",
        ),
        (
            lambda: nn.ConvTranspose2d(4, 6, 3)(knoll.zeros(1, 4, 5, 5), output_size=(11,)),
            ArgumentError,
            "for 4D input, output_size must have 2 or 4 elements (got 1)",
        ),
        (
            lambda: nn.ConvTranspose2d(4, 6, 3, padding_mode="reflect"),
            ArgumentError,
            'Only "zeros" padding mode is supported for ConvTranspose2d',
        ),
        (lambda: nn.ConvTranspose2d(4, 6, 3, groups=3), ArgumentError, "in_channels must be divisible by groups"),
        (lambda: nn.ConvTranspose2d(4, 6, 3, groups=4), ArgumentError, "out_channels must be divisible by groups"),
        (
            lambda: nn.ConvTranspose2d(4, 6, 3)(knoll.zeros(1, 5, 5, 5)),
            ShapeError,
            "Given transposed=1, weight of size [4, 6, 3, 3], expected input[1, 5, 5, 5] to have 4 channels",
        ),
        (
            lambda: nn.ConvTranspose2d(4, 6, 3)(knoll.zeros(5, 5)),
            ShapeError,
            "Expected 3D (unbatched) or 4D (batched) input to conv_transpose2d, but got input of size: [5, 5]",
        ),
        (
            lambda: nn.ConvTranspose2d(4, 6, 1, padding=3)(knoll.zeros(1, 4, 5, 5)),
            ShapeError,
            "Given input size per channel: (5 x 5). Calculated output size per channel: (-1 x -1). "
            "Output size is too small",
        ),
        (
            lambda: nn.ConvTranspose2d(4, 6, 3)(knoll.zeros(1, 4, 0, 5)),
            ShapeError,
            "Only zero batch or zero channel inputs are supported, but got input shape: [1, 4, 0, 5]",
        ),
        (
            lambda: nn.ConvTranspose2d(4, 6, 3)(knoll.zeros(1, 4, 5, 5).double()),
            DTypeError,
            "expected scalar type Double but found Float",
        ),
        (
            lambda: F.conv_transpose2d(knoll.zeros(1, 4, 5, 5), knoll.zeros(4, 3, 3, 3), knoll.zeros(4)),
            ShapeError,
            "expected bias to be 1-dimensional with 3 elements, but got bias of size [4] instead",
        ),
        (
            lambda: F.conv_transpose2d(knoll.zeros(1, 4, 5, 5), knoll.zeros(4, 3, 3, 3), output_padding=-1),
            ArgumentError,
            "negative output_padding is not supported",
        ),
        (lambda: nn.ConvTranspose2d(4, 6, 3, stride=0), ArgumentError, "non-positive stride is not supported"),
    ],
)
def test_errors(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)
