"""Elements in other places against PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from side_by_side import both, same_refusal

RNG = np.random.default_rng(9)
X = RNG.standard_normal((2, 3, 4))
CALLS: dict[str, Callable[..., Any]] = {
    "flip": lambda lib, x: (lib.flip(x, (0, 2)), x.flip(1), x.flip(-1, 0), lib.flip(x, dims=[1])),
    "fliplr": lambda lib, x: (lib.fliplr(x), x.flipud()),
    "roll": lambda lib, x: (x.roll(1), x.roll((1, -2), (0, 2)), lib.roll(x, 5, 1), lib.roll(x, shifts=-7, dims=-1)),
    "rot90": lambda lib, x: tuple(lib.rot90(x, k, (1, 2)) for k in range(-1, 5)),
    "movedim": lambda lib, x: (lib.movedim(x, 0, 2), x.movedim((0, 1), (-1, 0)), x.swapaxes(0, 2), x.swapdims(0, 1)),
    "narrow": lambda lib, x: (x.narrow(2, 1, 2), lib.narrow(x, -1, -3, 2), x.narrow(0, 2, 0)),
    "ravel": lambda lib, x: (x.ravel(), lib.ravel(x.transpose(0, 1))),
    "index_select": lambda lib, x: (x.index_select(1, lib.tensor([2, 0, 0])), lib.index_select(x, -1, lib.tensor([3]))),
    "take_along_dim": lambda lib, x: (
        lib.take_along_dim(x, lib.tensor([[[3], [1], [2]]]), 2), lib.take_along_dim(x, lib.tensor([5, 0]))
    ),
    "masked_select": lambda lib, x: (
        lib.masked_select(x, x.detach() > 0), x.masked_select(lib.tensor([True, False] * 2))
    ),
    "tril": lambda lib, x: (lib.tril(x), x.triu(1), x.tril(-1), lib.triu(x, -2)),
    "diag": lambda lib, x: (
        lib.diag(x[0]), x[0].diag(1), lib.diag(x[0, 0]), lib.diag(x[0, 0], -2), x[0].diag(-2), lib.diag(x[0, 0, :0])
    ),
    "trace": lambda lib, x: (x[0].trace(), lib.trace(x[:, :, 0])),
    "meshgrid": lambda lib, x: (
        *lib.meshgrid(x[0, 0], x[0, :, 0], indexing="ij"), *lib.meshgrid([x[0, 0], x[0, :, 0]], indexing="xy")
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_values_and_gradients(name: str) -> None:
    both(CALLS[name], X)
    both(CALLS[name], X.astype(np.float32))


@pytest.mark.parametrize("name", [name for name in CALLS if name != "masked_select"])
def test_integers(name: str) -> None:
    both(CALLS[name], np.arange(24).reshape(2, 3, 4))


def test_views_are_views_and_copies_are_copies() -> None:
    x = knoll.zeros(3, 4)
    x.narrow(1, 1, 2).fill_(1)
    assert x.sum().item() == 6
    x.flip(0).fill_(9)
    x.rot90(0).fill_(9)
    x.diag().fill_(9)
    assert x.sum().item() == 6


@pytest.mark.parametrize("call", [
    lambda lib: lib.ones(2).fliplr(),
    lambda lib: lib.ones(2, 3).flip(2),
    lambda lib: lib.ones(2, 3).roll((1, 2), 0),
    lambda lib: lib.ones(2, 3).roll(()),
    lambda lib: lib.ones(2, 3).narrow(1, 2, 2),
    lambda lib: lib.ones(2, 3).narrow(1, 0, -1),
    lambda lib: lib.tensor(1.0).narrow(0, 0, 1),
    lambda lib: lib.ones(2).tril(),
    lambda lib: lib.ones(2, 3, 4).diag(),
    lambda lib: lib.meshgrid(lib.ones(2), indexing="ab"),
])  # fmt: skip
def test_refusals_are_pytorchs(call: Callable[[Any], Any]) -> None:
    same_refusal(call)
