"""Data sets that are streams, data sets side by side, and what a worker is told, as in PyTorch."""

from __future__ import annotations

import gc
import itertools
import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.data import (
    ChainDataset,
    ConcatDataset,
    DataLoader,
    IterableDataset,
    StackDataset,
    TensorDataset,
    default_collate,
    default_convert,
    draws,
    get_worker_info,
)


def numbers(base: Any) -> Any:
    """The class of a stream of numbers, over the class of one library."""

    class Numbers(base):
        def __init__(self, count: int, start: int = 0) -> None:
            self.start, self.stop = start, start + count

        def __iter__(self) -> Iterator[int]:
            return iter(range(self.start, self.stop))

    return Numbers


Numbers = numbers(IterableDataset)


class Counted(Numbers):
    """A stream that says three samples."""

    def __len__(self) -> int:
        return 3


class Split(Numbers):
    """Each worker has its own part."""

    def __iter__(self) -> Iterator[int]:
        info = get_worker_info()
        step, first = (1, 0) if info is None else (info.num_workers, info.id)
        return iter(range(self.start + first, self.stop, step))


def plain(batches: Any) -> Any:
    return [batch.tolist() if hasattr(batch, "tolist") else batch for batch in batches]


OPTIONS = [
    {"batch_size": size, "drop_last": last, "num_workers": workers}
    for size, last, workers in itertools.product((1, 2, 5, 7, None), (False, True), (0, 1, 2, 3))
    if size is not None or not last
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_batches_are_those_of_many_workers_in_turn(options: dict[str, Any]) -> None:
    """As PyTorch's: every worker has a whole copy, and gives a batch when it is its turn."""
    size, workers = options["batch_size"], max(options["num_workers"], 1)
    for count in (0, 1, 5):
        one = [list(range(i, min(i + (size or 1), count))) for i in range(0, count, size or 1)]
        one = [batch for batch in one if len(batch) == size or not options["drop_last"]]
        expected = [batch if size else batch[0] for batch in one for _ in range(workers)]
        loader = DataLoader(Numbers(count), **options)
        assert plain(loader) == expected
        assert plain(loader) == expected


@pytest.mark.parametrize("options", [OPTIONS[0], {"batch_size": 2}, {"batch_size": 2, "drop_last": True}], ids=str)
def test_as_pytorch(torch: Any, options: dict[str, Any]) -> None:
    data = torch.utils.data
    theirs = list(data.DataLoader(numbers(data.IterableDataset)(5), **options))
    assert plain(DataLoader(Numbers(5), **options)) == [batch.tolist() for batch in theirs]
    assert [str(batch.dtype) for batch in DataLoader(Numbers(5), **options)] == ["int64"] * len(theirs)


@pytest.mark.parametrize("workers", [0, 1, 2, 3, 7])
def test_parts_of_workers(workers: int) -> None:
    found = [n for batch in DataLoader(Split(20), batch_size=3, num_workers=workers) for n in batch.tolist()]
    assert sorted(found) == list(range(20))


def test_worker_init_fn_may_change_the_copy_of_its_worker() -> None:
    """The second way of PyTorch's documentation to part the work."""

    def part(worker: int) -> None:
        info = get_worker_info()
        assert info is not None
        assert info.id == worker
        info.dataset.start = worker * 3
        info.dataset.stop = worker * 3 + 3

    data = Numbers(6)
    assert plain(DataLoader(data, batch_size=None, num_workers=2, worker_init_fn=part)) == [0, 3, 1, 4, 2, 5]
    assert data.stop == 6


def test_what_a_worker_is_told() -> None:
    class Told(IterableDataset[Any]):
        def __iter__(self) -> Iterator[Any]:
            info = get_worker_info()
            assert info is not None
            yield info.id, info.num_workers, info.seed, info.dataset is self

    loader = DataLoader(Told(), batch_size=None, num_workers=2, seed=5)
    assert list(loader) == [[0, 2, 5, True], [1, 2, 6, True]]
    assert get_worker_info() is None
    seen: list[Any] = []

    class Placed:
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> int:
            seen.append(get_worker_info())
            return index

    data = Placed()
    list(DataLoader(data, num_workers=2))
    assert {info.num_workers for info in seen} == {2}
    assert {info.id for info in seen} <= {0, 1}
    assert all(info.dataset is data for info in seen)
    with pytest.raises(AttributeError, match="cannot assign to field 'id'"):
        seen[0].id = 3
    seen.clear()
    list(DataLoader(data))
    assert seen == [None] * 4


def test_lengths_are_asked_of_the_data_set() -> None:
    assert len(DataLoader(Counted(5), batch_size=2)) == 2
    assert len(DataLoader(Counted(5), batch_size=2, drop_last=True)) == 1
    assert len(DataLoader(Counted(5), batch_size=None)) == 3
    for length in (
        lambda: len(DataLoader(Numbers(3))),
        lambda: len(Numbers(3)),
        lambda: len(ChainDataset([Numbers(2)])),
    ):
        with pytest.raises(TypeError, match=r"object of type 'Numbers' has no len\(\)"):
            length()
    assert list(Numbers(3)) == [0, 1, 2]
    assert Numbers(0)


@pytest.mark.parametrize("workers", [0, 2])
def test_more_samples_than_were_said_are_warned_of(torch: Any, workers: int) -> None:
    loader = DataLoader(Counted(2 if workers else 4), batch_size=1, num_workers=workers)
    list(loader)  # nobody asked
    len(loader)
    with pytest.warns(
        UserWarning, match=r"was reported to be 3\(when accessing len\(dataloader\)\), but 4 samples"
    ) as told:
        assert len(list(loader)) == 4
    assert len(told) == 1
    assert str(told[0].message).endswith("for examples." if workers else "have been fetched. ")


def test_chains() -> None:
    assert plain(DataLoader(Numbers(2) + Numbers(3, start=5), batch_size=2)) == [[0, 1], [5, 6], [7]]
    assert len(Counted(1) + Counted(2)) == 6
    for use in (list, len):
        with pytest.raises(TypeError, match="ChainDataset only supports IterableDataset"):
            use(ChainDataset([[1, 2]]))
    with pytest.raises(TypeError, match="'int' object is not iterable"):
        ChainDataset(3)
    with pytest.raises(TypeError, match="ConcatDataset does not support IterableDataset"):
        ConcatDataset([Numbers(2)])
    with pytest.raises(NotImplementedError, match="Subclasses of Dataset should implement __getitem__"):
        Numbers(2)[0]
    with pytest.raises(TypeError, match="abstract"):
        IterableDataset()


@pytest.mark.parametrize(("name", "value"), [("shuffle", True), ("sampler", [1]), ("batch_sampler", [[1]])])
def test_what_would_order_a_stream_is_refused(torch: Any, name: str, value: Any) -> None:
    data = torch.utils.data
    with pytest.raises(ValueError, match="IterableDataset") as theirs:
        data.DataLoader(numbers(data.IterableDataset)(3), **{name: value})
    with pytest.raises(ValueError, match="IterableDataset") as ours:
        DataLoader(Numbers(3), **{name: value})
    assert str(ours.value) == str(theirs.value)
    assert plain(DataLoader(Numbers(2), shuffle=False)) == [[0], [1]]


@pytest.mark.parametrize("workers", [0, 1, 2])
def test_an_error_comes_when_it_is_its_turn_and_ends_that_stream(workers: int) -> None:
    class Bad(IterableDataset[int]):
        def __iter__(self) -> Iterator[int]:
            yield 1
            raise ValueError("on purpose")

    batches = iter(DataLoader(Bad(), batch_size=1, num_workers=workers))
    for _ in range(max(workers, 1)):
        assert next(batches).tolist() == [1]
    for _ in range(max(workers, 1)):
        with pytest.raises(ValueError, match="on purpose"):
            next(batches)
    assert next(batches, None) is None


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_random_numbers_belong_to_samples(workers: int) -> None:
    class Noisy(IterableDataset[float]):
        def __iter__(self) -> Iterator[float]:
            for _ in range(6):
                yield float(draws().uniform()[0])

    loader = DataLoader(Noisy(), batch_size=2, num_workers=workers, seed=3)
    first, second = plain(loader), plain(loader)
    assert len(set(map(tuple, first + second))) == 6 * max(workers, 1)  # no number twice
    assert plain(DataLoader(Noisy(), batch_size=2, num_workers=workers, seed=3)) == first


def test_a_loader_goes_on_where_another_stood() -> None:
    loader = DataLoader(Numbers(7), batch_size=2)
    batches = iter(loader)
    next(batches), next(batches)
    other = DataLoader(Numbers(7), batch_size=2)
    other.load_state_dict(loader.state_dict())
    assert plain(other) == [[4, 5], [6]]
    assert plain(other) == [[0, 1], [2, 3], [4, 5], [6]]


def test_threads_end_with_the_loop() -> None:
    def workers() -> int:
        return sum(thread.name.startswith("knoll-loader") for thread in threading.enumerate())

    before = workers()
    batches = iter(DataLoader(Numbers(1000), batch_size=1, num_workers=3))
    next(batches)
    assert workers() > before
    del batches
    gc.collect()
    assert workers() == before
    list(DataLoader(Numbers(10), num_workers=2))
    assert workers() == before


def test_a_slow_stream_times_out() -> None:
    class Slow(IterableDataset[int]):
        def __iter__(self) -> Iterator[int]:
            time.sleep(1)
            yield 1

    with pytest.raises(RuntimeError, match=r"timed out after 0\.05 seconds"):
        list(DataLoader(Slow(), num_workers=1, timeout=0.05))


def test_data_sets_side_by_side(torch: Any) -> None:
    for library, data in ((knoll, knoll.utils.data), (torch, torch.utils.data)):
        tensors = data.TensorDataset(library.arange(3))
        both, named = data.StackDataset("abc", [1, 2, 3]), data.StackDataset(letter="abc", tensor=tensors)
        assert (len(both), both[1], both[-1], both.__getitems__([0, 2])) == (
            3,
            ("b", 2),
            ("c", 3),
            [("a", 1), ("c", 3)],
        )
        assert named[0]["letter"] == "a"
        assert [list(batch) for batch in data.DataLoader(both, batch_size=2)][1][0] in (["c"], ("c",))
        batch = next(iter(data.DataLoader(named, batch_size=2)))
        assert batch["tensor"][0].tolist() == [0, 1]
        for make, words in (
            (lambda: data.StackDataset(), "At least one dataset should be passed"),  # noqa: B023 (called in the loop)
            (lambda: data.StackDataset([1, 2], [3]), "Size mismatch between datasets"),  # noqa: B023 (called in the loop)
            (lambda: data.StackDataset([1], a=[2]), "but both types are given"),  # noqa: B023 (called in the loop)
        ):
            with pytest.raises(ValueError, match=words):
                make()
        with pytest.raises(TypeError, match=r"has no len\(\)"):
            data.StackDataset(iter([1]))
    assert isinstance(StackDataset(TensorDataset(knoll.ones(2))), StackDataset)


def test_a_data_set_that_gives_too_few() -> None:
    class Few:
        def __len__(self) -> int:
            return 2

        def __getitems__(self, indices: list[int]) -> list[int]:
            return [1]

    with pytest.raises(RuntimeError, match=r"Nested dataset's output size mismatch\. Expected 2, got 1"):
        StackDataset(Few()).__getitems__([0, 1])


def test_default_functions_have_their_names() -> None:
    assert default_collate([1, 2]).tolist() == [1, 2]
    assert default_convert(np.ones(2)).tolist() == [1, 1]
    assert default_collate is knoll.utils.data.default_collate
