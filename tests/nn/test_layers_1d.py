"""The layers of one axis: what they refuse, in PyTorch's words, and what they share with those of images."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError, UnsupportedError
from knoll.nn import functional as F


@pytest.mark.parametrize("shape", [(3, 4, 12), (4, 12)], ids=str)
def test_a_sequence_is_an_image_of_one_row(shape: tuple[int, ...]) -> None:
    x = knoll.randn(*shape)
    row = x.unsqueeze(-2)
    weight, bias = knoll.randn(6, 2, 3), knoll.randn(6)
    pairs = [
        (
            F.conv1d(x, weight, bias, 2, 1, groups=2),
            F.conv2d(row, weight.unsqueeze(2), bias, (1, 2), (0, 1), groups=2),
        ),
        (F.max_pool1d(x, 3, 2, 1), F.max_pool2d(row, (1, 3), (1, 2), (0, 1))),
        (F.avg_pool1d(x, 3, 2, 1), F.avg_pool2d(row, (1, 3), (1, 2), (0, 1))),
        (F.adaptive_avg_pool1d(x, 5), F.adaptive_avg_pool2d(row, (1, 5))),
    ]
    for found, expected in pairs:
        np.testing.assert_allclose(found.numpy(), expected.squeeze(-2).numpy(), rtol=1e-5, atol=1e-6)


def test_a_network_of_sequences_is_one_program() -> None:
    net = nn.Sequential(
        nn.Conv1d(2, 8, 3, padding=1), nn.BatchNorm1d(8), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), nn.Linear(64, 3)
    )
    x = knoll.randn(5, 2, 16)
    optimizer, losses = knoll.optim.SGD(net.parameters(), lr=0.1), []
    for _ in range(15):
        loss = nn.CrossEntropyLoss()(net(x), knoll.tensor([0, 1, 2, 0, 1]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 * losses[0]
    net.eval()
    program = knoll.compile(net, x)
    np.testing.assert_allclose(program(x.numpy()), net(x).detach().numpy(), rtol=1e-5, atol=1e-5)


def test_what_was_pooled_comes_back(torch: Any) -> None:
    for function in (torch.nn.functional, F):
        x = (torch if function is not F else knoll).arange(9.0).reshape(1, 9)
        values, indices = function.max_pool1d(x, 2, return_indices=True)
        back = function.max_unpool1d(values, indices, 2, output_size=(9,))
        assert back.tolist() == [[0, 1, 0, 3, 0, 5, 0, 7, 0]]


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (
            lambda: nn.Conv1d(3, 6, 3)(knoll.ones(9)),
            ShapeError,
            r"Expected 2D \(unbatched\) or 3D \(batched\) input to conv1d, but got input of size: \[9\]",
        ),
        (
            lambda: nn.Conv1d(3, 6, 3)(knoll.ones(2, 4, 9)),
            ShapeError,
            r"weight of size \[6, 3, 3\], expected input\[2, 4, 9\] to have 3 channels, but got 4 channels",
        ),
        (
            lambda: nn.Conv1d(3, 6, 3)(knoll.ones(2, 3, 2)),
            ShapeError,
            r"Calculated padded input size per channel: \(2\). Kernel size: \(3\). Kernel size can't be greater",
        ),
        (lambda: nn.Conv1d(3, 6, (3, 3)), ArgumentError, "kernel_size to be a single integer value or a list of 1"),
        (lambda: nn.Conv1d(3, 6, 1.5), ArgumentTypeError, "must be tuple of ints, not float"),
        (lambda: nn.Conv1d(3, 6, 3, stride=2, padding="same"), ArgumentError, "not supported for strided convolutions"),
        (
            lambda: nn.ConvTranspose1d(3, 6, 3, 2)(knoll.ones(2, 3, 9), output_size=[30]),
            ArgumentError,
            r"requested an output size of \(30,\), but valid sizes range from \[19\] to \[20\]",
        ),
        (lambda: nn.MaxPool1d(2)(knoll.ones(9)), ShapeError, r"max_pool1d: Expected 2D or 3D .* but got:\[9\]"),
        (lambda: nn.MaxPool1d(2)(knoll.ones(2, 3, 1)), ShapeError, "Invalid computed output size: 0"),
        (lambda: F.max_pool1d(knoll.ones(2, 3, 9), 2, padding=2), ArgumentError, "at most half of kernel size"),
        (
            lambda: nn.MaxPool1d(2)(knoll.tensor([[1, 2]])),
            UnsupportedError,
            "max_pool1d_impl\" not implemented for 'Long'",
        ),
        (lambda: nn.AvgPool1d(2)(knoll.ones(9)), StateError, "Expected 2 to 3 dimensions, but got 1-dimensional"),
        (lambda: F.avg_pool1d(knoll.ones(2, 9), (2, 2)), ArgumentError, r"should contain one int \(got 2\)"),
        (
            lambda: F.max_unpool1d(knoll.ones(1, 4), knoll.zeros(1, 4).long(), 2, output_size=(10,)),
            ArgumentError,
            r'invalid output_size "\(10,\)" \(dim 0 must be between 6 and 10\)',
        ),
        (lambda: nn.CircularPad1d(3)(knoll.ones(2)), ArgumentError, r"expected 2D or 3D input \(got 1D input\)"),
        (
            lambda: nn.LazyConv1d(6, 3)(knoll.ones(9)),
            ShapeError,
            r"Expected 2D \(unbatched\) or 3D \(batched\) input to LazyConv1d",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        call()


def test_explanations_speak_of_one_axis() -> None:
    found = nn.Conv1d(2, 4, 3, stride=2).explain((2, 11))
    assert found.outputs == ((4, 5),)
    assert found.sizes[0].lines[0].startswith("l_out = ")
    for text in (found.text("en"), found.text("zh")):
        assert "pixel" not in text
        assert "像素" not in text
