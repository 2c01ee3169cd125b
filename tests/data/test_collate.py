"""Stacking samples: what comes out, and what is said of samples that do not fit."""

from __future__ import annotations

import types
from collections import OrderedDict, defaultdict, namedtuple
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import knoll
from knoll.data import collate, convert
from knoll.errors import ArgumentTypeError, KnollError, ShapeError
from knoll.tensor import from_numpy


def test_columns_become_tensors_of_their_type() -> None:
    image = from_numpy(np.ones((3, 2, 2), np.float32))
    images, labels, weights, names, rows = collate([(image, 3, 0.5, "ant", np.zeros(2, np.int8))] * 4)
    assert images.numpy().shape == (4, 3, 2, 2)
    assert images.numpy().dtype == np.float32
    assert labels.numpy().dtype == np.int64
    assert weights.numpy().dtype == np.float64
    assert names == ("ant",) * 4
    assert rows.numpy().shape == (4, 2)


def test_mappings_are_stacked_by_key() -> None:
    batch = collate([{"label": 1}, {"label": 2}])
    assert batch["label"].numpy().tolist() == [1, 2]


def test_images_of_two_sizes_are_told_apart_with_the_way_out() -> None:
    small, large = (from_numpy(np.zeros((3, h, 32), np.float32)) for h in (32, 48))
    with pytest.raises(ShapeError) as caught:
        collate([small, small, large])
    assert caught.value.reason == (
        "stack expects each tensor to be equal size, but got [3, 32, 32] at entry 0 and [3, 48, 32] at entry 2"
    )
    assert "Resize((32, 32))" in str(caught.value)


def test_samples_of_two_lengths_are_refused() -> None:
    with pytest.raises(ShapeError, match="each element in list of batch should be of equal size"):
        collate([(1, 2), (1,)])


def test_pictures_are_refused_with_the_transform_to_use() -> None:
    image = pytest.importorskip("PIL.Image").new("RGB", (2, 2))
    with pytest.raises(ArgumentTypeError, match="default_collate: batch must contain tensors, numpy arrays") as caught:
        collate([(image, 0)])
    assert "transform=ToTensor()" in str(caught.value)
    with pytest.raises(ArgumentTypeError, match="found <class 'object'>"):
        collate([object()])


def test_sentences_and_results_are_those_of_pytorch(torch: Any) -> None:
    theirs = torch.utils.data.default_collate([(np.ones(2, np.float32), 3, 1.5), (np.zeros(2, np.float32), 4, 2.5)])
    ours = collate([(np.ones(2, np.float32), 3, 1.5), (np.zeros(2, np.float32), 4, 2.5)])
    for mine, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(mine.numpy(), other.numpy())
        assert mine.numpy().dtype == other.numpy().dtype
    with pytest.raises(RuntimeError) as expected:
        torch.utils.data.default_collate([torch.zeros(3, 4), torch.zeros(3, 5)])
    with pytest.raises(ShapeError) as raised:
        collate([np.zeros((3, 4)), np.zeros((3, 5))])
    assert raised.value.reason == str(expected.value)


Point = namedtuple("Point", "x y")


class Record(dict[str, Any]):
    pass


class Row(list[Any]):
    pass


SAMPLES: dict[str, Callable[[Any], list[Any]]] = {
    "ints": lambda _: [1, 2],
    "truth values": lambda _: [True, False],
    "floats": lambda _: [1.0, 2.0],
    "int, float": lambda _: [1, 2.5],
    "float, int": lambda _: [2.5, 1],
    "truth value, int": lambda _: [True, 3],
    "texts": lambda _: ["a", "b"],
    "bytes": lambda _: [b"a", b"b"],
    "NumPy's numbers": lambda _: [np.float32(1), np.float32(2)],
    "NumPy's ints": lambda _: [np.int8(1), np.int8(2)],
    "NumPy's truth values": lambda _: [np.bool_(1), np.bool_(0)],
    "NumPy's texts": lambda _: [np.str_("a"), np.str_("b")],
    "arrays": lambda _: [np.ones(2), np.zeros(2)],
    "arrays without axes": lambda _: [np.array(1), np.array(2)],
    "arrays of texts": lambda _: [np.array("a"), np.array("b")],
    "arrays of objects": lambda _: [np.array([None])],
    "tensors": lambda w: [w.ones(2), w.ones(2) * 2],
    "tensors of two types": lambda w: [w.ones(2), w.tensor([1, 2])],
    "tensor, int": lambda w: [w.ones(1), 1],
    "array, tensor": lambda w: [np.ones(2, np.float32), w.ones(2)],
    "tuples": lambda w: [(1, w.ones(2)), (2, w.ones(2))],
    "lists": lambda _: [[1, 2.0], [3, 4.0]],
    "named tuples": lambda _: [Point(1, 2.0), Point(3, 4.0)],
    "own lists": lambda _: [Row([1, 2]), Row([3, 4])],
    "ranges": lambda _: [range(2), range(2)],
    "dicts": lambda _: [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
    "own dicts": lambda _: [Record(a=1), Record(a=2)],
    "ordered dicts": lambda _: [OrderedDict(a=1), OrderedDict(a=2)],
    "default dicts": lambda _: [defaultdict(int, a=1), defaultdict(int, a=2)],
    "frozen dicts": lambda _: [types.MappingProxyType({"a": 1})] * 2,
    "nested": lambda w: [{"a": [(1, [w.ones(1)])]}, {"a": [(2, [w.ones(1)])]}],
    "empty tuples": lambda _: [(), ()],
    "ragged": lambda _: [(1, 2), (1,)],
    "ragged tensors": lambda w: [w.ones(2), w.ones(3)],
    "None": lambda _: [None, None],
    "sets": lambda _: [{1}, {2}],
    "a key missing": lambda _: [{"a": 1}, {"b": 1}],
    "a key more": lambda _: [{"a": 1}, {"a": 1, "b": 1}],
    "tuple, int": lambda _: [(1,), 2],
    "complex": lambda _: [1j, 2j],
}


def told(make: Callable[[], Any]) -> Any:
    """A batch with its types, or what was raised."""

    def plain(value: Any) -> Any:
        if hasattr(value, "requires_grad"):
            return str(value.dtype).rsplit(".", maxsplit=1)[-1], value.tolist()
        if isinstance(value, dict):
            return type(value), {key: plain(part) for key, part in value.items()}
        return (type(value), list(map(plain, value))) if isinstance(value, list | tuple) else repr(value)

    try:
        return plain(make())
    except (TypeError, RuntimeError, KeyError) as error:
        return error.reason if isinstance(error, KnollError) else str(error)


@pytest.mark.parametrize("name", SAMPLES)
def test_batches_like_pytorch(torch: Any, name: str) -> None:
    ours, theirs = (SimpleNamespace(ones=library.ones, tensor=library.tensor) for library in (knoll, torch))
    data = torch.utils.data
    assert told(lambda: collate(SAMPLES[name](ours))) == told(lambda: data.default_collate(SAMPLES[name](theirs)))
    assert told(lambda: convert(SAMPLES[name](ours))) == told(lambda: data.default_convert(SAMPLES[name](theirs)))


def test_a_batch_of_results_has_their_gradients() -> None:
    x = knoll.ones(2, requires_grad=True)
    collate([(x * 2, 1), (x * 3, 2)])[0].sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [5, 5]


def test_no_samples_are_no_batch() -> None:
    with pytest.raises(ValueError, match="collate needs at least one sample"):
        collate([])
