"""The table: no layer is missing, and every excuse in it is needed."""

from __future__ import annotations

import numpy as np
import pytest
from backends import as_chosen, flat, outcome
from table import CASES, OLD_NAMES, WITHOUT_FORWARD, Case

import knoll
from knoll import nn
from knoll.errors import KnollError


def test_every_layer_has_a_row() -> None:
    layers = {name for name in nn.__all__ if isinstance(getattr(nn, name), type)}
    layers = {name for name in layers if issubclass(getattr(nn, name), nn.Module)}
    rows = {kind for case in CASES for kind in case.kinds}
    assert layers - rows == WITHOUT_FORWARD | OLD_NAMES, "a layer without a row in tests/laws/table.py"


def test_rows_differ() -> None:
    names = [(str(case), case.shape) for case in CASES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_modes_are_as_the_table_says(case: Case) -> None:
    results = [
        outcome(as_chosen, case.build("float64").train(t), case.arrays("float64")).results for t in (True, False)
    ]
    assert (not all(map(np.array_equal, *results))) == (case.modes or case.random)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_chance_is_as_the_table_says(case: Case) -> None:
    layer, results = case.build("float64"), []
    for seed in (1, 2):
        knoll.manual_seed(seed)
        results.append([result.detach().numpy() for result in flat(layer(*case.arrays("float64")))])
    assert (not all(map(np.array_equal, *results))) == case.random


@pytest.mark.parametrize("case", [case for case in CASES if case.mixes != "never"], ids=str)
def test_samples_mix_where_the_table_says_so(case: Case) -> None:
    for training in (True, False):
        layer, arrays = case.build("float64").train(training), case.arrays("float64")
        before = outcome(as_chosen, layer, arrays).results[0]
        arrays[0][1] += np.random.default_rng(2).uniform(0, 0.1, arrays[0][1].shape)
        after = outcome(as_chosen, layer, arrays).results[0]
        equal = np.array_equal(after[0], before[0]) if before.ndim else np.array_equal(after, before)
        assert equal != case.mixes_in(training)


@pytest.mark.parametrize("case", [case for case in CASES if not case.unbatched], ids=str)
def test_a_batch_is_needed_where_the_table_says_so(case: Case) -> None:
    arrays = case.arrays("float64", 1)
    layer = case.build("float64").train(not case.modes)
    batch = outcome(as_chosen, layer, arrays).results[0]
    try:
        alone = outcome(as_chosen, layer, [array[0] for array in arrays]).results[0]
    except (KnollError, UserWarning):
        return
    assert not np.array_equal(alone, batch[0] if batch.ndim else batch)
