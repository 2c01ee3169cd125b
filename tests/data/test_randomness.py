"""The counter-based random numbers: published values, independence of company, evenness."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.data.randomness import Draws, drawing, draws, permutation, philox
from knoll.tensor.random.seed import manual_seed

SEEDS = st.integers(0, 2**64 - 1)


# The known answers that the authors of Philox publish with Random123 (kat_vectors, philox4x32 10).
@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, 2**64 - 1, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            0x299F31D0A4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_gives_the_published_words(counter: tuple[int, ...], key: int, answer: tuple[int, ...]) -> None:
    a, b, c, d = (np.array([word], np.uint64) for word in counter)
    assert tuple(int(word[0]) for word in philox((a, b, c, d), key)) == answer


@given(SEEDS, st.integers(0, 1000), st.lists(st.integers(0, 2**40), min_size=1, max_size=9), st.integers(1, 9))
def test_a_sample_draws_the_same_alone_and_in_company(seed: int, epoch: int, indices: list[int], calls: int) -> None:
    together = Draws(seed, epoch, indices)
    alone = [Draws(seed, epoch, [index]) for index in indices]
    for _ in range(calls):
        np.testing.assert_array_equal(together.uniform(), np.concatenate([one.uniform() for one in alone]))


@given(SEEDS, st.integers(1, 10_000))
def test_whole_numbers_stay_below_their_bound(seed: int, stop: int) -> None:
    numbers = Draws(seed, 0, list(range(50))).below(stop)
    assert numbers.min() >= 0
    assert numbers.max() < stop


def test_numbers_are_even_over_their_range() -> None:
    numbers = Draws(5, 0, list(range(100_000))).uniform()
    counts = np.histogram(numbers, bins=20, range=(0, 1))[0]
    assert abs(counts - 5000).max() < 5 * np.sqrt(5000)


def test_seed_epoch_index_and_call_each_change_the_number() -> None:
    first = Draws(1, 2, [3])
    numbers = [*first.uniform(), *first.uniform(), *Draws(2, 2, [3]).uniform()]
    numbers += [*Draws(1, 3, [3]).uniform(), *Draws(1, 2, [4]).uniform()]
    assert len(set(numbers)) == 5


@given(SEEDS, st.integers(0, 300), st.integers(0, 100))
def test_a_permutation_holds_every_number_once(seed: int, n: int, epoch: int) -> None:
    assert sorted(permutation(n, seed, epoch).tolist()) == list(range(n))


def test_permutations_differ_by_epoch_and_are_fixed_for_good() -> None:
    assert permutation(8, seed=1, epoch=0).tolist() != permutation(8, seed=1, epoch=1).tolist()
    # Resuming in a later version must give the same order, so these numbers may never change.
    assert permutation(8, seed=1, epoch=0).tolist() == [6, 1, 2, 5, 4, 7, 3, 0]


def test_numbers_for_a_block_are_taken_back_after_it() -> None:
    inside = Draws(0, 0, [0])
    with drawing(inside):
        assert draws() is inside
    assert draws() is not inside


def test_outside_of_a_loader_the_seed_of_the_library_decides() -> None:
    manual_seed(7)
    first = [draws().uniform()[0] for _ in range(3)]
    manual_seed(7)
    assert [draws().uniform()[0] for _ in range(3)] == first
    assert len(set(first)) == 3
