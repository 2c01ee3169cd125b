"""A call that was made before gives what a layer gives that was never called, whatever was called in between."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from table import CASES, Case

import knoll
from knoll.run import program_cache
from repeated_calls import noted_calls

SEQUENCE = (3, 3, 3, 3, 1, 1, 1, 3, 0, 0, 0, 3, 2, 2, 2)  # numbers of samples


@pytest.fixture(autouse=True)
def _whatever_size(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Machine code for small layers, too."""
    program_cache._programs._entries.clear()
    monkeypatch.setattr(program_cache, "_is_worth_compiling", lambda _: True)
    yield
    program_cache._programs._entries.clear()


def _called(layer: Any, arrays: list[Any]) -> list[Any]:
    with knoll.no_grad():
        results = layer(*map(knoll.tensor, arrays))
    return [each.numpy() for each in (results if isinstance(results, tuple) else (results,)) if each is not None]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_calls_again_give_the_same(case: Case, dtype: str) -> None:
    layer = copy.deepcopy(case.build(dtype)).eval()  # parameters that nobody else may change unseen
    least = 1 if case.mixes == "always" else 0
    expected: dict[int, list[Any]] = {}
    for samples in {*SEQUENCE} if least == 0 else {*SEQUENCE} - {0}:
        expected[samples] = _called(copy.deepcopy(layer), case.arrays(dtype, samples))
    for samples in SEQUENCE:
        if samples >= least:
            found = _called(layer, case.arrays(dtype, samples))
            for one, other in zip(found, expected[samples], strict=True):
                np.testing.assert_array_equal(one, other)


def test_calls_are_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = noted_calls(monkeypatch)
    test_calls_again_give_the_same(CASES[1], "float32")
    assert sum(answers) >= 5
