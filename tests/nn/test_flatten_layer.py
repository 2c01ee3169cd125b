from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from knoll import nn
from knoll.errors import ArgumentTypeError, DimensionError


@pytest.mark.parametrize("ends", [(), (0,), (1, 2), (-3, -2), (2, 2), (0, 0)])
@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (0, 3, 4), (2, 3, 0)])
def test_flatten_is_pytorchs(torch: Any, ends: tuple[int, ...], shape: tuple[int, ...]) -> None:
    x = np.arange(np.prod(shape)).reshape(shape)
    expected = torch.nn.Flatten(*ends)(torch.tensor(x)).detach().numpy()
    np.testing.assert_array_equal(nn.Flatten(*ends)(x).detach().numpy(), expected)
    assert repr(nn.Flatten(*ends)) == repr(torch.nn.Flatten(*ends))


def test_a_number_becomes_a_row_of_one() -> None:
    assert nn.Flatten(0)(np.float32(3) * np.ones(())).shape == (1,)


@pytest.mark.parametrize(("dim", "sizes"), [(1, (2, 3)), (1, (-1, 3)), (-1, [1, 4]), (0, (2, 1, 1))])
def test_unflatten_is_pytorchs(torch: Any, dim: int, sizes: Any) -> None:
    x = np.arange(48.0).reshape(2, 6, 4)
    expected = torch.nn.Unflatten(dim, sizes)(torch.tensor(x)).detach().numpy()
    np.testing.assert_array_equal(nn.Unflatten(dim, sizes)(x).detach().numpy(), expected)
    assert repr(nn.Unflatten(dim, sizes)) == repr(torch.nn.Unflatten(dim, sizes))


@pytest.mark.parametrize(
    "call",
    [
        lambda k: k.nn.Flatten(2, 1)(k.x(2, 3, 4)),
        lambda k: k.nn.Flatten(5)(k.x(2, 3, 4)),
        lambda k: k.nn.Flatten()(k.x(3)),
        lambda k: k.nn.Unflatten(1, 3),
        lambda k: k.nn.Unflatten(1, (2, 2.0)),
        lambda k: k.nn.Unflatten(1, (2, 2))(k.x(2, 3)),
        lambda k: k.nn.Unflatten(1, (2, -1))(k.x(2, 3)),
        lambda k: k.nn.Unflatten(1, ())(k.x(2, 3)),
        lambda k: k.nn.Unflatten(9, (3,))(k.x(2, 3)),
        lambda k: k.nn.Unflatten(1, "ab"),
        lambda k: k.nn.Unflatten(1, None),
    ],
)
def test_errors_are_pytorchs(same_error: Any, call: Callable[[Any], object]) -> None:
    same_error(call)


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: nn.Flatten(1.5), r"flatten\(\): argument 'start_dim' must be int, not float"),
        (lambda: nn.Flatten(1, "a"), r"flatten\(\): argument 'end_dim' must be int, not str"),
        (lambda: nn.Unflatten("c", (2, 3)), r"unflatten\(\): argument 'dim' must be int, not str"),
        (lambda: nn.Unflatten(True, (2, 3)), r"unflatten\(\): argument 'dim' must be int, not bool"),
    ],
)
def test_axes_are_whole_numbers_from_the_start(build: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ArgumentTypeError, match=sentence):
        build()


def test_a_number_has_no_axis_to_unflatten() -> None:
    with pytest.raises(DimensionError, match="tensor has no dimensions"):
        nn.Unflatten(-1, (1, 1))(np.float64(3) * np.ones(()))
