"""What is given: it stays as it was, may lie in memory in any order, and its element type goes through."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from backends import as_chosen, flat, in_numpy, outcome, same
from table import CASES, Case

import knoll
from knoll.graph import Array

ORDERS: dict[str, Callable[[Array], Array]] = {
    "columns first": np.asfortranarray,
    "every second": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "backwards": lambda x: x[..., ::-1].copy()[..., ::-1],
}


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_input_is_left_alone(case: Case) -> None:
    layer, arrays = case.build(), case.arrays()
    before = [array.copy() for array in arrays]
    for call in (lambda: layer(*arrays), lambda: layer(*map(knoll.from_numpy, arrays))):
        results = [result.detach().numpy().copy() for result in flat(call())]
        assert results
        for array, expected in zip(arrays, before, strict=True):
            np.testing.assert_array_equal(array, expected)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_any_order_in_memory_will_do(case: Case, order: str) -> None:
    arrays = case.arrays()
    lying = [ORDERS[order](array) for array in arrays]
    results = []
    for given in (arrays, lying):
        knoll.manual_seed(7)
        results.append([result.detach().numpy() for result in flat(case.build()(*map(knoll.from_numpy, given)))])
    for expected, found in zip(*results, strict=True):
        np.testing.assert_array_equal(found, expected, strict=True)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_element_types_go_through(case: Case, dtype: str) -> None:
    for training in (True, False):
        found = outcome(as_chosen, case.build(dtype).train(training), case.arrays(dtype))
        for name, array in found.everything.items():
            assert array.dtype == dtype or array.dtype == np.int64, name


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
@pytest.mark.parametrize("case", [case for case in CASES if case.integers], ids=str)
def test_whole_numbers_go_through(case: Case, dtype: str) -> None:
    numbers = np.random.default_rng(1).integers(0, 100, case.shape)
    for backend in (as_chosen, in_numpy):
        whole = outcome(backend, case.build(), [numbers.astype(dtype)])
        floating = outcome(backend, case.build("float64"), [numbers.astype("float64")], gradient=False)
        assert whole.results[0].dtype == dtype
        np.testing.assert_array_equal(whole.results[0], floating.results[0])
    same(outcome(as_chosen, case.build(), [numbers]), outcome(in_numpy, case.build(), [numbers]))
