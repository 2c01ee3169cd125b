"""Powers, ranges, places of triangles and windows against PyTorch: numbers, types, gradients, refusals."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import DTypeError, ShapeError, StateError, UnsupportedError
from side_by_side import Refused, both, refusals, same_warning

WINDOWS = ["bartlett_window", "blackman_window", "hamming_window", "hann_window", "kaiser_window"]


def same(mine: Any, truth: Any, digits: float = 2e-6) -> None:
    assert str(mine.dtype) == str(truth.dtype).removeprefix("torch.")
    assert mine.shape == tuple(truth.shape)
    np.testing.assert_allclose(mine.numpy(), truth.numpy(), rtol=digits, atol=digits * 1e-1)


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
@pytest.mark.parametrize("given", [(0, 2, 3), (0.3, 2.7, 5, 3.0), (-1, 1, 1), (2, -2, 4, 2), (0, 1, 0)])
def test_powers(torch: Any, given: tuple[Any, ...], dtype: str) -> None:
    same(knoll.logspace(*given, dtype=getattr(knoll, dtype)), torch.logspace(*given, dtype=getattr(torch, dtype)))


@pytest.mark.parametrize("name", ["tril_indices", "triu_indices"])
@pytest.mark.parametrize("given", [(3, 3), (2, 4, 1), (4, 2, -1), (3, 2, -5), (3, 2, 5), (0, 3), (3, 0, 1)])
def test_places_of_triangles(torch: Any, name: str, given: tuple[int, ...]) -> None:
    for dtype in ("int64", "int32"):
        mine, truth = (getattr(library, name)(*given, dtype=getattr(library, dtype)) for library in (knoll, torch))
        same(mine, truth)


@pytest.mark.parametrize("increasing", [False, True])
@pytest.mark.parametrize("count", [None, 0, 1, 2, 5])
@pytest.mark.parametrize("dtype", ["float64", "float32", "int32", "bool"])
def test_vandermonde(torch: Any, dtype: str, count: int | None, increasing: bool) -> None:
    x = np.array([-2, 0, 1, 3]).astype(dtype)
    same(knoll.vander(knoll.tensor(x), count, increasing), torch.vander(torch.tensor(x), count, increasing))


def test_vandermonde_has_a_gradient() -> None:
    x = knoll.tensor([-2.0, 0.0, 1.5], dtype=knoll.float64, requires_grad=True)
    seed = np.arange(9.0).reshape(3, 3)
    (knoll.vander(x) * knoll.tensor(seed)).sum().backward()  # PyTorch's refuses
    np.testing.assert_allclose(x.grad.numpy(), 2 * seed[:, 0] * x.detach().numpy() + seed[:, 1])


@pytest.mark.parametrize("name", WINDOWS)
@pytest.mark.parametrize("periodic", [True, False])
@pytest.mark.parametrize("length", [0, 1, 2, 3, 8, 13])
def test_windows(torch: Any, name: str, length: int, periodic: bool) -> None:
    for dtype in ("float32", "float64"):
        mine, truth = (
            getattr(library, name)(length, periodic, dtype=getattr(library, dtype)) for library in (knoll, torch)
        )
        same(mine, truth)


def test_windows_of_other_widths(torch: Any) -> None:
    same(knoll.hamming_window(7, True, 0.6, 0.3), torch.hamming_window(7, True, 0.6, 0.3))
    same(knoll.kaiser_window(7, False, 3.5), torch.kaiser_window(7, False, 3.5))


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda k: k.logspace(0, 2, -1), StateError),
        (lambda k: k.logspace(0, 2, 3, dtype=k.bool), UnsupportedError),
        (lambda k: k.tril_indices(-2, 3), StateError),
        (lambda k: k.triu_indices(2, -3), StateError),
        (lambda k: k.tril_indices(2, 3, dtype=k.float32), UnsupportedError),
        (lambda k: k.vander(k.ones(2, 2)), ShapeError),
        (lambda k: k.vander(k.ones(2), -1), StateError),
        *((lambda k, name=name: getattr(k, name)(-1), StateError) for name in WINDOWS),
    ],
)
def test_refusals(torch: Any, call: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind) as mine:
        call(knoll)
    with pytest.raises(Exception) as theirs:  # noqa: PT011 (whatever PyTorch raises)
        call(torch)
    told = str(theirs.value).splitlines()[0].replace("'triu_", "'tril_")
    assert str(mine.value).splitlines()[0] == told


@pytest.mark.parametrize("name", WINDOWS)
def test_windows_are_floats(name: str) -> None:
    with pytest.raises(DTypeError, match="expects floating point dtypes, got: long int"):
        getattr(knoll, name)(3, dtype=knoll.int64)


REFUSED: dict[str, Refused] = {
    "range end": lambda t: t.range(3),
    "range sign": lambda t: t.range(3, 1),
    "range step": lambda t: t.range(1, 3, 0),
    "range without end": lambda t: t.range(0, math.inf),
    "range truths": lambda t: t.range(0, 3, dtype=t.bool),
}


@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
def test_ranges_with_their_end() -> None:
    both(lambda t: (t.range(0, 3), t.range(1, 2, 0.5), t.range(5, 1, -2), t.range(0, 3.5, dtype=t.int64)))


test_refused_as_in_pytorch = pytest.mark.filterwarnings("ignore:torch.range is deprecated")(refusals(REFUSED))


def test_range_is_deprecated() -> None:
    same_warning(lambda t: t.range(0, 2))
