"""Functions where PyTorch keeps them, and those whose gradient has none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import knoll
from knoll.autograd import function
from knoll.errors import StateError

X = np.array([1.0, -2.0, 3.0])


def product(base: Any) -> Any:
    """x · y in either library; the gradients are computed once."""

    class Product(base.autograd.function.Function):
        @staticmethod
        def forward(ctx: Any, x: Any, y: Any, times: float) -> Any:
            ctx.save_for_backward(x, y)
            ctx.times = times
            return x * y * times

        @staticmethod
        @base.autograd.function.once_differentiable
        def backward(ctx: Any, dy: Any) -> Any:
            assert not base.is_grad_enabled()
            x, y = ctx.saved_tensors
            return dy * y * ctx.times, dy * x * ctx.times, None

    return Product


def outcome(base: Any, create_graph: bool) -> tuple[list[Any], str]:
    """The gradients, and what is said where theirs are asked for."""
    x, y = (base.tensor(array, requires_grad=True) for array in (X, X + 1))
    result = product(base).apply(x, y, 2.0)
    seed = base.ones_like(result).requires_grad_()
    dx, dy = base.autograd.grad(result, (x, y), seed, create_graph=create_graph)
    told = ""
    if create_graph:
        with pytest.raises(RuntimeError) as caught:
            (dx * dx).sum().backward()
        told = str(caught.value).splitlines()[0]
    return [dx.detach().numpy(), dy.detach().numpy()], told


@pytest.mark.pytorch
@pytest.mark.parametrize("create_graph", [False, True])
def test_gradients_that_have_none_as_in_pytorch(torch: Any, create_graph: bool) -> None:
    (ours, told), (theirs, said) = (outcome(base, create_graph) for base in (knoll, torch))
    np.testing.assert_array_equal(ours, theirs)
    assert told == said


def test_the_gradient_of_a_number_is_a_number() -> None:
    class Double(function.Function):
        @staticmethod
        def forward(_: Any, x: Any) -> Any:
            return x * 2

        @staticmethod
        def backward(_: Any, dy: Any) -> Any:
            return dy * 2

    x = knoll.tensor(3.0, requires_grad=True)
    Double.apply(x).backward()
    assert (x.grad.shape, x.grad.item()) == ((), 2.0)


def test_a_gradient_alone_is_no_tuple_and_the_second_is_refused() -> None:
    class Double(function.Function):
        @staticmethod
        def forward(ctx: function.FunctionCtx, x: knoll.Tensor) -> knoll.Tensor:
            assert isinstance(ctx, function.FunctionCtx)
            return x * 2

        @staticmethod
        @function.once_differentiable
        def backward(_: function.FunctionCtx, dy: knoll.Tensor) -> knoll.Tensor:
            """Of one argument."""
            return dy * 2

    assert Double.backward.__doc__ == "Of one argument."
    x = knoll.tensor(X, requires_grad=True)
    seed = knoll.ones(3, dtype=knoll.float64, requires_grad=True)
    (dx,) = knoll.autograd.grad(Double.apply(x), x, seed, create_graph=True)
    assert dx.tolist() == [2, 2, 2]
    with pytest.raises(StateError, match="differentiate twice"):
        dx.sum().backward()
