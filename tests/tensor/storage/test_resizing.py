"""Tensors that take another part of their memory, or other memory: the same elements as in PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import knoll
from knoll.errors import ArgumentTypeError
from side_by_side import same_refusal


def shorter(lib: Any) -> list[Any]:
    x = lib.arange(6.0)
    y = x.resize_(2, 2)
    return [y is x, x, x.resize_(2, 3), x.storage_offset(), x.untyped_storage().nbytes()]


def seen_by_views(lib: Any) -> list[Any]:
    x = lib.arange(6.0)
    v = x[1:]
    x.resize_(2, 2)
    x.mul_(10)
    v[0] = -1
    return [x, v]


def beyond_a_view(lib: Any) -> list[Any]:
    x = lib.arange(6.0)
    v = x[1:4]
    v.resize_(2, 2)
    v.add_(10)
    return [v, x, v.storage_offset(), v.is_set_to(x[1:5].view(2, 2)), v.is_set_to(x[:4].view(2, 2))]


def longer(lib: Any) -> list[Any]:
    x = lib.arange(3.0)
    x.resize_(2, 4)
    return [x.shape == (2, 4), x.flatten()[:3], x.is_contiguous()]


def of_a_transposed(lib: Any) -> list[Any]:
    x = lib.arange(6.0).reshape(2, 3)
    v = x.t()
    v.resize_(2, 3)
    return [v, v.stride(), x]


def as_another(lib: Any) -> list[Any]:
    return [lib.arange(6).resize_as_(lib.zeros(3, 1)), lib.arange(2).resize_(()), lib.arange(2).resize_([1, 2])]


def of_an_alias(lib: Any) -> list[Any]:
    x = lib.arange(4.0).requires_grad_()
    d = x.detach().resize_(2)
    d.add_(1)
    return [d, d.requires_grad, x.detach(), x.requires_grad]


def set_to_another(lib: Any) -> list[Any]:
    x, y = lib.zeros(1), lib.arange(6.0).reshape(2, 3)
    x.set_(y.t())
    x[0] = 7
    return [x, y, x.is_set_to(y.t()), x.stride()]


def set_to_nothing(lib: Any) -> list[Any]:
    x = lib.ones(2)
    v = x[:1]
    return [x.set_(), v, x.set_(lib.arange(2.0))]


def views_of_what_was_set(lib: Any) -> list[Any]:
    x = lib.ones(4)
    v = x[1:]
    x.set_(lib.arange(4.0))
    x.add_(1)
    v.mul_(5)
    return [x, v]


CASES: list[Callable[[Any], list[Any]]] = [
    shorter, seen_by_views, beyond_a_view, longer, of_a_transposed, as_another, of_an_alias, set_to_another,
    set_to_nothing, views_of_what_was_set,
]  # fmt: skip


def told(found: list[Any]) -> list[Any]:
    return [part.tolist() if hasattr(part, "tolist") else part for part in found]


@pytest.mark.pytorch
@pytest.mark.parametrize("case", CASES)
def test_elements_are_those_of_pytorch(case: Callable[[Any], list[Any]]) -> None:
    assert told(case(knoll)) == told(case(pytest.importorskip("torch")))


def test_where_memory_ends_zeros_follow_and_views_stay() -> None:
    x = knoll.arange(3)
    v = x[1:]
    x.resize_(5)
    x.add_(1)
    assert (x.tolist(), v.tolist()) == ([1, 2, 3, 1, 1], [1, 2])


def test_a_set_tensor_learns_by_itself() -> None:
    weight = knoll.zeros(2).set_(knoll.arange(2.0)).requires_grad_()
    (weight * 3).sum().backward()
    assert weight.grad is not None
    assert weight.grad.tolist() == [3, 3]


def test_refusals() -> None:
    same_refusal(lambda lib: lib.ones(2, requires_grad=True).resize_(3))
    same_refusal(lambda lib: (lib.ones(2, requires_grad=True) * 1).resize_(3))
    same_refusal(lambda lib: lib.ones(2).resize_(-1))
    same_refusal(lambda lib: lib.ones(2, requires_grad=True).set_(lib.ones(3)))
    same_refusal(lambda lib: lib.ones(2).set_(lib.ones(2).long()))
    with pytest.raises(ArgumentTypeError, match="must be Tensor, not UntypedStorage"):
        knoll.ones(2).set_(knoll.ones(2).untyped_storage())
