"""Jacobians, Hessians and products with them: results, shapes and refusals are PyTorch's."""
# ruff: noqa: ARG005 (every function is given the same arguments)

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.autograd import functional
from knoll.errors import ArgumentError, UnsupportedError

Call = Callable[..., Any]
A, B = np.random.default_rng(0).standard_normal((2, 3)), np.random.default_rng(1).standard_normal(3)
FUNCTIONS: dict[str, Call] = {
    "one result": lambda _, x, y: (x * y).sin(),
    "two results": lambda _, x, y: ((x * y).exp(), x.sum() * y),
    "one element": lambda _, x, y: (x**3 * y**2).sum(),
    "a tuple of one": lambda _, x, y: ((x * y).sum(),),
    "linear": lambda _, x, y: x * 2 + y,
    "one input unused": lambda _, x, y: (y**3).sum() + 0 * x.detach().sum(),
    "constant": lambda library, x, y: library.ones(3, dtype=library.float64),
    "no tensor": lambda _, x, y: 3,
    "no tensor in a tuple": lambda _, x, y: (x, 3),
}
PRODUCTS = ("vjp", "jvp", "vhp", "hvp")


def vector(library: Any, which: str, function: Call, inputs: Any, of_results: bool) -> Any:
    """A vector that fits, one that is too short, or one of another size."""
    like = inputs
    if of_results:
        like = function(*inputs) if isinstance(inputs, tuple) else function(inputs)
    several = like if isinstance(like, tuple) else (like,)
    if which == "too short":
        return (library.ones(2),) * (len(several) + 1)
    random = np.random.default_rng(2)
    sizes = [(7,) if which == "of another size" else tuple(getattr(x, "shape", ())) for x in several]
    made = tuple(library.tensor(random.standard_normal(size)) for size in sizes)
    return made if isinstance(like, tuple) else made[0]


def outcome(library: Any, name: str, function: Call, single: bool, which: str, **options: Any) -> Any:
    """What comes back, or the kind and the first line of the error."""
    x, y = (library.tensor(array, requires_grad=True) for array in (A, B))
    inputs = x if single else (x, y)

    def call(*given: Any) -> Any:
        return function(library, *given) if len(given) == 2 else function(library, given[0], library.tensor(B))

    if which:
        options["v"] = vector(library, which, call, inputs, name == "vjp")
    try:
        found = getattr(library.autograd.functional, name)(call, inputs, **options)
    except (RuntimeError, TypeError) as error:
        text = str(error).split("\n")[0]
        return ("TypeError" if isinstance(error, TypeError) else "RuntimeError"), text
    return numbers(found)


def numbers(found: Any) -> Any:
    """Tensors as arrays, each with whether it learns."""
    if isinstance(found, tuple):
        return tuple(numbers(each) for each in found)
    return found.detach().numpy(), found.requires_grad


def same(ours: Any, theirs: Any) -> None:
    """Equal, part by part."""
    assert type(ours) is type(theirs)
    if isinstance(theirs, tuple):
        assert len(ours) == len(theirs)
        for a, b in zip(ours, theirs, strict=True):
            same(a, b)
    elif isinstance(theirs, np.ndarray):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    else:
        assert ours == theirs


@pytest.mark.parametrize("name", [*PRODUCTS, "jacobian", "hessian"])
@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("strict", [False, True])
def test_as_pytorch(torch: Any, name: str, function: str, create_graph: bool, strict: bool) -> None:
    options = {"create_graph": create_graph, "strict": strict}
    for which in ("", "that fits", "too short", "of another size") if name in PRODUCTS else ("",):
        for single in (False, True):
            given = name, FUNCTIONS[function], single, which
            same(outcome(knoll, *given, **options), outcome(torch, *given, **options))


@pytest.mark.parametrize("name", ["jacobian", "hessian"])
def test_other_strategies_give_the_same(name: str) -> None:
    x = knoll.tensor(B)
    forward = {"jacobian": "strategy", "hessian": "outer_jacobian_strategy"}[name]
    found = getattr(functional, name)(lambda x: (x**3).sum(), x, vectorize=True, **{forward: "forward-mode"})
    expected = {"jacobian": 3 * B**2, "hessian": np.diag(6 * B)}[name]
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-12)


def asks_for_numbers(library: Any) -> Any:
    class Squared(library.autograd.Function):  # type: ignore[misc, name-defined]  # of either library
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        def backward(ctx: Any, dy: Any) -> Any:
            (x,) = ctx.saved_tensors
            return dy * 2 * x if float(dy.sum()) else dy

    return Squared.apply


def test_a_way_back_that_asks_for_numbers_goes_row_by_row(torch: Any) -> None:
    x = [1.0, 2.0, 3.0]
    found = [
        library.autograd.functional.jacobian(asks_for_numbers(library), library.tensor(x)).numpy()
        for library in (knoll, torch)
    ]
    np.testing.assert_array_equal(*found)
    with pytest.raises(RuntimeError, match="vmap"):
        knoll.autograd.functional.jacobian(asks_for_numbers(knoll), knoll.tensor(x), vectorize=True)


@pytest.mark.parametrize("vectorize", [False, True])
def test_more_rows_than_are_computed_at_once(torch: Any, vectorize: bool) -> None:
    x, w = np.random.default_rng(0).standard_normal((2, 9, 9))

    def function(library: Any) -> Any:
        return lambda x: (x @ library.tensor(w)).tanh().cumsum(0)

    found = [
        library.autograd.functional.jacobian(function(library), library.tensor(x), vectorize=vectorize).numpy()
        for library in (knoll, torch)
    ]
    np.testing.assert_allclose(*found, atol=1e-12)


def test_what_forward_mode_does_not_do_is_refused(torch: Any) -> None:
    for options in ({"create_graph": True}, {"strict": True}, {}):
        with pytest.raises((NotImplementedError, RuntimeError)) as theirs:
            torch.autograd.functional.jacobian(torch.sin, torch.ones(2), strategy="forward-mode", **options)
        with pytest.raises(type(theirs.value)) as ours:
            functional.jacobian(knoll.sin, knoll.ones(2), strategy="forward-mode", **options)
        assert str(ours.value).split("\n")[0] == str(theirs.value)
    with pytest.raises(ArgumentError, match="Expected strategy to be either"):
        functional.jacobian(knoll.sin, knoll.ones(2), strategy="sideways")
    with pytest.raises(ArgumentError, match="Expected strategy to be either"):
        functional.hessian(knoll.sum, knoll.ones(2), outer_jacobian_strategy="sideways")
    with pytest.raises(UnsupportedError, match="vectorize=True"):
        functional.hessian(knoll.sum, knoll.ones(2), outer_jacobian_strategy="forward-mode")


def test_a_network_has_a_hessian() -> None:
    knoll.manual_seed(0)
    network = knoll.nn.Sequential(knoll.nn.Conv2d(1, 2, 3), knoll.nn.Tanh(), knoll.nn.Flatten(), knoll.nn.Linear(8, 1))
    network.double()
    x = knoll.tensor(np.random.default_rng(0).standard_normal((1, 1, 4, 4)))
    matrix = functional.hessian(lambda x: network(x).sum(), x).numpy().reshape(16, 16)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-15)
    step = np.zeros((1, 1, 4, 4))
    step[0, 0, 1, 2] = 1e-6
    slopes = [functional.jacobian(lambda x: network(x).sum(), x + knoll.tensor(s)).numpy() for s in (step, -step)]
    np.testing.assert_allclose(matrix[6], (slopes[0] - slopes[1]).reshape(-1) / 2e-6, rtol=1e-5, atol=1e-9)
