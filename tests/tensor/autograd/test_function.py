"""Functions with a gradient of their own, alone and inside of networks: as in PyTorch, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.autograd import Function
from knoll.errors import KnollError

A = np.random.default_rng(4).normal(size=(3, 4))


def functions(base: Any) -> dict[str, Any]:
    """The same functions for either library."""

    class Sign(base.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, limit: float) -> Any:
            ctx.save_for_backward(x)
            ctx.limit = limit
            return x.sign()

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            (x,) = ctx.saved_tensors
            return dy * (x.abs() <= ctx.limit), None

    class Reverse(base.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x.view_as(x)

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            return -0.3 * dy

    class Both(base.autograd.Function):
        @staticmethod
        def forward(x: Any, y: Any) -> Any:
            return x * y, x + y, (x > y)

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.mark_non_differentiable(output[2])

        @staticmethod
        def backward(ctx: Any, dproduct: Any, dsum: Any, _: Any) -> Any:
            x, y = ctx.saved_tensors
            return dproduct * y + dsum, dproduct * x + dsum if ctx.needs_input_grad[1] else None

    return {"sign": Sign, "reverse": Reverse, "both": Both}


def run(library: Any, layers: Any, tensor: Any) -> list[Any]:
    """Results and gradients of a chain in which functions stand between operations."""
    own = functions(library)
    x, y = tensor(A), tensor(A[::-1].copy())
    x.requires_grad_()
    y.requires_grad_()
    z = own["sign"].apply(x * 2, 1.5)
    product, total, larger = own["both"].apply(own["reverse"].apply((x * y).tanh()) + z, y)
    out = (product * larger).sum() + (total**2).sum() + own["both"].apply(x, x.detach())[1].sum()
    out.backward()
    return [out, product, total, larger, x.grad, y.grad]


def test_results_and_gradients_are_those_of_pytorch(torch: Any) -> None:
    for mine, other in zip(run(knoll, nn, knoll.tensor), run(torch, torch.nn, torch.tensor), strict=True):
        np.testing.assert_allclose(mine.detach().numpy(), other.detach().numpy(), rtol=1e-12, atol=1e-14)


class Quantized(nn.Module):
    """A network with a function in its midst."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 5), nn.Linear(5, 2)

    def forward(self, x: Any) -> Any:
        return self.second(functions(knoll)["sign"].apply(self.first(x), 2.0))


def test_a_network_learns_through_it_call_after_call() -> None:
    net, x = Quantized(), knoll.tensor(A.astype(np.float32))
    for _ in range(3):
        net.zero_grad()
        y = net(x)
        y.sum().backward()
        hidden = net.first(x)
        slope = (hidden.abs() <= 2).float() @ knoll.diag(net.second.weight.sum(0))
        np.testing.assert_allclose(y.detach(), net.second(hidden.sign()).detach(), rtol=1e-6)
        assert net.first.weight.grad is not None
        np.testing.assert_allclose(net.first.weight.grad, (slope.T @ x).detach(), rtol=1e-5, atol=1e-6)
        with knoll.no_grad():
            net.first.weight += 0.3


def test_without_a_gradient_nothing_is_kept() -> None:
    sign = functions(knoll)["sign"]
    x = knoll.tensor(A, requires_grad=True)
    with knoll.no_grad():
        assert not sign.apply(x, 1.0).requires_grad
    assert not sign.apply(x.detach(), 1.0).requires_grad


def test_the_gradient_of_a_gradient_goes_through_its_backward(torch: Any) -> None:
    found = []
    for library in (knoll, torch):
        both = functions(library)["both"]
        x = library.tensor(A, requires_grad=True)
        product = both.apply(x * x, x)[0]
        (slope,) = library.autograd.grad(product.sum(), x, create_graph=True)
        (slope**2).sum().backward()
        found.append(x.grad.detach().numpy())
    np.testing.assert_allclose(*found, rtol=1e-12)


def test_backward_runs_once_unless_it_is_kept() -> None:
    x = knoll.tensor(A, requires_grad=True)
    y = functions(knoll)["sign"].apply(x, 1.0).sum()
    y.backward(retain_graph=True)
    y.backward()
    with pytest.raises(RuntimeError, match="second time"):
        y.backward()


def test_a_result_is_in_no_memory_of_an_argument() -> None:
    x = knoll.tensor(A)
    y = functions(knoll)["reverse"].apply(x)
    y += 1
    assert np.array_equal(x.numpy(), A)


def answering(answer: Any) -> Any:
    """A function whose backward gives this."""

    class Own(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            return answer(ctx, dy)

    return Own


WRONG: dict[str, tuple[str, Any]] = {
    "too many": ("incorrect number of gradients", lambda ctx, dy: (dy, dy)),
    "no tensor": ("expected a Tensor", lambda ctx, dy: 3),
    "another shape": ("invalid gradient at index 0", lambda ctx, dy: dy.sum()),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_gradient_is_refused(case: str) -> None:
    sentence, answer = WRONG[case]
    x = knoll.tensor(A, requires_grad=True)
    with pytest.raises(KnollError, match=sentence):
        answering(answer).apply(x).sum().backward()


def test_what_was_kept_must_not_change() -> None:
    x = knoll.tensor(A, requires_grad=True)
    z = x * 1
    y = answering(lambda ctx, dy: dy * ctx.saved_tensors[0]).apply(z)
    with knoll.no_grad():
        z += 1
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_what_was_saved_has_a_former_name() -> None:
    x = knoll.tensor(A, requires_grad=True)
    answering(lambda ctx, dy: dy * ctx.saved_variables[0]).apply(x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), A)


def test_forward_and_backward_are_needed() -> None:
    class Half(Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return x

    x = knoll.tensor(A, requires_grad=True)
    with pytest.raises(NotImplementedError, match="must implement the forward"):
        Function.apply(x)
    with pytest.raises(NotImplementedError, match="must implement either the backward"):
        Half.apply(x).sum().backward()
