"""Every transformation of many functions, against PyTorch's."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from functions_as_text import IMAGES, INDEXED, PAIRS, SMOOTH

torch = pytest.importorskip("torch")

NUMBERS = np.random.default_rng(0)
X = NUMBERS.standard_normal((5, 3, 4)).astype("f")
Y = NUMBERS.standard_normal((5, 3, 4)).astype("f")
V = NUMBERS.standard_normal((3, 4)).astype("f")
PICTURES = NUMBERS.standard_normal((2, 2, 3, 6, 6)).astype("f")
PLACES = np.array([[0, 1, 2], [2, 0, 1], [1, 0, 2], [2, 1, 0], [0, 2, 1]])
LIBRARIES: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    (knoll, knoll.tensor),
    (torch, lambda x: torch.from_numpy(np.array(x))),
)


def function(text: str, library: Any, arguments: str = "x") -> Callable[..., Any]:
    """The function that a text says, of one of the libraries."""
    made: Callable[..., Any] = eval(f"lambda {arguments}: {text}", {"T": library, "F": library.nn.functional})  # noqa: S307 (the texts are those of the tests)
    return made


def arrays(found: Any) -> list[Any]:
    """All tensors of a tree, as arrays."""
    if isinstance(found, (tuple, list)):
        return [each for part in found for each in arrays(part)]
    if isinstance(found, dict):
        return [each for part in found.values() for each in arrays(part)]
    return [found.detach().numpy()]


def compare(transformed: Callable[[Any, Callable[[Any], Any]], Any], tolerance: float = 2e-4) -> None:
    """What a transformation gives in both libraries is the same."""
    (ours, theirs) = LIBRARIES
    found = arrays(transformed(*ours))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyTorch: that it has no rule for an operation, and other things of its own
        expected = arrays(transformed(*theirs))
    assert [(y.shape, y.dtype) for y in found] == [(y.shape, y.dtype) for y in expected]
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, tolerance, tolerance)


def weighed(text: str, library: Any, arguments: str = "x") -> Callable[..., Any]:
    """The function with one number as its result."""
    inner = function(text, library, arguments)
    return lambda *given: (inner(*given) * 0.7).sin().sum()


@pytest.mark.parametrize("text", SMOOTH + IMAGES)
def test_vmap(text: str) -> None:
    x = X if text in SMOOTH else PICTURES
    compare(lambda lib, tensor: lib.func.vmap(function(text, lib))(tensor(x)))


@pytest.mark.parametrize("text", SMOOTH + IMAGES)
def test_gradients_of_samples(text: str) -> None:
    x = X if text in SMOOTH else PICTURES
    compare(lambda lib, tensor: lib.func.vmap(lib.func.grad_and_value(weighed(text, lib)))(tensor(x)))


@pytest.mark.parametrize("text", SMOOTH + IMAGES)
def test_gradient_of_a_mapped_function(text: str) -> None:
    x = X if text in SMOOTH else PICTURES
    compare(
        lambda lib, tensor: lib.func.grad(lambda x: (lib.func.vmap(function(text, lib))(x) * 0.7).sin().sum())(
            tensor(x)
        )
    )


# What PyTorch has no forward mode for, or no right Jacobian; and what it does not map twice
BACKWARD_ALONE = ["T.cdist(x, x + 1)", "F.multi_margin_loss(x, T.tensor([0, 3, 1]))"]
ONE_LEVEL = [f"F.{loss}(x, T.ones(3, 4))" for loss in ("huber_loss", "mse_loss", "smooth_l1_loss")]
FORWARD = [text for text in SMOOTH if text not in BACKWARD_ALONE]


@pytest.mark.parametrize("text", FORWARD)
def test_jacobians(text: str) -> None:
    compare(
        lambda lib, tensor: (
            lib.func.jacrev(function(text, lib))(tensor(V)),
            lib.func.jacfwd(function(text, lib))(tensor(V)),
        )
    )


@pytest.mark.parametrize("text", BACKWARD_ALONE)
def test_jacobians_of_what_pytorch_has_no_right_ones_for(text: str) -> None:
    of, x = function(text, knoll), knoll.tensor(V)
    expected = knoll.autograd.functional.jacobian(of, x).numpy()
    for transformed in (knoll.func.jacfwd(of), knoll.func.jacrev(of)):
        np.testing.assert_allclose(transformed(x).numpy(), expected, 1e-6, 1e-6)


@pytest.mark.parametrize("text", FORWARD[::3])
def test_hessians(text: str) -> None:
    compare(lambda lib, tensor: lib.func.hessian(weighed(text, lib))(tensor(V)), 1e-3)


@pytest.mark.parametrize("text", SMOOTH[::3])
def test_jacobians_of_samples(text: str) -> None:
    compare(lambda lib, tensor: lib.func.vmap(lib.func.jacrev(function(text, lib)))(tensor(X)))


@pytest.mark.parametrize("text", FORWARD)
def test_products(text: str) -> None:
    def products(lib: Any, tensor: Callable[[Any], Any]) -> Any:
        value, product = lib.func.vjp(function(text, lib), tensor(V))
        return value, product(lib.ones_like(value)), lib.func.jvp(function(text, lib), (tensor(V),), (tensor(X[0]),))

    compare(products)


@pytest.mark.parametrize("text", [text for text in SMOOTH[1::4] if text not in ONE_LEVEL])
def test_vmap_of_vmap(text: str) -> None:
    x = np.stack([X, Y])
    compare(lambda lib, tensor: lib.func.vmap(lib.func.vmap(function(text, lib)), in_dims=1, out_dims=1)(tensor(x)))


@pytest.mark.parametrize("in_dims", [(0, 0), (0, None), (None, 0), (0, 1)])
@pytest.mark.parametrize("text", PAIRS)
def test_vmap_of_two(text: str, in_dims: tuple[int | None, int | None]) -> None:
    b = Y if in_dims[1] == 0 else V if in_dims[1] is None else Y.swapaxes(0, 1)
    a = X if in_dims[0] == 0 else V

    def mapped(lib: Any, tensor: Callable[[Any], Any]) -> Any:
        inner = function(text, lib, "a, b")
        weighing = lib.func.grad(weighed(text, lib, "a, b"), argnums=(0, 1))
        whole = lib.func.grad(lambda a, b: (lib.func.vmap(inner, in_dims)(a, b) * 0.7).sin().sum(), argnums=(0, 1))
        given = tensor(a), tensor(np.ascontiguousarray(b))
        return lib.func.vmap(inner, in_dims)(*given), lib.func.vmap(weighing, in_dims)(*given), whole(*given)

    compare(mapped)


@pytest.mark.parametrize("in_dims", [(0, 0), (0, None), (None, 0)])
@pytest.mark.parametrize("text", INDEXED)
def test_vmap_of_indices(text: str, in_dims: tuple[int | None, int | None]) -> None:
    x, places = X if in_dims[0] == 0 else V, PLACES if in_dims[1] == 0 else PLACES[0]

    def mapped(lib: Any, tensor: Callable[[Any], Any]) -> Any:
        inner, given = function(text, lib, "x, i"), (tensor(x), tensor(places))
        weighing = lib.func.grad(weighed(text, lib, "x, i"))
        whole = lib.func.grad(lambda x, i: (lib.func.vmap(inner, in_dims)(x, i) * 0.7).sin().sum())
        return lib.func.vmap(inner, in_dims)(*given), lib.func.vmap(weighing, in_dims)(*given), whole(*given)

    compare(mapped)
