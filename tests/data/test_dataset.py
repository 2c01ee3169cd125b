"""Data sets made of others, and what they say to a wrong index or length."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.data import (
    BatchSampler,
    ConcatDataset,
    DataLoader,
    Dataset,
    RandomSampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    collate,
    random_split,
)
from knoll.errors import ArgumentError, ArgumentTypeError, DimensionError, UnsupportedError
from knoll.tensor import from_numpy


class Named(Dataset[str]):
    """A folder of names, as in the first lesson on data sets."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> str:
        return self.names[index]


def test_a_sum_holds_both_in_order() -> None:
    both = Named("ant", "ant2") + Named("bee")
    assert [both[i] for i in range(len(both))] == ["ant", "ant2", "bee"]
    assert both[-1] == "bee"
    with pytest.raises(DimensionError, match="Sample 3 is out of range: the data set has 3 samples"):
        both[3]


def test_a_sum_of_nothing_is_refused() -> None:
    with pytest.raises(ArgumentError, match="datasets should not be an empty iterable"):
        ConcatDataset([])


def test_a_data_set_without_samples_says_what_to_write() -> None:
    class Empty(Dataset[int]):
        pass

    with pytest.raises(UnsupportedError, match=r"Subclasses of Dataset should implement __getitem__\."):
        Empty()[0]
    with pytest.raises(UnsupportedError, match="give it a method __len__"):
        len(Empty())


def test_rows_of_tensors_are_samples() -> None:
    data = TensorDataset(from_numpy(np.arange(6.0).reshape(3, 2)), from_numpy(np.array([7, 8, 9])))
    row, label = data[-1]
    assert row.numpy().tolist() == [4.0, 5.0]
    assert int(label.numpy()) == 9
    with pytest.raises(DimensionError, match="Sample 3 is out of range"):
        data[3]


def test_tensors_of_different_lengths_are_refused() -> None:
    with pytest.raises(ArgumentError, match="Size mismatch between tensors") as caught:
        TensorDataset(from_numpy(np.zeros(3)), from_numpy(np.zeros(4)))
    assert "3, 4" in str(caught.value)
    with pytest.raises(ArgumentError, match="at least one tensor"):
        TensorDataset()


def test_a_subset_gathers_the_rows_of_its_own_places() -> None:
    subset = Subset(TensorDataset(from_numpy(np.arange(10))), [8, 2, 5])
    columns = subset.gather(np.array([2, 0]))
    assert columns is not None
    assert columns[0].tolist() == [5, 8]
    assert int(subset[1][0].numpy()) == 2
    assert Subset(Named("a"), [0]).gather(np.array([0])) is None


@pytest.mark.filterwarnings("ignore:Length of split at index")  # lengths of one sample are fractions too
@given(st.lists(st.integers(0, 20), min_size=1, max_size=6), st.integers(0, 2**63))
def test_a_split_shares_out_every_sample_once(lengths: list[int], seed: int) -> None:
    parts = random_split(range(sum(lengths)), lengths, seed=seed)
    assert [len(part) for part in parts] == lengths
    assert sorted(part[i] for part in parts for i in range(len(part))) == list(range(sum(lengths)))


def test_fractions_share_out_what_is_left_over() -> None:
    assert [len(part) for part in random_split(range(11), [0.3, 0.3, 0.4])] == [4, 3, 4]


def test_a_split_is_decided_by_its_seed() -> None:
    first, again, other = (random_split(range(50), [25, 25], seed=seed)[0] for seed in (1, 1, 2))
    assert first.indices == again.indices
    assert first.indices != other.indices


def test_a_split_of_another_length_is_refused() -> None:
    with pytest.raises(
        ArgumentError, match="Sum of input lengths does not equal the length of the input dataset!"
    ) as e:
        random_split(range(10), [5, 4])
    assert "5 + 4 = 9" in str(e.value)
    with pytest.raises(ArgumentError, match="Fraction at index 0 is not between 0 and 1"):
        random_split(range(10), [-0.5, 1.5])


def test_splits_have_the_sizes_of_pytorch(torch: Any) -> None:
    for n in (7, 10, 101):
        theirs = torch.utils.data.random_split(range(n), [0.25, 0.35, 0.4])
        assert [len(part) for part in random_split(range(n), [0.25, 0.35, 0.4])] == [len(part) for part in theirs]


INDICES: list[Any] = [
    0, -1, slice(1, 3), slice(-2, None), slice(None, None, 2), np.int64(1), [0, 2], np.array([0, 2]), True, None, ...,
    [True, False, True], (0,),
]  # fmt: skip


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_rows_by_any_index_as_pytorch(torch: Any, index: Any) -> None:
    rows, labels = np.arange(6.0).reshape(3, 2), np.array([7, 8, 9])
    ours = TensorDataset(from_numpy(rows), from_numpy(labels))[index]
    theirs = torch.utils.data.TensorDataset(torch.tensor(rows), torch.tensor(labels))[index]
    assert [part.tolist() for part in ours] == [part.tolist() for part in theirs]


@pytest.mark.parametrize("index", [0, -1, [1, 0], slice(0, 2), slice(None, None, -1), np.int64(1)], ids=str)
def test_subsets_by_any_index_as_pytorch(torch: Any, index: Any) -> None:
    rows = np.arange(8.0).reshape(4, 2)
    if isinstance(index, slice) and index.step == -1:
        rows = rows[:, :1]
    (ours,) = Subset(TensorDataset(from_numpy(rows)), [3, 1])[index]
    (theirs,) = torch.utils.data.Subset(torch.utils.data.TensorDataset(torch.tensor(rows)), [3, 1])[index]
    assert ours.tolist() == theirs.tolist()


def test_a_subset_of_tensors_as_indices_and_a_sum_of_an_iterator() -> None:
    assert Subset("landscape", from_numpy(np.array([0, 4])))[1] == "s"
    assert len(ConcatDataset(iter(["ab", "c"]))) == 3


WRONG: list[tuple[str, Callable[[], Any]]] = [
    ("'int' object is not iterable", lambda: ConcatDataset(3)),
    ("A data set has a length and samples (__len__ and __getitem__); int has not.", lambda: ConcatDataset([3])),
    ("The indices of a subset are a list of places, not int.", lambda: Subset("abc", 3)),
    ("The indices of a subset are a list of places, not list_iterator.", lambda: Subset("abc", iter([1]))),
    ("TensorDataset holds tensors; ndarray is none.", lambda: TensorDataset(np.ones(3))),
    ("Dimension specified as 0 but tensor has no dimensions", lambda: TensorDataset(from_numpy(np.array(1)))),
    ("A data set has a length and samples (__len__ and __getitem__); int has not.", lambda: random_split(3, [1])),
    ("The lengths of a split are a list, not NoneType.", lambda: random_split("abc", None)),
    ("The lengths of a split are a list, not str.", lambda: random_split("abc", "ab")),
    ("Length 0 of the split is not a number but NoneType.", lambda: random_split("abc", [None])),
    ("Length 0 of the split is -1.", lambda: random_split("abc", [-1, 4])),
    ("Length 0 of the split is 1.5.", lambda: random_split("abc", [1.5, 1.5])),
    ("Expected a 'Generator' object for argument 'generator' but found int", lambda: random_split("abc", [1, 2], 3)),
    ("The place of a sample is a whole number, not str.", lambda: Subset("abc", [0])["a"]),
    ("The place of a sample is a whole number, not float.", lambda: ConcatDataset(["abc"])[1.5]),
    (
        "invalid multinomial distribution (encountering probability entry < 0)",
        lambda: WeightedRandomSampler([-1.0, 2], 1),
    ),
    ("invalid multinomial distribution (sum of probabilities <= 0)", lambda: WeightedRandomSampler([0.0], 1)),
    (
        "invalid multinomial distribution (encountering probability entry < 0)",
        lambda: WeightedRandomSampler([np.nan], 1),
    ),
    ("weights should be a 1d sequence but given weights have shape (1, 1)", lambda: WeightedRandomSampler([[1]], 1)),
    (
        "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
        lambda: WeightedRandomSampler([1, 1], 3, replacement=False),
    ),
    ("num_samples should be a positive integer value, but got num_samples=0", lambda: WeightedRandomSampler([1], 0)),
    ("replacement should be a boolean value, but got replacement=3", lambda: RandomSampler("a", replacement=3)),
    (
        "num_samples should be a positive integer value, but got num_samples=0",
        lambda: RandomSampler("a", num_samples=0),
    ),
    ("num_samples should be a positive integer value, but got num_samples=0", lambda: RandomSampler("")),
    (
        "Expected a 'Generator' object for argument 'generator' but found int",
        lambda: list(RandomSampler("abc", generator=3)),
    ),
    ("batch_size should be a positive integer value, but got batch_size=0", lambda: BatchSampler([1], 0, False)),
    ("drop_last should be a boolean value, but got drop_last=no", lambda: BatchSampler([1], 1, "no")),
    ("Weights are a row of numbers, not list.", lambda: WeightedRandomSampler(["a"], 1)),
    ("object of type 'int' has no len()", lambda: SequentialSampler(3)),
    ("A seed is a whole number, not str.", lambda: DataLoader("ab", seed="a")),
    ("A seed is a whole number, not float.", lambda: random_split("ab", [1, 1], seed=1.5)),
    ("A data set has a length and samples (__len__ and __getitem__); NoneType has not.", lambda: Subset(None, [0])),
    ("shuffle is True or False, not ndarray.", lambda: DataLoader("ab", shuffle=np.ones(2))),
    ("Expected a 'Generator' object for argument 'generator' but found int", lambda: DataLoader("ab", generator=3)),
    ("object of type 'int' has no len()", lambda: SubsetRandomSampler(3)),
    ("The indices of a subset are a list of places, not dict.", lambda: SubsetRandomSampler({0: 1})),
    ("'int' object is not iterable", lambda: DataLoader("ab", sampler=3)),
    ("'int' object is not iterable", lambda: list(DataLoader("ab", batch_sampler=[1]))),
    ("'int' object is not callable", lambda: DataLoader("ab", collate_fn=3)),
    ("timeout is a number of seconds, not str.", lambda: DataLoader("ab", timeout="a")),
    ("prefetch_factor option should be non-negative", lambda: DataLoader("ab", num_workers=1, prefetch_factor=1.5)),
    (
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'int'>",
        lambda: collate(3),
    ),
    (
        "default_collate: batch must contain tensors, numpy arrays, numbers, dicts or lists; found <class 'dict'>",
        lambda: collate({}),
    ),
]  # fmt: skip


@pytest.mark.parametrize(("said", "wrong"), WRONG)
def test_wrong_arguments_are_told(said: str, wrong: Callable[[], Any]) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=f"^{re.escape(said)}"):
        wrong()


def test_samplers_draw_what_they_say() -> None:
    assert sorted(RandomSampler("abcd")) == [0, 1, 2, 3]
    assert sorted(RandomSampler("ab", num_samples=4)) == [0, 0, 1, 1]
    assert len(list(RandomSampler("abc", replacement=True, num_samples=50))) == 50
    assert list(RandomSampler(range(30), generator=np.random.default_rng(1))) == list(
        RandomSampler(range(30), generator=np.random.default_rng(1))
    )
    sampler = RandomSampler(range(30))
    assert list(sampler) != list(sampler)
    assert sorted(SubsetRandomSampler([5, 2])) == [2, 5]
    drawn = list(WeightedRandomSampler([1.0, 0.0, 3.0], 2000))
    assert 400 < drawn.count(0) < 600
    assert set(drawn) == {0, 2}
    assert sorted(WeightedRandomSampler([1, 2, 0, 4], 3, replacement=False)) == [0, 1, 3]
    assert list(BatchSampler(SequentialSampler("abcde"), 2, drop_last=True)) == [[0, 1], [2, 3]]
    assert len(BatchSampler(SequentialSampler("abcde"), 2, drop_last=False)) == 3


def test_a_split_by_a_generator_and_without_samples() -> None:
    first, again = (random_split(range(9), [4, 5], np.random.default_rng(3))[0].indices for _ in range(2))
    assert first == again
    with pytest.warns(UserWarning, match=r"Length of split at index 1 is 0\. This might result in an empty dataset\."):
        assert [len(part) for part in random_split(range(3), [0.9, 0.1])] == [3, 0]
