"""MNIST and data sets like it: files of the IDX format, packed or not, missing, damaged or of another kind."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from knoll.data import DataLoader
from knoll.errors import DataError
from knoll.tensor import Tensor
from knoll.vision.datasets import MNIST, FakeData, FashionMNIST
from knoll.vision.transforms import ToTensor

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (7, 28, 28), dtype=np.uint8)
LABELS = np.arange(7, dtype=np.uint8)


def idx(array: Any) -> bytes:
    head = bytes((0, 0, 8, array.ndim)) + np.array(array.shape, ">u4").tobytes()
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with seven images in both parts."""
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part in ("train", "t10k"):
        (raw / f"{part}-images-idx3-ubyte").write_bytes(idx(IMAGES))
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(idx(LABELS))
    return tmp_path


@pytest.mark.parametrize("train", [True, False])
def test_images_and_labels_are_those_of_the_files(root: Path, train: bool) -> None:
    data = MNIST(root, train)
    assert len(data) == 7
    assert isinstance(data.data, Tensor)
    np.testing.assert_array_equal(data.data.numpy(), IMAGES)
    image, label = data[3]
    assert isinstance(image, Image.Image)
    np.testing.assert_array_equal(np.asarray(image), IMAGES[3])
    assert label == 3
    assert type(label) is int
    assert data.class_to_idx["3 - three"] == 3


def test_a_loader_takes_whole_batches_and_gets_what_it_gets_one_by_one(root: Path) -> None:
    data = MNIST(root, transform=ToTensor())
    ((images, labels),) = DataLoader(data, batch_size=7)
    for place in range(7):
        image, label = data[place]
        np.testing.assert_array_equal(images[place].numpy(), image.numpy())
        assert int(labels[place]) == label


def test_changed_targets_are_used(root: Path) -> None:
    data = MNIST(root, transform=ToTensor())
    data.targets[:] = 9
    ((_, labels),) = DataLoader(data, batch_size=7)
    assert labels.tolist() == [9] * 7
    assert data[0][1] == 9


def test_packed_files_are_read_where_they_are_whole(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = root / "MNIST" / "raw"
    packed = {}
    for path in list(raw.iterdir()):
        contents = gzip.compress(path.read_bytes())
        (raw / f"{path.name}.gz").write_bytes(contents)
        packed[f"{path.name}.gz"] = len(contents), hashlib.md5(contents, usedforsecurity=False).hexdigest()
        path.unlink()
    with pytest.raises(DataError, match="Dataset not found"):
        MNIST(root)
    monkeypatch.setattr(MNIST, "resources", packed)
    np.testing.assert_array_equal(MNIST(root).data.numpy(), IMAGES)


@pytest.mark.parametrize(("name", "contents", "said"), [
    ("train-images-idx3-ubyte", b"", "not a file of images in the IDX format"),
    ("train-images-idx3-ubyte", idx(IMAGES)[:-1], "not a file of images in the IDX format"),
    ("train-images-idx3-ubyte", idx(LABELS), "not a file of images in the IDX format"),
    ("train-labels-idx1-ubyte", idx(LABELS) + b"x", "not a file of labels in the IDX format"),
    ("train-labels-idx1-ubyte", idx(LABELS[:3]), "(?s)not a file of labels.*expected: 7.*3"),
])  # fmt: skip
def test_damaged_files_are_told(root: Path, name: str, contents: bytes, said: str) -> None:
    (root / "MNIST" / "raw" / name).write_bytes(contents)
    with pytest.raises(DataError, match=said):
        MNIST(root)


def test_missing_files_are_told_with_the_way_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"(?s)Dataset not found\. .*FashionMNIST.*download=True.*train-images"):
        FashionMNIST(tmp_path)


def test_fake_data_are_always_the_same() -> None:
    data = FakeData(6, (3, 5, 4), 4, transform=ToTensor())
    assert data[2][0].shape == (3, 5, 4)
    np.testing.assert_array_equal(data[2][0].numpy(), FakeData(6, (3, 5, 4), 4, transform=ToTensor())[2][0].numpy())
    assert not np.array_equal(data[2][0].numpy(), FakeData(6, (3, 5, 4), 4, ToTensor(), None, 1)[2][0].numpy())
    assert set(FakeData(200, (1, 2, 2), 4).targets) == {0, 1, 2, 3}


@pytest.mark.parametrize(("older", "name"), [
    ("train_data", "data"), ("test_data", "data"), ("train_labels", "targets"), ("test_labels", "targets"),
])  # fmt: skip
def test_older_names_give_the_same_with_a_warning(root: Path, older: str, name: str) -> None:
    data = MNIST(root)
    with pytest.warns(UserWarning, match=f"{older} has been renamed {name}") as told:
        assert getattr(data, older) is getattr(data, name)
    assert told[0].filename == __file__
