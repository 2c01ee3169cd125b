"""The loader: order, resuming, threads, and what it says when a sample cannot be had."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knoll.data import DataLoader, Dataset, Subset, TensorDataset, WeightedRandomSampler, draws
from knoll.errors import ArgumentError, ArgumentTypeError, DataError, ShapeError, StateError
from knoll.tensor import from_numpy
from knoll.tensor.random.seed import manual_seed


class Numbers(Dataset[tuple[int, float]]):
    """Sample i is i and a random number, as a random transform would draw it."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __len__(self) -> int:
        return self.n

    def __getitem__(self, index: int) -> tuple[int, float]:
        return index, float(draws().uniform()[0])


class Broken(Numbers):
    """A sample in the middle that cannot be read."""

    def __getitem__(self, index: int) -> tuple[int, float]:
        if index == 5:
            raise self.error
        return super().__getitem__(index)

    error: Exception = OSError("disk on fire")


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    yield
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("knoll-loader")]


def numbers(loader: DataLoader) -> list[Any]:
    """All that one epoch gives, as plain lists."""
    return [[column.numpy().tolist() for column in batch] for batch in loader]


def test_batches_come_in_order_and_the_last_may_be_smaller() -> None:
    loader = DataLoader(Numbers(10), batch_size=4)
    assert [batch[0] for batch in numbers(loader)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]
    assert len(loader) == 3
    short = DataLoader(Numbers(10), batch_size=4, drop_last=True)
    assert [batch[0] for batch in numbers(short)] == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert len(short) == 2


@settings(max_examples=30, deadline=None)
@given(n=st.integers(1, 40), batch=st.integers(1, 12), workers=st.integers(0, 3), seed=st.integers(0, 2**64 - 1))
def test_workers_and_batch_size_change_no_sample(n: int, batch: int, workers: int, seed: int) -> None:
    one = DataLoader(Numbers(n), batch_size=1, shuffle=True, seed=seed)
    many = DataLoader(Numbers(n), batch_size=batch, shuffle=True, num_workers=workers, seed=seed)
    for _ in range(2):
        alone = [(i[0], x[0]) for i, x in numbers(one)]
        together = [pair for i, x in numbers(many) for pair in zip(i, x, strict=True)]
        assert alone == together
        assert sorted(i for i, _ in alone) == list(range(n))


def test_epochs_differ_and_seeds_repeat() -> None:
    loader, again = (DataLoader(Numbers(20), batch_size=20, shuffle=True, seed=3) for _ in range(2))
    first, second = numbers(loader), numbers(loader)
    assert first != second
    assert [first, second] == [numbers(again), numbers(again)]
    loader.set_epoch(0)
    assert numbers(loader) == first


def test_without_a_seed_one_is_drawn_and_told() -> None:
    first, second = (DataLoader(Numbers(5), shuffle=True) for _ in range(2))
    assert first.state_dict()["seed"] != second.state_dict()["seed"]
    manual_seed(3)
    third = DataLoader(Numbers(5), shuffle=True)
    manual_seed(3)
    assert DataLoader(Numbers(5), shuffle=True).state_dict() == third.state_dict()


def test_a_loop_that_is_left_early_begins_anew() -> None:
    loader = DataLoader(Numbers(6), batch_size=2, num_workers=2)
    for _ in loader:
        break
    assert [batch[0] for batch in numbers(loader)] == [[0, 1], [2, 3], [4, 5]]
    assert loader.state_dict()["epoch"] == 2


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 9), st.integers(0, 3))
def test_a_resumed_loader_goes_on_with_the_very_next_batch(stop: int, workers: int) -> None:
    def fresh(seed: int) -> DataLoader:
        return DataLoader(Numbers(9), batch_size=2, shuffle=True, num_workers=workers, seed=seed)

    whole = fresh(1)
    expected = numbers(whole) + numbers(whole)
    stopped, seen = fresh(1), 0
    while seen < stop:
        for _ in stopped:
            seen += 1
            if seen == stop:
                break
    state = json.loads(json.dumps(stopped.state_dict()))
    resumed = fresh(2)
    resumed.load_state_dict(state)
    rest: list[Any] = []
    while len(rest) + stop < len(expected):
        rest += numbers(resumed)
    assert rest[: len(expected) - stop] == expected[stop:]


def test_a_state_of_a_longer_epoch_is_refused() -> None:
    state = DataLoader(Numbers(4)).state_dict()
    with pytest.raises(StateError, match="5 batches of the epoch are done, but this loader has 4"):
        DataLoader(Numbers(4)).load_state_dict({**state, "position": 5})


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_in_a_sample_keeps_its_type_and_names_the_sample(workers: int) -> None:
    with pytest.raises(OSError, match="disk on fire") as caught:
        list(DataLoader(Broken(8), batch_size=3, num_workers=workers))
    assert "sample 5 of the data set" in caught.value.__notes__


@pytest.mark.parametrize("workers", [0, 2])
def test_an_error_of_knoll_says_where(workers: int) -> None:
    data = Broken(8)
    data.error = DataError("no picture")
    with pytest.raises(DataError) as caught:
        list(DataLoader(data, batch_size=3, num_workers=workers))
    assert caught.value.where == "sample 5 of the data set"


def test_an_interrupt_ends_the_workers() -> None:
    def interrupted() -> None:
        for _ in DataLoader(Numbers(50), num_workers=3):
            raise KeyboardInterrupt("pressed")

    with pytest.raises(KeyboardInterrupt, match="pressed"):
        interrupted()


def test_batches_are_prepared_no_further_ahead_than_needed() -> None:
    class LabelOptions(Numbers):
        asked = 0

        def __getitem__(self, index: int) -> tuple[int, float]:
            LabelOptions.asked += 1
            return super().__getitem__(index)

    batches = iter(DataLoader(LabelOptions(100), num_workers=2))
    next(batches)
    assert LabelOptions.asked <= 5
    batches.close()


def test_images_of_two_sizes_are_told_with_their_batch() -> None:
    class Sizes(Numbers):
        def __getitem__(self, index: int) -> Any:
            return np.zeros((3, 4 + (index == 2), 4), np.float32), 0

    with pytest.raises(ShapeError, match="at entry 2") as caught:
        list(DataLoader(Sizes(4), batch_size=4))
    assert caught.value.where == "the batch of samples 0, 1, 2, 3"


def test_arrays_are_gathered_without_single_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    data = TensorDataset(from_numpy(np.arange(8.0)), from_numpy(np.arange(8)))
    expected = numbers(DataLoader(Subset(data, [7, 1, 4]), batch_size=2))
    monkeypatch.setattr("knoll.data.fetch.Fetcher._sample", None)
    assert (
        numbers(DataLoader(Subset(data, [7, 1, 4]), batch_size=2)) == expected == [[[7.0, 1.0], [7, 1]], [[4.0], [4]]]
    )


def test_a_collate_function_gets_the_samples() -> None:
    loader = DataLoader(TensorDataset(from_numpy(np.arange(4))), batch_size=3, collate_fn=len)
    assert list(loader) == [3, 1]


@pytest.mark.parametrize("size", [0, -1, 2.5, True])
def test_a_batch_size_that_is_no_number_of_samples_is_refused(size: Any) -> None:
    with pytest.raises(
        ArgumentError, match=f"batch_size should be a positive integer value, but got batch_size={size}"
    ):
        DataLoader(Numbers(3), batch_size=size)


def test_wrong_arguments_are_refused() -> None:
    with pytest.raises(ArgumentError, match="num_workers option should be non-negative"):
        DataLoader(Numbers(3), num_workers=-1)
    with pytest.raises(ArgumentTypeError, match="int has not"):
        DataLoader(3)
    with pytest.raises(DataError, match="num_samples should be a positive integer value, but got num_samples=0"):
        DataLoader(Numbers(0), shuffle=True)


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("shuffle", [False, True])
def test_loops_inside_each_other_lose_nothing(workers: int, shuffle: bool) -> None:
    loader = DataLoader(Numbers(7), batch_size=2, shuffle=shuffle, num_workers=workers, seed=1)
    outer: list[int] = []
    for indices, _ in loader:
        outer += indices.tolist()
        assert sorted(index for places, _ in loader for index in places.tolist()) == list(range(7))
        next(iter(loader))  # and one that is left early
    assert sorted(outer) == list(range(7))
    assert sum(1 for _ in loader for _ in loader for _ in loader) == len(loader) ** 3


@settings(max_examples=20, deadline=None)
@given(turns=st.lists(st.integers(0, 2), max_size=30), workers=st.integers(0, 2))
def test_iterators_know_nothing_of_each_other(turns: list[int], workers: int) -> None:
    loader = DataLoader(Numbers(9), batch_size=2, shuffle=True, num_workers=workers, seed=4)
    alone = [numbers(loader) for _ in range(3)]
    loader.set_epoch(0)
    iterators = [iter(loader) for _ in range(3)]
    seen: list[list[Any]] = [[], [], []]
    for turn in turns:
        seen[turn] += [[column.numpy().tolist() for column in batch] for batch in [next(iterators[turn], ())] if batch]
    for got, expected in zip(seen, alone, strict=True):
        assert got == expected[: len(got)]
    for iterator in iterators:
        iterator.close()


def test_a_loader_beside_itself() -> None:
    loader = DataLoader(Numbers(5), batch_size=2)
    pairs = [(a[0].tolist(), b[0].tolist()) for a, b in zip(loader, loader, strict=True)]
    assert pairs == [([0, 1], [0, 1]), ([2, 3], [2, 3]), ([4], [4])]
    assert [len(a[0]) for a in zip(*[iter(loader)] * 1, strict=True)] == [2, 2, 2]
    assert len(iter(loader)) == 3


def test_the_state_is_that_of_the_loop_that_gave_a_batch_last() -> None:
    loader = DataLoader(Numbers(6), batch_size=2, shuffle=True, seed=2)
    outer = iter(loader)
    next(outer)
    inner = iter(loader)
    next(inner)
    next(inner)
    assert loader.state_dict() == {"seed": 2, "epoch": 1, "position": 2}
    expected = next(outer)
    assert loader.state_dict() == {"seed": 2, "epoch": 0, "position": 2}
    rest = [batch[0].tolist() for batch in outer]
    again = DataLoader(Numbers(6), batch_size=2, shuffle=True)
    again.load_state_dict({"seed": 2, "epoch": 0, "position": 1})
    assert [batch[0].tolist() for batch in again] == [expected[0].tolist(), *rest]
    assert loader.state_dict() == {"seed": 2, "epoch": 2, "position": 0}


@pytest.mark.parametrize("workers", [0, 2])
def test_after_an_error_the_next_batch_comes(torch: Any, workers: int) -> None:
    class Theirs(torch.utils.data.Dataset):
        def __len__(self) -> int:
            return 12

        def __getitem__(self, index: int) -> int:
            if index == 5:
                raise OSError("disk on fire")
            return index

    def batches(loader: Any) -> list[Any]:
        batches, found = iter(loader), []
        for _ in range(len(loader) + 1):
            try:
                found.append(next(batches)[:1].tolist() if loader.dataset.__class__ is Theirs else next(batches)[0])
            except (OSError, StopIteration) as error:
                found.append(type(error))
        return found

    theirs = batches(torch.utils.data.DataLoader(Theirs(), batch_size=2))
    assert theirs == [[0], [2], OSError, [6], [8], [10], StopIteration]
    ours = batches(DataLoader(Broken(12), batch_size=2, num_workers=workers))
    assert [got if isinstance(got, type) else got[:1].tolist() for got in ours] == theirs


def test_an_iterator_that_is_shared_by_threads_gives_each_batch_once() -> None:
    batches = iter(DataLoader(Numbers(60), batch_size=1, num_workers=2))
    seen: list[int] = []

    def take() -> None:
        for indices, _ in batches:
            seen.append(int(indices))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(60))


def test_a_data_set_that_raises_stop_iteration_ends_nothing_in_silence() -> None:
    data = Broken(8)
    data.error = StopIteration()
    for workers in (0, 2):
        with pytest.raises(StateError, match="raised StopIteration"):
            list(DataLoader(data, batch_size=3, num_workers=workers))


def test_a_sampler_gives_the_order() -> None:
    loader = DataLoader(Numbers(6), batch_size=2, sampler=[5, 5, 0])
    assert len(loader) == 2
    (first, drawn), (second, _) = loader
    assert (first.tolist(), second.tolist()) == ([5, 5], [0])
    assert drawn[0] != drawn[1]  # a sample that comes twice in an epoch is not cropped alike
    batches = DataLoader(Numbers(6), batch_sampler=[[1], [2, 3]])
    assert [indices.tolist() for indices, _ in batches] == [[1], [2, 3]]
    assert batches.batch_size is None
    named = DataLoader({"a": 1, "b": 2}, batch_size=2, sampler=["b", "a"])
    assert [batch.tolist() for batch in named] == [[2, 1]]
    weighted = WeightedRandomSampler([0, 1, 1], 5)
    assert set(DataLoader(range(3), batch_size=5, sampler=weighted).sampler) <= {1, 2}
    assert len(DataLoader(range(7), 2, shuffle=True, drop_last=True)) == 3
    assert len(DataLoader(range(7), 2, shuffle=True).sampler) == 7


def test_single_samples_are_batches_of_their_own() -> None:
    loader = DataLoader([{"image": np.zeros((2, 3)), "name": "a"}, {"image": np.ones((4, 3)), "name": "b"}], None)
    assert [(sample["image"].shape, sample["name"]) for sample in loader] == [((2, 3), "a"), ((4, 3), "b")]
    assert len(loader) == 2


def test_workers_are_numbered_and_may_not_take_too_long() -> None:
    began: list[int] = []
    list(DataLoader(Numbers(9), num_workers=2, worker_init_fn=began.append))
    assert sorted(began) == list(range(len(began)))
    release = threading.Event()

    class Slow(Numbers):
        def __getitem__(self, index: int) -> Any:
            release.wait(20)
            return super().__getitem__(index)

    with pytest.raises(StateError, match=r"DataLoader timed out after 0\.01 seconds"):
        next(iter(DataLoader(Slow(2), num_workers=1, timeout=0.01)))
    release.set()
    for thread in threading.enumerate():
        if thread.name.startswith("knoll-loader"):
            thread.join()


REFUSED: list[dict[str, Any]] = [
    {"num_workers": -1},
    {"timeout": -1},
    {"prefetch_factor": 2},
    {"num_workers": 1, "prefetch_factor": -1},
    {"persistent_workers": True},
    {"sampler": [0], "shuffle": True},
    {"batch_sampler": [[0]], "batch_size": 2},
    {"batch_sampler": [[0]], "shuffle": True},
    {"batch_size": None, "drop_last": True},
    {"batch_size": 0},
    {"drop_last": 3},
]


@pytest.mark.parametrize("arguments", REFUSED, ids=str)
def test_arguments_that_pytorch_refuses(torch: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r".") as theirs:
        torch.utils.data.DataLoader([1, 2], **arguments)
    with pytest.raises(ArgumentError) as ours:
        DataLoader([1, 2], **arguments)
    assert ours.value.reason == " ".join(str(theirs.value).split())


def test_what_a_loader_was_made_of_stays(torch: Any) -> None:
    for name in ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset"):
        with pytest.raises(ValueError, match=r".") as theirs:
            setattr(torch.utils.data.DataLoader([1]), name, 2)
        with pytest.raises(ArgumentError) as ours:
            setattr(DataLoader([1]), name, 2)
        assert ours.value.reason == str(theirs.value)
    loader = DataLoader(range(4), 2)
    loader.collate_fn = sum
    assert list(loader) == [1, 5]


def test_no_samples_are_no_batches_unless_they_are_to_be_shuffled() -> None:
    assert list(DataLoader([])) == []
    assert len(DataLoader([], 3)) == 0
    with pytest.raises(ValueError, match="num_samples=0"):
        DataLoader([], shuffle=True)
