"""Arguments of the wrong kind, and integers of more than 64 bits: errors in PyTorch's words where it has some."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.errors import ArgumentError
from side_by_side import Refused, refusals

HUGE = 2**70
X = np.ones((3, 3), np.float32)
FORMATS = (1, "channels_last", None.__class__)
SENTENCES: dict[str, Refused] = {
    **{f"format {f!r}": lambda t, f=f: t.tensor(X).contiguous(memory_format=f) for f in FORMATS},
    "triu": lambda t: t.tensor(X).triu(HUGE),
    "tril": lambda t: t.tril(t.tensor(X), -HUGE),
    "diagonal": lambda t: t.tensor(X).diagonal(HUGE),
    "unfold": lambda t: t.tensor(X).unfold(0, 0, HUGE),
    "softmax": lambda t: t.tensor(X).softmax(HUGE),
    "the first of 64 bits": lambda t: t.tensor(X).triu(2**63),
}
test_refused_as_in_pytorch = refusals(SENTENCES)

CALLS: dict[str, Callable[[knoll.Tensor], Any]] = {
    "zeros of none": lambda _: knoll.zeros(0, HUGE),
    "new_zeros": lambda x: x.new_zeros(0, HUGE),
    "repeat": lambda x: x.repeat(0, HUGE),
    "tile": lambda x: x.tile(HUGE, 0),
    "roll": lambda x: x.roll(HUGE),
    "sum": lambda x: x.sum(HUGE),
    "fill_diagonal_": lambda x: x.long().fill_diagonal_(HUGE),
    "fill_": lambda x: x.long().fill_(HUGE),
    "fill_ of more than floats": lambda x: x.fill_(2**2000),
    "shift left": lambda x: x.long() << HUGE,
    "shift right": lambda x: x.long() >> -HUGE,
    "arange": lambda _: knoll.arange(0, 10, HUGE),
    "arange of more than floats": lambda _: knoll.arange(0, 10, 2**2000),
    "tril_indices": lambda _: knoll.tril_indices(2, 2, HUGE),
    "manual_seed": lambda _: knoll.manual_seed(HUGE),
    "manual_seed of more than floats": lambda _: knoll.manual_seed(2**2000),
    "add of more than floats": lambda x: x + 2**2000,
    "clamp of more than floats": lambda x: x.clamp(0, 2**2000),
    "float_power of more than floats": lambda x: x.float_power(2**2000),
    "quantile of more than floats": lambda x: x.quantile(2**2000),
    "bernoulli of more than floats": lambda x: x.bernoulli(-(2**2000)),
    "norm of more than floats": lambda x: x.norm(2**2000),
    "range of more than floats": lambda _: knoll.range(2, 2**2000),
    "range": lambda _: knoll.range(0, 10, HUGE),
}


@pytest.mark.filterwarnings("ignore:torch.range is deprecated")
@pytest.mark.parametrize("name", CALLS)
def test_integers_of_more_than_64_bits_are_refused(name: str) -> None:
    with pytest.raises(ArgumentError, match=r"(?i)overflow"):
        CALLS[name](knoll.tensor(X))


def test_the_least_and_the_most_integer_are_taken() -> None:
    x = knoll.tensor(X)
    assert (
        knoll.tril_indices(1, 2, 2**63 - 1).tolist() == knoll.triu_indices(1, 2, -(2**63)).tolist() == [[0, 0], [0, 1]]
    )
    assert x.triu(2**63 - 1).tolist() == x.tril(-(2**63)).tolist() == np.zeros((3, 3)).tolist()
