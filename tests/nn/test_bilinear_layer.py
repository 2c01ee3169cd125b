"""The bilinear layer against PyTorch's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll import nn
from knoll.errors import ArgumentError, ArgumentTypeError
from knoll.nn import functional as F

RANDOM = np.random.default_rng(0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("front", [(2,), (), (2, 6), (0,)])
def test_results_and_gradients(torch: Any, front: tuple[int, ...], bias: bool, dtype: str) -> None:
    mine, theirs = (
        nn.Bilinear(3, 4, 5, bias, dtype=dtype),
        torch.nn.Bilinear(3, 4, 5, bias, dtype=getattr(torch, dtype)),
    )
    assert repr(mine) == repr(theirs)
    mine.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})
    arrays = [RANDOM.standard_normal((*front, size)).astype(dtype) for size in (3, 4)]
    ours = [knoll.tensor(x, requires_grad=True) for x in arrays]
    others = [torch.tensor(x, requires_grad=True) for x in arrays]
    found, expected = mine(*ours), theirs(*others)
    close = {"rtol": 1e-5, "atol": 1e-5} if dtype == "float32" else {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(found.detach().numpy(), expected.detach().numpy(), strict=True, **close)
    found.square().sum().backward()
    expected.square().sum().backward()
    for x, y in zip([*ours, *mine.parameters()], [*others, *theirs.parameters()], strict=True):
        np.testing.assert_allclose(x.grad.numpy(), y.grad.numpy(), strict=True, **close)


def test_whole_numbers(torch: Any) -> None:
    arrays = [RANDOM.integers(-3, 4, shape) for shape in ((2, 3), (2, 4), (5, 3, 4), (5,))]
    theirs = torch.nn.functional.bilinear(*map(torch.tensor, arrays))
    np.testing.assert_array_equal(F.bilinear(*arrays).numpy(), theirs.numpy(), strict=True)


def test_parameters_begin_within_their_bounds() -> None:
    layer = nn.Bilinear(16, 3, 400)
    for parameter in layer.parameters():
        size = np.abs(parameter.detach().numpy())
        assert 0.24 < size.max() <= 0.25
        assert 0.1 < size.mean() < 0.15


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.F.bilinear(k.x(2, 3), k.x(4), k.x(5, 3, 4)),
        lambda k: k.F.bilinear(k.x(2, 3), k.x(3, 4), k.x(5, 3, 4)),
        lambda k: k.F.bilinear(k.x(2, 3), k.x(2, 5), k.x(5, 3, 4)),
        lambda k: k.F.bilinear(k.x(2, 2), k.x(2, 4), k.x(5, 3, 4)),
        lambda k: k.F.bilinear(k.x(2, 3), k.x(2, 4), k.x(5, 3)),
        lambda k: k.F.bilinear(k.x(2, 3), k.x(2, 4), k.x(5, 3, 4), k.x(4)),
        lambda k: k.F.bilinear(k.x(2, 3), k.x(2, 4, dtype="float64"), k.x(5, 3, 4)),
        lambda k: k.F.bilinear(k.x(), k.x(), k.x(5, 3, 4)),
        lambda k: k.F.bilinear([1], k.x(2, 4), k.x(5, 3, 4)),
        lambda k: k.F.bilinear(k.x(2, 3), k.x(2, 4), k.x(5, 3, 4), 3),
        lambda k: k.nn.Bilinear(0, 2, 3),
        lambda k: k.nn.Bilinear(2, 3, 4)(k.x(2, 2), k.x(2, 4)),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


def test_sizes_that_are_none() -> None:
    with pytest.raises(ArgumentError, match="out_features"):
        nn.Bilinear(2, 3, -1)
    with pytest.raises(ArgumentTypeError, match="in1_features"):
        nn.Bilinear(2.5, 3, 1)
