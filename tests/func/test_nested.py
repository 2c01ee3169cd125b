"""Transformations inside each other, over variables from outside, and beside backward: against PyTorch's."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll

torch = pytest.importorskip("torch")

NUMBERS = np.random.default_rng(1)
X, W = NUMBERS.standard_normal((4, 3)).astype("f"), NUMBERS.standard_normal((3, 3)).astype("f")


def leaves(found: Any) -> list[Any]:
    """All tensors of a tree, as arrays."""
    parts = found.values() if isinstance(found, dict) else found if isinstance(found, (tuple, list)) else None
    return [found.detach().numpy()] if parts is None else [each for part in parts for each in leaves(part)]


def compare(nested: Callable[[Any, Any, Any], Any]) -> None:
    """What a nested transformation of x and w gives in both libraries is the same."""
    ours = leaves(nested(knoll, knoll.tensor(X), knoll.tensor(W)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of PyTorch's own deprecated functions
        theirs = leaves(nested(torch, torch.from_numpy(X), torch.from_numpy(W)))
    assert [y.shape for y in ours] == [y.shape for y in theirs]
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, 1e-4, 1e-4)


def test_gradients_of_gradients_of_samples() -> None:
    compare(
        lambda lib, x, w: lib.vmap(
            lib.func.grad(lambda v: lib.func.grad(lambda u: (u @ w).sin().sum())(v).cos().sum())
        )(x)
    )


def test_a_mapped_function_between_two_gradients() -> None:
    def nested(lib: Any, x: Any, w: Any) -> Any:
        def inner(w: Any, v: Any) -> Any:
            return lib.func.grad(lambda u: (w @ u).sin().sum())(v)

        return lib.func.grad(lambda w: (lib.vmap(inner, (None, 0))(w, x) ** 2).sum())(w)

    compare(nested)


def test_mapped_in_both_ways() -> None:
    compare(lambda lib, x, w: lib.vmap(lib.vmap(lib.func.grad(lambda a, b: (a @ b).sin()), (None, 0)), (0, None))(x, w))
    compare(lambda lib, x, w: lib.vmap(lambda v: lib.vmap(lambda r: (r * v).sum())(w))(x))
    compare(
        lambda lib, x, w: lib.vmap(
            lambda v: lib.func.grad(lambda u: lib.vmap(lambda r: (r * u).sin().sum())(w).sum())(v)
        )(x)
    )


def test_jacobians_of_jacobians() -> None:
    compare(lambda lib, x, w: lib.func.jacrev(lib.func.jacrev(lambda v: (w @ v).sin()))(x[0]))
    compare(lambda lib, x, w: lib.func.jacfwd(lib.func.jacfwd(lambda v: (w @ v).sin()))(x[0]))
    compare(lambda lib, x, w: lib.func.jacrev(lib.func.jacfwd(lambda v: (w @ v).sin()))(x[0]))
    compare(lambda lib, x, w: lib.vmap(lib.func.hessian(lambda v: (w @ v).sin().prod()))(x))
    compare(lambda lib, x, w: lib.func.hessian(lambda v, u: (u @ v).sin().prod(), argnums=(0, 1))(x[0], w))
    compare(lambda lib, x, w: lib.func.jacrev(lib.func.hessian(lambda v: (w @ v).sin().prod()))(x[0]))


@pytest.mark.parametrize("chunk_size", [None, 1, 2, 100])
def test_jacobians_in_chunks_and_of_trees(chunk_size: int | None) -> None:
    def nested(lib: Any, x: Any, w: Any) -> Any:
        def inner(tree: dict[str, Any], v: Any) -> Any:
            return {"a": tree["w"] @ v, "b": (tree["w"].sum() * v[0], v)}

        return lib.func.jacrev(inner, argnums=(0, 1), chunk_size=chunk_size)({"w": w}, x[0])

    compare(nested)


def test_jacobians_with_more() -> None:
    compare(lambda lib, x, w: lib.func.jacrev(lambda v: ((w @ v), v * 2), has_aux=True)(x[0]))
    compare(lambda lib, x, w: lib.func.jacfwd(lambda v: ((w @ v), v * 2), has_aux=True)(x[0]))
    compare(
        lambda lib, x, w: lib.func.jacfwd(lambda t, v: {"a": t["w"] @ v, "b": (v,)}, argnums=(1, 0))({"w": w}, x[0])
    )
    compare(lambda lib, x, w: lib.func.jacrev(lambda v, u: u @ v, argnums=-1)(x[0], w))


def test_products_of_products() -> None:
    def nested(lib: Any, x: Any, w: Any) -> Any:
        value, product = lib.func.vjp(lambda v, u: {"y": (u @ v).sin()}, x[0], w)
        _, twice = lib.func.vjp(lambda v: lib.func.jvp(lambda u: (w @ u).sin(), (v,), (x[1],))[1], x[0])
        inner = lib.vmap(lambda t: lib.func.jvp(lambda v: (w @ v).sin(), (x[0],), (t,)))(x)
        return value, product({"y": x[1]}), twice(x[2]), inner, lib.vmap(lambda c: product({"y": c}))(x)

    compare(nested)


def test_linear_functions_once_and_for_many() -> None:
    def nested(lib: Any, x: Any, w: Any) -> Any:
        value, product = lib.func.linearize(lambda v, t: (t["w"] @ v).sin(), x[0], {"w": w})
        return value, product(x[1], {"w": w}), lib.vmap(product, (0, None))(x, {"w": w * 0})

    compare(nested)


def test_gradients_go_on_to_variables_from_outside() -> None:
    def nested(lib: Any, x: Any, w: Any) -> Any:
        w = w.clone().requires_grad_()
        dx = lib.func.grad(lambda v: (w @ v).sin().sum())(x[0])
        rows = lib.vmap(lib.func.grad(lambda v: (w @ v).cos().sum()))(x)
        value, product = lib.func.vjp(lambda v: (w @ v).sin(), x[0])
        jacobian = lib.func.jacrev(lambda v: (w @ v).sin())(x[0])
        (dx.sum() + (rows**2).sum() + value.sum() + product(x[1])[0].sum() + (jacobian**2).sum()).backward()
        return w.grad

    compare(nested)


def test_gradients_go_on_to_arguments() -> None:
    def nested(lib: Any, x: Any, w: Any) -> Any:
        x, w = x.clone().requires_grad_(), w.clone().requires_grad_()
        y, rows = lib.func.grad_and_value(lambda v: (v**3 @ w).sum())(x)
        hessian = lib.func.hessian(lambda v: (v**3).sum())(x[0])
        products = lib.func.jvp(lambda v: v**3, (x,), (x,))
        (y.sum() + rows + (hessian**2).sum() + products[1].sum()).backward()
        return x.grad, w.grad

    compare(nested)


@pytest.mark.filterwarnings("ignore")  # of PyTorch's own deprecated functions
def test_nothing_is_left_in_grad_and_nothing_requires_one() -> None:
    for lib, tensor in ((knoll, knoll.tensor), (torch, torch.from_numpy)):
        x = tensor(X)
        dx, (y, aux) = lib.func.grad_and_value(lambda v: ((v**2).sum(), {"more": v * 2}), has_aux=True)(x)
        found = [
            dx,
            y,
            aux["more"],
            lib.func.jacrev(lib.sin)(x),
            lib.func.jacfwd(lib.sin)(x),
            *lib.func.jvp(lib.sin, (x,), (x,)),
        ]
        value, product = lib.func.vjp(lib.sin, x)
        found += [
            value,
            *product(x),
            lib.func.linearize(lib.sin, x)[1](x),
            lib.vmap(lib.func.grad(lambda v: (v**2).sum()))(x),
        ]
        assert not any(each.requires_grad for each in found)
        leaf = tensor(X).requires_grad_()
        assert lib.func.grad(lambda v: (v**2).sum())(leaf).requires_grad
        assert leaf.grad is None


def test_no_grad_counts_inside_alone() -> None:
    def nested(lib: Any, x: Any, w: Any) -> Any:
        def inner(v: Any) -> Any:
            with lib.no_grad():
                c = v**2
            return ((v - c) * w[0]).sum()

        with lib.no_grad():
            found = lib.func.grad(inner)(x[0]), lib.vmap(lib.func.grad(inner))(x), lib.func.jacrev(lambda v: v**2)(x[0])
        return found, lib.func.grad(inner)(x[0])

    compare(nested)


def test_detached_parts() -> None:
    compare(lambda lib, x, w: lib.vmap(lib.func.grad(lambda v: (v.detach() * v @ w).sum()))(x))
    compare(lambda lib, x, w: lib.func.grad(lambda v: lib.vmap(lambda u: (u.detach() * u @ w).sum())(v).sum())(x))


def test_branches_outside_of_mapped_calls() -> None:
    compare(lambda lib, x, w: lib.func.grad(lambda v: (v * w[0] if v.sum() > 0 else v * w[1]).sum())(x[0]))
    compare(lambda lib, x, w: lib.func.jacrev(lambda v: v * w[0] * float(v.max()), chunk_size=1)(x[0]))


def test_in_place_changes() -> None:
    def nested(lib: Any, x: Any, w: Any) -> Any:
        def inner(v: Any) -> Any:
            y = v.clone()
            y[0] = v[1] * 2
            y[1:].mul_(w[0, 0])
            y += 1
            return (y**2).sum()

        return lib.func.grad(inner)(x[0]), lib.vmap(lib.func.grad(inner))(x), lib.vmap(inner)(x)

    compare(nested)


def test_layers_with_parameters_of_their_own() -> None:
    def nested(lib: Any, x: Any, w: Any) -> Any:
        net = lib.nn.Sequential(lib.nn.Linear(3, 3), lib.nn.Tanh(), lib.nn.LayerNorm(3))
        with lib.no_grad():
            for parameter in net.parameters():
                parameter.copy_(w if parameter.ndim == 2 else w[0])
        rows = lib.vmap(lib.func.jacrev(net))(x)
        (rows**2).sum().backward()
        return rows, net[0].weight.grad, net[2].weight.grad

    compare(nested)
