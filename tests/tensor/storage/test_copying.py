"""Copies and pickles: numbers, gradients, subclasses, and what cannot be copied."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

import knoll
from knoll.errors import StateError


class Marked(knoll.Tensor):
    """A tensor with a mark."""

    __slots__ = ("mark",)


def test_deep_copies_have_numbers_and_gradients_of_their_own() -> None:
    x = knoll.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    y = copy.deepcopy(x)
    assert y.requires_grad
    assert y.grad is not None
    assert y.grad.tolist() == [3, 3]
    y.grad.zero_()
    y.data.zero_()
    assert x.tolist() == [1, 1]
    assert x.grad is not None
    assert x.grad.tolist() == [3, 3]


def test_one_tensor_in_two_places_is_copied_once() -> None:
    x = knoll.ones(2)
    first, second = copy.deepcopy([x, x])
    assert first is second
    assert first is not x


def test_shallow_copies_share_memory() -> None:
    x = knoll.zeros(2)
    copy.copy(x).add_(1)
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_pickles(protocol: int) -> None:
    x = knoll.tensor([[1.5, 2.5]], requires_grad=True)
    y = pickle.loads(pickle.dumps(x, protocol))
    assert y.tolist() == x.tolist()
    assert y.dtype == x.dtype
    assert y.requires_grad
    assert y.is_leaf


def test_pickles_of_results_and_views() -> None:
    x = knoll.ones(4, requires_grad=True)
    assert pickle.loads(pickle.dumps(x * 2)).tolist() == [2, 2, 2, 2]
    assert len(pickle.dumps(knoll.zeros(100_000)[:2])) < 1000


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_subclasses_stay(again: Any) -> None:
    x = Marked([1.0])
    x.mark = "here"
    y = again(x)
    assert type(y) is Marked
    assert y.mark == "here"
    assert y.tolist() == [1]


def test_results_cannot_be_copied() -> None:
    with pytest.raises(StateError, match=r"Only Tensors created explicitly by the user \(graph leaves\)") as caught:
        copy.deepcopy(knoll.ones(2, requires_grad=True) * 2)
    assert "detach().clone()" in str(caught.value)


def test_a_person_may_note_something_on_a_tensor() -> None:
    x, weight = knoll.ones(2), knoll.nn.Parameter([1.0])
    x.note, weight.no_decay = [1], True
    assert copy.copy(x).note is x.note
    assert pickle.loads(pickle.dumps(x)).note == [1]
    copied = copy.deepcopy(x)
    assert copied.note == [1]
    assert copied.note is not x.note
    assert not hasattr(copy.deepcopy(weight), "no_decay")  # as in PyTorch
    with pytest.raises(AttributeError, match="'shape' of 'Tensor' object has no setter"):
        x.shape = (1, 2)
