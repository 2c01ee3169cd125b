"""Sequences of several lengths in one tensor, beside PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import KnollError, ShapeError
from knoll.nn.utils.rnn import pad_sequence, unpad_sequence

PARTS = [np.random.default_rng(0).standard_normal((length, 3)) for length in (2, 5, 1, 3)]


@pytest.mark.parametrize("options", [
    {}, {"batch_first": True}, {"padding_value": -1.5}, {"batch_first": True, "padding_side": "left"},
])  # fmt: skip
def test_sequences_and_their_gradients_are_those_of_pytorch(torch: Any, options: dict[str, Any]) -> None:
    found = []
    for lib in (knoll, torch):
        parts = [lib.tensor(part, requires_grad=True) for part in PARTS]
        padded = import_module(f"{lib.__name__}.nn.utils.rnn").pad_sequence(parts, **options)
        (padded * lib.arange(padded.numel()).reshape(padded.shape)).sum().backward()
        found.append([padded.detach().numpy(), *(part.grad.numpy() for part in parts)])
        whole = import_module(f"{lib.__name__}.nn.utils.rnn").pad_sequence([lib.tensor([1, 2]), lib.tensor([3])])
        found[-1].append(whole.numpy())
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype


def test_there_and_back() -> None:
    lengths = knoll.tensor([len(part) for part in PARTS])
    for first in (True, False):
        back = unpad_sequence(pad_sequence([knoll.tensor(part) for part in PARTS], first), lengths, first)
        for one, part in zip(back, PARTS, strict=True):
            np.testing.assert_array_equal(one.numpy(), part)


@pytest.mark.parametrize("call", [
    lambda lib, rnn: rnn.pad_sequence([lib.ones(1)][:0]),
    lambda lib, rnn: rnn.pad_sequence([lib.ones(2)], padding_side="up"),
])  # fmt: skip
def test_refusals_are_pytorchs(torch: Any, call: Callable[[Any, Any], object]) -> None:
    with pytest.raises((RuntimeError, ValueError)) as theirs:
        call(torch, import_module("torch.nn.utils.rnn"))
    with pytest.raises(KnollError, match=r".+") as ours:
        call(knoll, import_module("knoll.nn.utils.rnn"))
    assert isinstance(ours.value, type(theirs.value))
    assert str(ours.value) == str(theirs.value).split("\n")[0]


def test_what_is_no_sequence_of_sequences() -> None:
    with pytest.raises(TypeError, match="Expected iterable for input sequences, but got arg of type: <class 'int'>"):
        pad_sequence(3)
    with pytest.raises(ShapeError, match="must agree in all axes but the first"):
        pad_sequence([knoll.ones(2, 3), knoll.ones(2, 4)])
