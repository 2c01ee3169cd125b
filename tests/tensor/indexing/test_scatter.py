"""Elements scattered by index against PyTorch."""

from __future__ import annotations

import numpy as np
import pytest

import knoll
from side_by_side import Refused, both, refusals

RNG = np.random.default_rng(10)
REFUSED: dict[str, Refused] = {
    "scatter_add rank": lambda t: t.scatter_add(t.ones(2, 2), 0, t.zeros(1, 1, dtype=t.int64), t.ones(2, 2, 2)),
    "scatter_add type": lambda t: t.ones(2, 3).scatter_add(0, t.tensor([[0]]), t.ones(1, 1, dtype=t.float64)),
    "index": lambda t: t.ones(2, 3).scatter(0, t.tensor([[2]]), 1.0),
    "rank": lambda t: t.ones(2, 3).scatter(1, t.tensor([0]), 1.0),
}

test_refused_as_in_pytorch = refusals(REFUSED)


def test_a_reduction_is_named_by_a_text() -> None:
    x, index = knoll.ones(2, 2), knoll.zeros(2, 2, dtype=knoll.int64)
    with pytest.raises(TypeError, match="argument 'reduce' must be str, not ndarray"):
        x.scatter(0, index, x, reduce=np.ones(2))
    with pytest.raises(TypeError, match="argument 'reduce' must be str, not int"):
        x.scatter_reduce(0, index, x, 3)


@pytest.mark.parametrize("dim", [0, 1])
def test_elements_are_put_at_places(dim: int) -> None:
    index = np.array([[0, 2, 1], [1, 0, 2]]) if dim else np.array([[0, 1, 1], [1, 0, 0]])
    base, source = RNG.standard_normal((2, 3)), RNG.standard_normal((2, 3))
    both(lambda lib, x, s: x.scatter(dim, lib.tensor(index), s), base, source)
    both(lambda lib, x, s: lib.scatter_add(x, dim, lib.tensor(index), s), base, source)
    both(lambda lib, x: x.scatter(dim, lib.tensor(index), 2.5), base)
    both(lambda lib, x: lib.scatter(x, dim, lib.tensor(index), value=1.0), base)
    both(lambda lib, x: x.detach().scatter(dim, lib.tensor(index), 2.0, reduce="add"), base)


def test_one_hot_rows_by_scatter() -> None:
    both(lambda lib, labels: lib.zeros(4, 5).scatter(1, labels[:, None], 1.0), np.array([0, 3, 4, 1]))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "float16"])
def test_nothing_is_put_among_elements_of_any_type(dtype: str) -> None:
    base, index = np.zeros((2, 0), dtype), np.zeros((2, 0), np.int64)
    both(lambda lib, x: x.detach().scatter(1, lib.tensor(index), 1), base)
    both(lambda lib, x: x.detach().scatter_add(1, lib.tensor(index), x.detach()), base)
    both(lambda lib, x: x.detach().scatter_reduce(1, lib.tensor(index), x.detach(), "amax"), base)
    both(lambda lib, x: x.detach().index_add(0, lib.tensor([0]), x.detach()[:1]), base)
    both(lambda lib, x: x.detach().index_copy(0, lib.tensor([0]), x.detach()[:1]), base)


@pytest.mark.parametrize("number", [-3, -200, 2.7, True])
def test_negative_numbers_count_from_the_top_of_bytes(number: float) -> None:
    base, index = np.zeros((2, 3), np.uint8), np.array([[0, 2]])
    both(lambda lib, x: x.scatter(1, lib.tensor(index), number), base)
    both(lambda lib, x: x.index_fill(1, lib.tensor(index[0]), number), base)
    both(lambda lib, x: x.index_fill_(1, lib.tensor(index[0]), number), base)
