"""Backward: what arrives in `grad`, when, and what is refused."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import StateError
from knoll.tensor import recording
from side_by_side import both, same_refusal


def leaf(*numbers: float) -> knoll.Tensor:
    return knoll.tensor(numbers, dtype=knoll.float32, requires_grad=True)


def gradient(x: knoll.Tensor) -> Any:
    assert x.grad is not None
    return x.grad.tolist()


def test_gradients_add_up() -> None:
    x = leaf(1, 2)
    (x * 3).sum().backward()
    first = x.grad
    (x * x).sum().backward()
    assert gradient(x) == [5, 7]
    assert x.grad is first


def test_a_graph_serves_once_unless_it_is_kept() -> None:
    def twice(lib: Any) -> None:
        x = lib.ones(2, requires_grad=True)
        y = (x * x).sum()
        y.backward()
        y.backward()

    same_refusal(twice)
    x = leaf(1, 2)
    y = (x * x).sum()
    y.backward(retain_graph=True)
    y.backward()
    assert gradient(x) == [4, 8]


TWICE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda _, a, b: a + b,
    "subtract": lambda _, a, b: 1 - a - b,
    "negative": lambda _, a, __: -a,
    "mean": lambda _, a, __: a.mean(1),
    "sum": lambda _, a, __: a.sum(),
    "view": lambda _, a, __: a.view(-1)[2:],
    "transpose": lambda _, a, b: a.t() + b.t(),
    "cat": lambda lib, a, b: lib.cat([a, b, a]),
    "expand": lambda _, a, __: a.expand(2, 3, 4),
    "float64": lambda _, a, __: a.double(),
    "pad": lambda lib, a, __: lib.nn.functional.pad(a, (1, 2)),
    "interpolate": lambda lib, a, __: lib.nn.functional.interpolate(a[None], scale_factor=2),
    "in place": lambda _, a, b: a.clone().add_(b),
    "of a sum": lambda _, a, b: sum([a, b, a]),
    "multiply": lambda _, a, __: a * 2,
    "relu": lambda _, a, __: a.relu(),
    "matmul": lambda _, a, b: a @ b.t(),
    "places": lambda _, a, __: a[[0, 2]],
    "mean of squares": lambda _, a, __: (a * a).mean(),
}


@pytest.mark.pytorch
@pytest.mark.parametrize("name", TWICE)
def test_only_graphs_that_need_numbers_serve_once(name: str) -> None:
    outcomes = []
    for library in (knoll, pytest.importorskip("torch")):
        a, b = (library.arange(12.0).reshape(3, 4).requires_grad_() for _ in range(2))
        y = TWICE[name](library, a, b)
        y.sum().backward()
        try:
            y.sum().backward()
            outcome = "again"
        except RuntimeError as error:
            outcome = str(error).splitlines()[0]
        outcomes.append((outcome, a.grad.tolist(), None if b.grad is None else b.grad.tolist()))
    assert outcomes[0] == outcomes[1]


def test_gradients_of_what_needs_no_numbers_have_gradients_after_backward() -> None:
    a, b = leaf(1, 2), leaf(3, 4)
    y = a + b
    y.sum().backward()
    (slope,) = knoll.autograd.grad((y.sum() ** 2), a, create_graph=True)
    assert slope.tolist() == [20, 20]
    (second,) = knoll.autograd.grad(slope.sum(), b)
    assert second.tolist() == [4, 4]


def test_a_loss_holds_no_numbers_after_backward() -> None:
    x = leaf(1, 2)
    squares = x * x
    loss = squares.mean()
    held = weakref.ref(squares._realize())
    del squares
    loss.backward()
    assert held() is None


def test_refusals() -> None:
    same_refusal(lambda lib: lib.ones(2).sum().backward())
    same_refusal(lambda lib: (lib.ones(2, requires_grad=True) * 2).backward())
    same_refusal(lambda lib: lib.tensor([1], requires_grad=True))
    same_refusal(lambda lib: setattr(lib.tensor([1]), "requires_grad", True))
    same_refusal(lambda lib: setattr(lib.ones(2, requires_grad=True) * 2, "requires_grad", False))
    same_refusal(lambda lib: lib.ones(2).retain_grad())


def test_a_gradient_of_another_shape() -> None:
    with pytest.raises(StateError, match=r"grad_output\[0\] has a shape of \[3\] and output\[0\] has a shape of \[2\]"):
        (leaf(1, 2) * 2).backward(knoll.ones(3))


def test_a_leaf_is_its_own_loss() -> None:
    x = leaf(3)
    x.backward()
    assert gradient(x) == [1]


def test_a_given_gradient_stays_the_givers() -> None:
    x = leaf(1, 2)
    seed = knoll.ones(2)
    x.backward(seed)
    assert x.grad is not None
    x.grad.zero_()
    assert seed.tolist() == [1, 1]


def test_two_leaves_do_not_share_a_gradient() -> None:
    a, b = leaf(1, 2), leaf(3, 4)
    (a + b).backward(knoll.ones(2))
    assert a.grad is not None
    a.grad.mul_(9)
    assert gradient(b) == [1, 1]


def test_a_leaf_met_on_the_way_does_not_spoil_what_flows_on() -> None:
    a, b = leaf(1, 1), leaf(2, 2)
    c = a + b  # the gradient of c is the gradient of a and of b
    d = b * 1
    (a + d + c).sum().backward()
    assert gradient(a) == [2, 2]
    assert gradient(b) == [2, 2]


def test_only_what_is_reached_gets_a_gradient() -> None:
    a, b, c = leaf(1, 2), leaf(3, 4), leaf(5, 6)
    with recording():
        y = a.detach() * b + c.round()
    y.sum().backward()
    assert a.grad is None
    assert gradient(b) == [1, 2]
    assert gradient(c) == [0, 0]


def test_diamonds_and_long_chains() -> None:
    def chain(_: Any, x: Any) -> Any:
        y = x
        for _ in range(50):
            y = y * 0.9 + x * 0.1
        return y

    both(chain, np.array([1.0, 2.0]))


def test_depth_is_no_limit() -> None:
    x = leaf(1)
    y = x
    for _ in range(3000):
        y = y + 1
    y.sum().backward()
    assert gradient(x) == [1]


def test_gradients_of_results_are_kept_when_asked_for() -> None:
    x = leaf(1, 2)
    y = x * 3
    y.retain_grad()
    assert y.retains_grad
    (y * y).sum().backward()
    assert gradient(y) == [6, 12]
    assert gradient(x) == [18, 36]
    with recording():
        h = x * 3
        h.retain_grad()
        z = (h * h).sum()
    z.backward()
    assert gradient(h) == [6, 12]


def test_gradients_of_results_inside_a_call_are_asked_for_there() -> None:
    x = leaf(1, 2)
    with recording():
        h = x * 3
        z = (h * h).sum()
    with pytest.raises(StateError) as caught:
        h.retain_grad()
    assert "inside forward" in str(caught.value)
    z.backward()
    assert gradient(x) == [18, 36]


def test_results_forget_their_graph_when_nobody_holds_them() -> None:
    x = leaf(1, 2)
    y = x * 3
    ghost = weakref.ref(y)
    z = y.sum()
    del y
    gc.collect()
    assert ghost() is None
    z.backward()
    assert gradient(x) == [3, 3]


def test_leaves() -> None:
    x = leaf(1)
    assert x.is_leaf
    assert not (x * 2).is_leaf
    assert (x * 2).detach().is_leaf
    assert (knoll.ones(2) * 2).is_leaf
    assert (x * 2).requires_grad
    assert not (x > 0).requires_grad
    y = x * 2
    assert y.detach_().is_leaf
    assert not y.requires_grad


def test_data_shares_memory_and_can_be_replaced() -> None:
    x = leaf(1, 2)
    x.data.mul_(10)
    assert x.tolist() == [10, 20]
    assert not x.data.requires_grad
    before = x._stamp()
    x.data = knoll.tensor([3.0, 4.0])
    assert x.tolist() == [3, 4]
    assert x.requires_grad
    assert x._stamp() != before
    with pytest.raises(TypeError, match="Variable data has to be a tensor"):
        x.data = [1.0]


def test_stamps_change_with_the_numbers() -> None:
    x = knoll.ones(2)
    seen = {x._stamp()}
    for change in (lambda: x.zero_(), lambda: x.detach().add_(1), lambda: x.data.add_(1), lambda: x[0].fill_(3)):
        change()
        assert x._stamp() not in seen
        seen.add(x._stamp())
    x.numpy()
    assert x._stamp()[1] is None


def test_mixed_element_types() -> None:
    both(lambda _, a, b: a * b, np.ones(2, np.float32), np.full(2, 3.0))
    both(lambda _, a: (a.double() * 2).float(), np.ones(2, np.float32))


@pytest.mark.parametrize(
    "wrong",
    [
        lambda lib, _: lib.ones(3), lambda lib, _: lib.ones(2, 3, dtype=lib.float64), lambda *_: 1.0,
        lambda lib, _: lib.ones(3, dtype=lib.float64), lambda lib, _: lib.ones(2, 3, dtype=lib.int64),
        lambda *_: np.ones((2, 3)), lambda _, x: x, lambda lib, _: lib.ones(2, 3, dtype=lib.float16),
    ],
)  # fmt: skip
def test_a_gradient_that_does_not_fit_is_not_taken(torch: Any, wrong: Callable[[Any, Any], Any]) -> None:
    said = []
    for lib in (knoll, torch):
        x = lib.ones(2, 3, requires_grad=True)
        with pytest.raises((RuntimeError, TypeError)) as caught:
            x.grad = wrong(lib, x)
        assert x.grad is None
        said.append((isinstance(caught.value, TypeError), str(caught.value).split("\n")[0]))
    assert said[1][1].startswith(said[0][1])  # PyTorch goes on about an attribute that is not here
    assert said[0][0] == said[1][0]


@pytest.mark.parametrize("made", [lambda: knoll.ones(2), nn.UninitializedParameter], ids=["tensor", "uninitialized"])
def test_requires_grad_takes_its_argument_by_pytorchs_name(made: Callable[[], knoll.Tensor]) -> None:
    x = made()
    assert x.requires_grad_(requires_grad=True) is x
    assert x.requires_grad
    assert not x.requires_grad_(requires_grad=False).requires_grad
