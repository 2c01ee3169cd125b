"""Copies inside of networks keep their numbers for backward, also where the program leaves them out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll

COPIES: dict[str, Callable[[Any, Any], Any]] = {
    "clone": lambda _, u: u.clone(),
    "detached": lambda _, u: u.detach().clone(),
    "contiguous": lambda _, u: u.t().contiguous().t(),
    "repeat": lambda _, u: u.repeat(1, 1),
    "flat": lambda _, u: u.flatten().clone().reshape(u.shape),
    "twice": lambda _, u: u.clone().clone(),
    "copy_": lambda library, u: library.zeros_like(u).copy_(u),
    "negated": lambda _, u: u.neg().neg(),
    "cat": lambda library, u: library.cat([u[:1], u[1:]]),
}
READERS: dict[str, Callable[[Any, Any, Any], Any]] = {
    "linear": lambda library, a, w: library.nn.functional.linear(a, w),
    "matmul": lambda _, a, w: w @ a.t(),
    "product": lambda _, a, w: a * w,
    "layer_norm": lambda library, a, w: library.nn.functional.layer_norm(a, (a.shape[1],), w[0]),
}


def slopes(library: Any, copy: str, reader: str, is_result: bool) -> np.ndarray:
    """The gradient of the weight after what was copied, a buffer or a result, changed in place."""

    class Copying(library.nn.Module):  # the base is that of either library
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("u", library.arange(12.0).reshape(3, 4) / 5)
            self.w = library.nn.Parameter(library.ones(3, 4))

        def forward(self, x: Any) -> Any:
            self.held = self.u * x if is_result else self.u
            return READERS[reader](library, COPIES[copy](library, self.held), self.w).pow(2).sum()

    net = Copying()
    loss = net(library.ones(1))
    with library.no_grad():
        net.held.add_(1)
    loss.backward()
    found: np.ndarray = net.w.grad.numpy()
    return found


@pytest.mark.pytorch
@pytest.mark.parametrize("is_result", [False, True])
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("copy", COPIES)
def test_gradients_are_those_of_the_copy(copy: str, reader: str, is_result: bool) -> None:
    torch = pytest.importorskip("torch")
    found, expected = (slopes(library, copy, reader, is_result) for library in (knoll, torch))
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-4)


@pytest.mark.pytorch
@pytest.mark.parametrize("name", ["parametrizations", "hook"])
def test_spectral_norm_of_a_layer_that_is_called_twice(name: str) -> None:
    """Its vectors follow the weight at each call; the first call goes back with those that it had."""
    torch = pytest.importorskip("torch")
    random = np.random.default_rng(0)
    weight, u, v, x = (random.standard_normal(shape) for shape in [(4, 6), 4, 6, (2, 6)])

    def slope(library: Any) -> np.ndarray:
        utils = library.nn.utils
        norm = utils.parametrizations.spectral_norm if name == "parametrizations" else utils.spectral_norm
        layer = norm(library.nn.Linear(6, 4, bias=False).double())
        own, left, right = (
            (layer.weight_orig, layer.weight_u, layer.weight_v)
            if name == "hook"
            else (layer.parametrizations.weight.original, *layer.parametrizations.weight[0].buffers())
        )
        with library.no_grad():
            for tensor, numbers in ((own, weight), (left, u / 4), (right, v / 4)):
                tensor.copy_(library.tensor(numbers))
        given = library.tensor(x)
        (layer(given).pow(2).sum() + layer(given * 2).pow(2).sum()).backward()
        found: np.ndarray = own.grad.numpy()
        return found

    np.testing.assert_allclose(slope(knoll), slope(torch), rtol=1e-9, atol=1e-12)
