"""Stacking samples: what comes out, and what is said of samples that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.data import collate
from knoll.errors import ArgumentTypeError, ShapeError
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


def test_sentences_and_results_are_those_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
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
