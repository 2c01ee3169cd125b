"""`create_graph=True`: gradients that have gradients. All layers: `tests/laws/test_second_derivatives.py`."""
# ruff: noqa: ARG005 (every hook is given the same arguments)

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.autograd import backward, grad
from knoll.errors import StateError


def leaf(*numbers: float) -> knoll.Tensor:
    return knoll.tensor(numbers, dtype=knoll.float64, requires_grad=True)


def test_every_order() -> None:
    x = leaf(1.0, 2.0)
    y = (x**4).sum()
    for expected in ([4, 32], [12, 48], [24, 48], [24, 24]):
        (dx,) = grad(y, x, create_graph=True)
        assert dx.tolist() == expected
        y = dx.sum()


def test_backward_keeps_the_graph_of_grad() -> None:
    x = leaf(1.0, 2.0)
    (x**3).sum().backward(create_graph=True)
    first, x.grad = x.grad, None
    assert first is not None
    assert first.requires_grad
    first.sum().backward()
    assert x.grad.tolist() == [6, 12]


def test_backward_adds_to_grad() -> None:
    x = leaf(1.0, 2.0)
    (x**3).sum().backward()
    (x**3).sum().backward(create_graph=True)
    assert x.grad.tolist() == [6, 24]
    assert x.grad.requires_grad


def test_only_the_inputs_that_are_named() -> None:
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    backward([(x * x * w).sum()], create_graph=True, inputs=[w])
    assert x.grad is None
    assert w.grad.tolist() == [1, 4]


def test_a_gradient_that_is_given_has_a_gradient() -> None:
    x, dy = leaf(1.0, 2.0), leaf(5.0, 7.0)
    (dx,) = grad(x * x, x, dy, create_graph=True)
    dx.sum().backward()
    assert dy.grad.tolist() == [2, 4]
    assert x.grad.tolist() == [10, 14]


def test_what_no_input_changes_has_no_gradient() -> None:
    x = leaf(1.0, 2.0)
    (dx,) = grad((3 * x).sum(), x, create_graph=True)
    assert dx.tolist() == [3, 3]
    assert not dx.requires_grad
    assert grad(x.sum(), [x, leaf(1.0)], create_graph=True, allow_unused=True)[1] is None


@pytest.mark.parametrize("size", [3, 1 << 16])
@pytest.mark.parametrize("name", ["relu", "abs", "amax"])
def test_a_gradient_that_no_input_changes(name: str, size: int) -> None:
    x = knoll.linspace(-1, 1, size).requires_grad_()
    (dx,) = grad(getattr(x, name)().sum(), x, create_graph=True)
    (dx * dx).sum().backward()
    assert x.grad is None or not x.grad.any()


@pytest.mark.parametrize("create_graph", [True, False])
def test_a_gradient_that_is_kept_is_no_other_ones(create_graph: bool) -> None:
    x = leaf(1.0, 2.0) * 1
    x.retain_grad()
    (dx,) = grad((x * x).sum(), x, create_graph=create_graph, retain_graph=True)
    dx.detach().zero_()
    assert x.grad.tolist() == [2, 4]


def test_a_graph_that_shall_not_be_kept_is_freed() -> None:
    x = leaf(1.0, 2.0)
    y = (x**3).sum()
    (dx,) = grad(y, x, create_graph=True, retain_graph=False)
    dx.sum().backward()
    with pytest.raises(StateError, match="a second time"):
        grad(y, x)


def test_hooks_and_kept_gradients() -> None:
    x = leaf(1.0, 2.0)
    y = x * x
    y.retain_grad()
    handle = x.register_hook(lambda dx: dx * 10)
    (y**2).sum().backward(create_graph=True)
    handle.remove()
    assert y.grad.tolist() == [2, 8]
    assert x.grad.tolist() == [40, 320]
    first, x.grad = x.grad, None
    first.sum().backward()
    assert x.grad.tolist() == [120, 480]


def test_a_change_in_place_is_seen() -> None:
    x = leaf(1.0, 2.0)
    y = (x * x).sum()
    with knoll.no_grad():
        x.mul_(2)
    with pytest.raises(StateError, match="modified by an inplace operation"):
        grad(y, x, create_graph=True)


def test_parts_of_a_network_at_once() -> None:
    """Several programs, one after the other: the gradient goes through all."""
    first, second = nn.Linear(3, 4).to(knoll.float64), nn.Linear(4, 1).to(knoll.float64)
    x = knoll.randn(5, 3, dtype=knoll.float64, requires_grad=True)
    middle = first(x).tanh()
    (dx,) = grad(second(middle).sum(), x, create_graph=True)
    (dx**2).sum().backward()
    w, v = first.weight.detach().numpy(), second.weight.detach().numpy()[0]
    slope = 1 - np.tanh(x.detach().numpy() @ w.T + first.bias.detach().numpy()) ** 2
    np.testing.assert_allclose(dx.detach().numpy(), (slope * v) @ w)
    np.testing.assert_allclose(second.weight.grad.numpy()[0], (2 * slope * (dx.detach().numpy() @ w.T)).sum(0))


PRODUCTS = np.array([[1.5, 2.0, 0.0, -0.5, 3.0], [0.0, 3.0, 0.0, -1.0, 2.0], [2.0, -0.5, 1.0, 4.0, 1.0]])


@pytest.mark.parametrize(
    "product",
    [
        lambda x: x.prod(), lambda x: x.prod(1), lambda x: x.prod(0, keepdim=True), lambda x: x[:, :2].prod(1),
        lambda x: x.cumprod(1), lambda x: x.cumprod(0), lambda x: x[:2].cumprod(0), lambda x: x[:, :3].prod(),
    ],
)  # fmt: skip
def test_products_of_every_order(torch: Any, product: Any) -> None:
    """Zeros among the factors, too."""
    found = []
    for library in (knoll, torch):
        x = library.tensor(PRODUCTS, requires_grad=True)
        y, grads = product(x), []
        for order in range(3):
            weights = library.tensor(np.cos(np.arange(y.numel()) + order)).reshape(tuple(y.shape))
            (y,) = (
                grad((y * weights).sum(), x, create_graph=True)
                if library is knoll
                else torch.autograd.grad((y * weights).sum(), x, create_graph=True)
            )
            grads.append(y.detach().numpy())
            if not y.requires_grad:
                break
        found.append(grads)
    count = len(found[0])  # PyTorch goes on with zeros where nothing depends on x any more
    assert not any(rest.any() for rest in found[1][count:])
    for mine, other in zip(found[0], found[1][:count], strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-9)


HOOKS: dict[str, tuple[Any, Any]] = {
    "looking": (lambda *_: None, lambda *_: None),
    "scaling": (lambda module, dx, dy: tuple(d * 2 for d in dx), lambda module, dy: (dy[0] * 0.5,)),
    "curving": (lambda module, dx, dy: (dx[0] * dx[0],), lambda module, dy: (dy[0].tanh(),)),
    "mixing": (lambda module, dx, dy: (dx[0] + dy[0].sum(),), lambda *_: None),
}


@pytest.mark.parametrize("power", [1, 2])
@pytest.mark.parametrize("place", [0, 1, 2, None])
@pytest.mark.parametrize("name", HOOKS)
def test_backward_hooks_of_modules(torch: Any, name: str, place: int | None, power: int) -> None:
    """What they make of gradients has gradients in turn.

    Of the sum the second derivative begins inside of the network: hooks of modules that it does not leave by their
    results are not called.
    """
    after, before = HOOKS[name]
    numbers = np.random.default_rng(0).standard_normal((3, 4))
    ours = nn.Sequential(nn.Linear(4, 5), nn.Tanh(), nn.Linear(5, 2)).to(knoll.float64)
    theirs = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2)).double()
    theirs.load_state_dict({key: torch.tensor(value.detach().numpy()) for key, value in ours.state_dict().items()})
    found = []
    for library, net in ((knoll, ours), (torch, theirs)):
        part = net if place is None else net[place]
        part.register_full_backward_hook(after)
        part.register_full_backward_pre_hook(before)
        x = library.tensor(numbers, requires_grad=True)
        (dx,) = library.autograd.grad((net(x) ** power).sum(), x, create_graph=True)
        (dx**2).sum().backward()
        parameters = [p.grad.detach().numpy() for p in net.parameters() if p.grad is not None]
        found.append([dx.detach().numpy(), x.grad.detach().numpy(), *parameters])
    for mine, other in zip(*found, strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-9)


def penalty(library: Any, critic: Any, images: np.ndarray) -> list[np.ndarray]:
    """The gradients of a gradient penalty. Source: Gulrajani et al., https://arxiv.org/abs/1704.00028"""
    x = library.tensor(images, requires_grad=True)
    scores = critic(x)
    (dx,) = library.autograd.grad(scores, x, library.ones_like(scores), create_graph=True)
    ((dx.flatten(1).norm(2, dim=1) - 1) ** 2).mean().backward()
    return [parameter.grad.detach().numpy() for parameter in critic.parameters() if parameter.grad is not None]


@pytest.mark.parametrize("norm", ["InstanceNorm2d(6, affine=True)", "BatchNorm2d(6)", "GroupNorm(2, 6)", "Identity()"])
def test_a_gradient_penalty(torch: Any, norm: str) -> None:
    def critic(library: Any) -> Any:
        layers = library.nn
        made = eval(f"layers.{norm}", {"layers": layers})  # noqa: S307 (the test's own text)
        return layers.Sequential(
            layers.Conv2d(3, 6, 4, 2, 1), made, layers.LeakyReLU(0.2), layers.MaxPool2d(2), layers.Flatten(),
            layers.Linear(24, 8), layers.SiLU(), layers.Linear(8, 1),
        ).to(library.float64)  # fmt: skip

    ours, other = critic(knoll), critic(torch)
    other.load_state_dict({name: torch.tensor(value.detach().numpy()) for name, value in ours.state_dict().items()})
    images = np.random.default_rng(0).standard_normal((4, 3, 8, 8))
    for mine, expected in zip(penalty(knoll, ours, images), penalty(torch, other, images), strict=True):
        np.testing.assert_allclose(mine, expected, rtol=1e-8, atol=1e-10)


def test_what_is_computed_again_must_not_have_changed() -> None:
    """The backward pass reads exp(u), which a network computes again from u where gradients are recorded."""

    class Scaled(knoll.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("u", knoll.tensor([1.0, 2.0]))
            self.w = knoll.nn.Parameter(knoll.ones(2))

        def forward(self) -> knoll.Tensor:
            return (knoll.exp(self.u) * self.w * self.w).sum()

    net = Scaled()
    y = net()
    net.u.add_(1)
    with pytest.raises(StateError, match="modified by an inplace operation"):
        grad(y, net.w, create_graph=True)
    (slope,) = grad(y, net.w)
    np.testing.assert_allclose(slope.numpy(), 2 * np.exp([1.0, 2.0]), rtol=1e-6)
