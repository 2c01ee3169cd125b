"""A sample is a sample: alone or in a batch, with one thread or two, in a batch of none, or without a batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from backends import Backend, Outcome, as_chosen, close, in_machine_code, outcome, same, seed_for
from table import CASES, Case

from knoll import get_num_threads, set_num_threads
from knoll.graph import Array
from knoll.machine import host

MODES = [(True, True), (False, False)]  # training, gradient
each_element_type = pytest.mark.parametrize("dtype", ["float32", "float64"])


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = get_num_threads()
    yield
    set_num_threads(before)


def way_of(case: Case) -> Backend:
    """Machine code where there is any, for lone light layers too."""
    return in_machine_code(host()) if case.compiled else as_chosen


@each_element_type
@pytest.mark.parametrize("case", CASES, ids=str)
def test_two_threads_give_what_one_gives(case: Case, dtype: str) -> None:
    for training, gradient in MODES:
        # As many as threads and more, which take samples; fewer, which share work. Statistics need two.
        for samples in (case.shape[0], 2 if case.mixes_in(training) else 1):
            found: list[Outcome] = []
            for threads in (1, 2):
                set_num_threads(threads)
                layer = case.build(dtype).train(training)
                found.append(outcome(way_of(case), layer, case.arrays(dtype, samples), gradient))
            same(*found)


@each_element_type
@pytest.mark.parametrize("case", CASES, ids=str)
def test_batches_are_samples(case: Case, dtype: str) -> None:
    for training, gradient in MODES:
        if case.mixes_in(training) or (case.random and training):
            continue
        layer, arrays = case.build(dtype).train(training), case.arrays(dtype)
        whole = outcome(way_of(case), layer, arrays, gradient)
        seed = seed_for(whole.results[0])
        found = []
        for part in (slice(1, 2), slice(0, 1), slice(1, None)):
            some = outcome(way_of(case), layer, [array[part] for array in arrays], gradient, seed[part])
            found.append(some)
            for one, every in zip(some.results, whole.results, strict=True):
                np.testing.assert_array_equal(one, every[part], strict=True)
            for name in ("gradient of input 0",) if gradient and case.has_slopes else ():
                np.testing.assert_array_equal(some.gradients[name], whole.gradients[name][part], strict=True)
        _, first, others = found
        sums = {name: d + others.gradients[name] for name, d in first.gradients.items() if "input" not in name}
        close(replace(whole, gradients=whole.gradients | sums), whole)


@each_element_type
@pytest.mark.parametrize("case", [case for case in CASES if case.has_slopes], ids=str)
def test_what_is_no_number_stays_in_its_sample(case: Case, dtype: str) -> None:
    for training, gradient in MODES:
        if case.mixes_in(training):
            continue
        layer, arrays = case.build(dtype).train(training), case.arrays(dtype)
        sound = outcome(way_of(case), layer, arrays, gradient)
        arrays[0][1] = np.nan
        touched = outcome(way_of(case), layer, arrays, gradient)
        found, expected = [*touched.results], [*sound.results]
        if gradient:
            found.append(touched.gradients["gradient of input 0"])
            expected.append(sound.gradients["gradient of input 0"])
        for one, other in zip(found, expected, strict=True):
            np.testing.assert_array_equal(np.delete(one, 1, 0), np.delete(other, 1, 0), strict=True)


@each_element_type
@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_samples_are_no_samples(case: Case, dtype: str) -> None:
    for training, gradient in MODES:
        if case.mixes_in(training):
            continue
        layer = case.build(dtype).train(training)
        some = outcome(way_of(case), layer, case.arrays(dtype), gradient)
        none = outcome(way_of(case), layer, case.arrays(dtype, 0), gradient)
        assert [r.shape for r in none.results] == [(0, *r.shape[1:]) for r in some.results]
        assert none.gradients.keys() == some.gradients.keys()
        assert not any(array.any() for array in none.gradients.values())


@each_element_type
@pytest.mark.parametrize("case", [case for case in CASES if case.unbatched], ids=str)
def test_a_sample_needs_no_batch(case: Case, dtype: str) -> None:
    for training, gradient in MODES:
        layer, arrays = case.build(dtype).train(training), case.arrays(dtype, 1)
        batch = outcome(as_chosen, layer, arrays, gradient)
        seed, fresh = unbatched(seed_for(batch.results[0])), case.build(dtype).train(training)  # nothing seen yet
        alone = outcome(as_chosen, fresh, [a[0] for a in arrays], gradient, seed)
        inputs = {name: unbatched(array) for name, array in batch.gradients.items() if "input" in name}
        close(alone, replace(batch, results=tuple(map(unbatched, batch.results)), gradients=batch.gradients | inputs))


def unbatched(array: Array) -> Array:
    """The only sample; a loss is one number anyway."""
    return array[0] if array.ndim else array
