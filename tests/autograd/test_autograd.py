"""Gradients that are returned, and gradients of some tensors alone."""
# ruff: noqa: ARG005 (every call is given the same arguments)

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.autograd import grad
from knoll.errors import StateError


def leaf(library: Any, *numbers: float) -> Any:
    return library.tensor(numbers, dtype=library.float32, requires_grad=True)


def lists(gradients: Any) -> Any:
    if isinstance(gradients, dict):
        return {name: lists(d) for name, d in gradients.items()}
    if isinstance(gradients, (tuple, list)):
        return [lists(d) for d in gradients]
    return None if gradients is None else gradients.tolist()


def outcome(library: Any, call: Any) -> Any:
    """What a call returns, or the kind and the first line of its error."""
    try:
        return lists(call(library))
    except (RuntimeError, TypeError, ValueError) as error:
        kind = next(k for k in (TypeError, ValueError, RuntimeError) if isinstance(error, k))
        return kind.__name__, str(error).split("\n")[0]


def squares(library: Any) -> Any:
    x = leaf(library, 1, 2)
    return x, x * x


def several(library: Any) -> Any:
    x, y = squares(library)
    h = y * 2
    return library.autograd.grad([h.sum(), (y * 3).sum()], [y, x, h, x])


def leaves_stay(library: Any) -> Any:
    x, w = leaf(library, 1, 2), leaf(library, 3, 4)
    (gradient,) = library.autograd.grad((x * w).sum(), x)
    return gradient, x.grad, w.grad


def kept(library: Any) -> Any:
    x, y = squares(library)
    loss = y.sum()
    first = library.autograd.grad(loss, x, retain_graph=True)
    return first, library.autograd.grad(loss, x)


def spent(library: Any) -> Any:
    x, y = squares(library)
    loss = (y * y).sum()
    library.autograd.grad(loss, x)
    return library.autograd.grad(loss, x)


def spent_behind(library: Any) -> Any:
    """The part behind the wanted result is freed already, and is not needed."""
    x, h = squares(library)
    h.sum().backward()
    return library.autograd.grad((h * 2).sum(), h), x.grad


def with_hooks(library: Any) -> Any:
    x, y = squares(library)
    x.register_hook(lambda dx: dx * 10)
    y.register_hook(lambda dy: dy + 1)
    return library.autograd.grad(y.sum(), x)


def hook_at_a_result(library: Any) -> Any:
    _, y = squares(library)
    y.register_hook(lambda dy: dy + 1)
    return library.autograd.grad((y * 3).sum(), y)


def other_leaves_are_not_called(library: Any) -> Any:
    x, w = leaf(library, 1, 2), leaf(library, 3, 4)
    w.register_hook(lambda _: 1 / 0)
    return library.autograd.grad((x * w).sum(), x)


def named(library: Any) -> Any:
    x, w = leaf(library, 1, 2), leaf(library, 3, 4)
    return library.autograd.grad((x * w).sum(), {"x": x, "w": w})


def together(library: Any) -> Any:
    x, y = squares(library)
    library.autograd.backward([y, (y * 3).sum()], [library.ones(2), None])
    return x.grad


@pytest.mark.parametrize(
    "call",
    [
        several, leaves_stay, kept, spent, spent_behind, with_hooks, hook_at_a_result, other_leaves_are_not_called,
        named, together,
    ],
)  # fmt: skip
def test_as_in_pytorch(torch: Any, call: Any) -> None:
    assert outcome(knoll, call) == outcome(torch, call)


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf")
def test_inputs_of_backward(torch: Any) -> None:
    def call(library: Any) -> Any:
        x, w = leaf(library, 1, 2), leaf(library, 3, 4)
        h = x * w
        for _ in range(2):
            (h * 2).sum().backward(inputs=[x, h], retain_graph=True)
        return x.grad, w.grad, h.grad

    assert outcome(knoll, call) == outcome(torch, call)


REFUSALS = {
    "not a scalar": lambda lib, x, y: lib.autograd.grad(y, x),
    "inputs without gradient": lambda lib, x, y: lib.autograd.grad(y.sum(), lib.ones(2)),
    "outputs without gradient": lambda lib, x, y: lib.autograd.grad([y.sum(), lib.ones(1)], x),
    "unused": lambda lib, x, y: lib.autograd.grad(y.sum(), [x, leaf(lib, 1)]),
    "unused, allowed": lambda lib, x, y: lib.autograd.grad(y.sum(), [x, leaf(lib, 1)], allow_unused=True),
    "unused, zeros": lambda lib, x, y: lib.autograd.grad(y.sum(), [x, leaf(lib, 1)], materialize_grads=True),
    "contradiction": lambda lib, x, y: lib.autograd.grad(y.sum(), x, allow_unused=False, materialize_grads=True),
    "no inputs": lambda lib, x, y: lib.autograd.grad(y.sum(), []),
    "no inputs of backward": lambda lib, x, y: y.sum().backward(inputs=[]),
    "no outputs": lambda lib, x, y: lib.autograd.grad([], [x]),
    "too few gradients": lambda lib, x, y: lib.autograd.grad([y.sum(), y.sum()], x, [None]),
    "a number for a gradient": lambda lib, x, y: lib.autograd.grad(y.sum(), x, 3),
    "a number among gradients": lambda lib, x, y: lib.autograd.grad(y.sum(), x, [3]),
    "a number for an input": lambda lib, x, y: lib.autograd.grad(y.sum(), 3),
    "a number among inputs": lambda lib, x, y: lib.autograd.grad(y.sum(), [x, 3]),
    "a number for backward": lambda lib, x, y: y.sum().backward(3.0),
    "an integer gradient": lambda lib, x, y: lib.autograd.grad(y, x, lib.ones(2).long()),
    "a leaf of itself": lambda lib, x, y: lib.autograd.grad(x, x, lib.ones(2)),
    "the last index": lambda lib, x, y: lib.autograd.grad(y.sum(), [x, x, leaf(lib, 1)]),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refusals_and_their_borders_are_pytorchs(torch: Any, name: str) -> None:
    def call(library: Any) -> Any:
        return REFUSALS[name](library, *squares(library))

    assert outcome(knoll, call) == outcome(torch, call)


def test_a_gradient_of_another_shape() -> None:
    x, y = squares(knoll)
    with pytest.raises(StateError, match=r"grad_output\[1\] has a shape of \[3\] and output\[1\] has a shape of \[2\]"):
        grad([y.sum(), y], x, [None, knoll.ones(3)])


def test_the_gradient_of_a_network_by_its_image() -> None:
    net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(16, 3))
    image = knoll.randn(2, 1, 4, 4).requires_grad_()
    (gradient,) = grad(net(image).sum(), image)
    assert all(parameter.grad is None for parameter in net.parameters())
    net(image).sum().backward()
    np.testing.assert_array_equal(gradient.numpy(), image.grad.numpy())


def test_a_result_inside_a_network_has_to_be_kept_there() -> None:
    class Keeping(nn.Module):
        def forward(self, x: Any) -> Any:
            self.h = x * 3
            if self.kept:
                self.h.retain_grad()
            return (self.h * self.h).sum()

    module, x = Keeping(), leaf(knoll, 1, 2)
    module.kept = False
    loss = module(x)
    with pytest.raises(StateError, match=r"(?s)cannot be seen.*retain_grad\(\)"):
        grad(loss, module.h)
    module.kept = True
    assert lists(grad(module(x), module.h)) == [[6, 12]]


@pytest.mark.parametrize(("language", "words"), [("en", "from this tensor itself"), ("zh", "本身计算")])
def test_advice_for_an_unused_tensor(language: str, words: str) -> None:
    knoll.set_language(language)
    x, y = squares(knoll)
    with pytest.raises(StateError, match=words):
        grad(y.sum(), x[:1])
