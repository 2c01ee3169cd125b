"""`can_cast`, `promote_types` and `result_type` against PyTorch, for every pair of element types."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

import knoll
from knoll.errors import ArgumentTypeError

TYPES = ("bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64")


@pytest.mark.parametrize(("a", "b"), [*itertools.product(TYPES, TYPES)])
def test_pairs_of_types(torch: Any, a: str, b: str) -> None:
    mine, truth = ([getattr(library, name) for name in (a, b)] for library in (knoll, torch))
    assert knoll.can_cast(*mine) == torch.can_cast(*truth)
    assert str(knoll.promote_types(*mine)) == str(torch.promote_types(*truth)).removeprefix("torch.")


def test_results(torch: Any) -> None:
    def operands(k: Any) -> list[Any]:
        return [
            2,
            1.5,
            True,
            k.ones(2),
            k.ones(2, dtype=k.int8),
            k.tensor(1.5, dtype=k.float64),
            k.ones(2, dtype=k.uint8),
        ]

    for i, j in itertools.product(range(7), range(7)):
        mine, truth = (library.result_type(operands(library)[i], operands(library)[j]) for library in (knoll, torch))
        assert str(mine) == str(truth).removeprefix("torch.")
    with pytest.raises(ArgumentTypeError, match="must be Tensor, not str"):
        knoll.result_type(knoll.ones(2), "x")
