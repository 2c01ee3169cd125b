"""Embedding: as PyTorch's, its padding, its norm, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError, DimensionError, DTypeError, UnsupportedError
from knoll.nn import functional as F

WORDS = np.array([[1, 2, 4, 1], [4, 3, 2, 1]])


@pytest.mark.parametrize(
    "arguments",
    [{}, {"padding_idx": 1}, {"padding_idx": -4}, {"scale_grad_by_freq": True}, {"max_norm": 1.0},
     {"max_norm": 0.5, "norm_type": 1.0, "padding_idx": 2}, {"max_norm": 1.5, "norm_type": float("inf")}],
    ids=str,
)  # fmt: skip
def test_rows_and_gradients_are_pytorchs(torch: Any, arguments: dict[str, Any]) -> None:
    theirs, ours = torch.nn.Embedding(5, 3, **arguments), nn.Embedding(5, 3, **arguments)
    ours.load_state_dict({"weight": knoll.tensor(theirs.weight.detach().numpy())})
    assert repr(ours) == repr(theirs)
    seed = np.random.default_rng(0).standard_normal((2, 4, 3)).astype("float32")
    for dtype in ("int64", "int32"):
        expected, found = theirs(torch.tensor(WORDS.astype(dtype))), ours(knoll.tensor(WORDS.astype(dtype)))
        np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), rtol=1e-6)
        expected.backward(torch.tensor(seed))
        found.backward(knoll.tensor(seed))
    np.testing.assert_allclose(ours.weight.detach().numpy(), theirs.weight.detach().numpy(), rtol=1e-6)
    np.testing.assert_allclose(ours.weight.grad.numpy(), theirs.weight.grad.numpy(), rtol=1e-5, atol=1e-6)


def test_the_row_of_the_padding_begins_as_zeros() -> None:
    layer = nn.Embedding(5, 3, padding_idx=-2)
    assert layer.padding_idx == 3
    assert layer.weight[3].tolist() == [0, 0, 0]
    assert bool((layer.weight[2] != 0).all())


def test_a_table_that_is_given() -> None:
    table = knoll.arange(6.0).reshape(3, 2)
    layer = nn.Embedding.from_pretrained(table)
    assert not layer.weight.requires_grad
    assert layer(knoll.tensor(2)).tolist() == [4, 5]
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad


def test_a_network_over_words_learns() -> None:
    knoll.manual_seed(0)
    net = nn.Sequential(nn.Embedding(5, 8), nn.Flatten(), nn.Linear(32, 2))
    optimizer, losses = knoll.optim.SGD(net.parameters(), lr=0.5), []
    for _ in range(20):
        loss = nn.CrossEntropyLoss()(net(knoll.tensor(WORDS)), knoll.tensor([0, 1]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 * losses[0]
    program = knoll.compile(net, knoll.tensor(WORDS))
    np.testing.assert_allclose(program(WORDS), net(knoll.tensor(WORDS)).detach().numpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "sentence"),
    [
        (lambda: nn.Embedding(4, 3, padding_idx=4), ArgumentError, "Padding_idx must be within num_embeddings"),
        (lambda: nn.Embedding(4, 3, padding_idx=-5), ArgumentError, "Padding_idx must be within num_embeddings"),
        (lambda: nn.Embedding(4, 3, sparse=True), UnsupportedError, "sparse=True asks for sparse gradients"),
        (lambda: nn.Embedding(4.5, 3), ArgumentTypeError, "'num_embeddings' must be int, not float"),
        (lambda: nn.Embedding(4, 3)(knoll.tensor([4])), DimensionError, "index out of range in self"),
        (lambda: nn.Embedding(4, 3)(knoll.tensor([-1])), DimensionError, "index out of range in self"),
        (lambda: nn.Embedding(4, 3)(knoll.tensor([1.0])), DTypeError, "Long, Int; but got torch.FloatTensor instead"),
        (lambda: nn.Embedding(4, 3)(knoll.tensor([True])), DTypeError, "Long, Int; but got CPUBoolType instead"),
        (lambda: nn.Embedding.from_pretrained(knoll.ones(3)), ArgumentError, "expected to be 2-dimensional"),
        (lambda: nn.Embedding(4, 3, _weight=knoll.ones(3, 3)), ArgumentError, "Shape of weight does not match"),
        (lambda: F.embedding(knoll.tensor([1]), knoll.ones(3)), ArgumentError, "'weight' must be 2-D"),
        (
            lambda: F.embedding(knoll.tensor([3]), knoll.ones(3, 2), max_norm=1.0),
            DimensionError,
            r"select\(\): index 3 out of range for tensor of size \[3, 2\] at dimension 0",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=sentence):
        call()


def test_a_shape_is_enough_to_look_at_it() -> None:
    net = nn.Sequential(nn.Embedding(9, 4), nn.Linear(4, 2))
    assert net[0].explain((7,)).outputs == ((7, 4),)
    assert "9" in net.summary((7,)).text("en")
    assert len(nn.Embedding(9, 2).animate((3,)).frames) == 3, "a frame for each row"
