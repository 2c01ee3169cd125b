"""Views of leaves: gradients reach the leaf that people hold, however its numbers were changed meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import knoll
from side_by_side import both


def _copied(lib: Any, b: Any) -> Any:
    b.data.copy_(b.flip(0))


def _added(lib: Any, b: Any) -> Any:
    b.detach().add_(b * 2)


def _set(lib: Any, b: Any) -> Any:
    b.data[0] = 1


CHANGES = [_copied, _added, _set]
VIEWS: list[Callable[[Any], Any]] = [
    lambda t: t.view(-1),
    lambda t: t[1],
    lambda t: t.unflatten(-1, (-1, 1)),
    lambda t: t.diagonal(),
    lambda t: t.t()[1:],
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("number", range(len(VIEWS)))
def test_a_view_follows_a_leaf_whose_numbers_were_changed(number: int, change: Callable[[Any, Any], Any]) -> None:
    def program(lib: Any, x: Any) -> Any:
        leaf = x.detach().clone().requires_grad_()
        view = VIEWS[number](leaf)
        change(lib, leaf)
        (view * 3).sum().backward()
        return leaf.grad, view.detach()

    both(program, [[0.5, 1.0, 2.0], [3.0, 4.0, 5.0]])


def test_a_leaf_that_is_a_view_of_other_numbers_is_where_gradients_end() -> None:
    def program(lib: Any, x: Any) -> Any:
        leaf = x.detach().reshape(3, 2).requires_grad_()
        row = leaf[1]
        leaf.data.copy_(leaf.flip(0) * 2)
        (row * 3).sum().backward()
        return leaf.grad, row.detach(), x.detach()

    both(program, [[0.5, 1.0, 2.0], [3.0, 4.0, 5.0]])


def test_a_leaf_that_wants_no_gradient_any_more_gets_none() -> None:
    x = knoll.ones(2, requires_grad=True)
    y = x * x
    x.requires_grad_(False)
    y.sum().backward()
    assert x.grad is None


def test_results_are_detached_in_place_though_they_were_reshaped_within() -> None:
    x = knoll.ones(4, 6, requires_grad=True)
    for result in (x.repeat(2, 1), knoll.nn.functional.layer_norm(x, (6,)), knoll.kron(x, x)):
        result.detach_()
        assert result.is_leaf
        assert not result.requires_grad
    reshaped = (x * 2)[:1].clone()
    assert reshaped.squeeze_(0).detach_() is reshaped
    with pytest.raises(RuntimeError, match="Can't detach views"):
        x.view(-1).detach_()
