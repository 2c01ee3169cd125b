"""CIFAR-10 from tiny archives made here in torchvision's layout, and what damaged ones are answered."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import struct
import tarfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from knoll.data import DataLoader
from knoll.errors import DataError, FileError, UnsafeFileError
from knoll.vision.datasets import CIFAR10
from knoll.vision.datasets.download import Download
from knoll.vision.transforms import Compose, Normalize, ToTensor

CLASSES = ["airplane", "automobile", "bird"]
RNG = np.random.default_rng(0)
PIXELS = {name: RNG.integers(0, 256, (4, 3072), dtype=np.uint8) for name in [*CIFAR10.train_files, *CIFAR10.test_files]}


def batch(name: str, **changes: Any) -> bytes:
    """A file with the entries of CIFAR-10's."""
    return pickle.dumps({"batch_label": name, "labels": [2, 0, 1, 2], "data": PIXELS[name], **changes}, protocol=2)


def python_2_batch(rows: np.ndarray[Any, Any]) -> bytes:
    """A file as the real ones are: written by Python 2, whose strings are bytes, opcode by opcode."""
    shape = b"K" + bytes([len(rows)]) + b"M" + struct.pack("<H", rows.shape[1]) + b"\x86"
    array = b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R(K\x01" + shape
    dtype = b"cnumpy\ndtype\nU\x02u1K\x00K\x01\x87R(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    data = b"\x89T" + struct.pack("<I", rows.nbytes) + rows.tobytes() + b"tb"
    return b"\x80\x02}(U\x06labels](K\x00K\x02K\x01K\x02eU\x04data" + array + dtype + data + b"u."


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def tiny(contents: dict[str, bytes], whole: bytes = b"", *mirrors: str) -> type[CIFAR10]:
    """CIFAR10 for these files instead of the real ones."""

    class Tiny(CIFAR10):
        train_files: ClassVar = {name: md5(contents[name]) for name in CIFAR10.train_files}
        test_files: ClassVar = {name: md5(contents[name]) for name in CIFAR10.test_files}
        meta_file: ClassVar = {"batches.meta": md5(contents["batches.meta"])}
        archive = Download("cifar-10-python.tar.gz", md5(whole), len(whole), mirrors or ("http://127.0.0.1:9/",))

    return Tiny


def packed(contents: dict[str, bytes], extra: dict[str, bytes] | None = None) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        named = {f"cifar-10-batches-py/{name}": data for name, data in contents.items()}
        for name, data in {**(extra or {}), **named}.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


@pytest.fixture
def contents() -> dict[str, bytes]:
    files = {name: batch(name) for name in PIXELS}
    return {**files, "batches.meta": pickle.dumps({"label_names": CLASSES}, protocol=2)}


@pytest.fixture
def unpacked(contents: dict[str, bytes], tmp_path: Path) -> Path:
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return tmp_path


def test_the_files_are_read_as_torchvision_lays_them_out(contents: dict[str, bytes], unpacked: Path) -> None:
    train, test = (tiny(contents)(unpacked, train=train) for train in (True, False))
    assert (len(train), len(test)) == (20, 4)
    assert test.classes == CLASSES
    assert test.targets == [2, 0, 1, 2]
    image, label = train[4]
    np.testing.assert_array_equal(np.asarray(image).transpose(2, 0, 1).reshape(-1), PIXELS["data_batch_2"][0])
    assert label == 2
    np.testing.assert_array_equal(train.images[19].reshape(-1), PIXELS["data_batch_5"][3])
    assert train.data.shape == (20, 32, 32, 3)
    assert repr(test) == f"Dataset Tiny\n    Number of datapoints: 4\n    Root location: {unpacked}\n    Split: Test"


def test_the_pickles_of_python_2_are_read(contents: dict[str, bytes], unpacked: Path) -> None:
    contents["test_batch"] = python_2_batch(PIXELS["test_batch"])
    theirs = pickle.loads(contents["test_batch"], encoding="latin1")
    (unpacked / "cifar-10-batches-py" / "test_batch").write_bytes(contents["test_batch"])
    test = tiny(contents)(unpacked, train=False)
    np.testing.assert_array_equal(test.images.reshape(4, -1), theirs["data"])
    assert test.targets == theirs["labels"] == [0, 2, 1, 2]


def test_the_checksums_are_those_of_torchvision() -> None:
    assert CIFAR10.archive.md5 == "c58f30108f718f92721af3b95e74349a"
    assert CIFAR10.archive.size == 170498071
    assert all(url.startswith("https://") for url in CIFAR10.archive.mirrors)
    assert len(CIFAR10.archive.mirrors) > 1


def test_missing_files_are_told_with_what_to_put_where(contents: dict[str, bytes], tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        CIFAR10(tmp_path / "nothing")
    assert caught.value.reason == "Dataset not found or corrupted. You can use download=True to download it"
    assert str(tmp_path / "nothing" / "cifar-10-python.tar.gz") in str(caught.value)


def test_a_damaged_file_is_named(contents: dict[str, bytes], unpacked: Path) -> None:
    path = unpacked / "cifar-10-batches-py" / "data_batch_3"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError) as caught:
        tiny(contents)(unpacked)
    assert caught.value.where == str(path)
    assert len(tiny(contents)(unpacked, train=False)) == 4


def test_an_archive_put_there_by_hand_is_unpacked(contents: dict[str, bytes], tmp_path: Path) -> None:
    archive = packed(contents)
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(archive)
    assert len(tiny(contents, archive)(tmp_path)) == 20
    assert sorted(os.listdir(tmp_path)) == ["cifar-10-batches-py", "cifar-10-python.tar.gz"]


def test_an_archive_cannot_write_elsewhere(contents: dict[str, bytes], tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    archive = packed(contents, {"../escaped": b"x", str(tmp_path / "absolute"): b"x", "../data_batch_1": b"y"})
    (root / "cifar-10-python.tar.gz").write_bytes(archive)
    tiny(contents, archive)(root)
    assert os.listdir(tmp_path) == ["root"]
    assert sorted(os.listdir(root / "cifar-10-batches-py")) == sorted(contents)


def test_an_archive_that_is_none_is_told_and_leaves_nothing(contents: dict[str, bytes], tmp_path: Path) -> None:
    archive = b"no archive at all"
    (tmp_path / "cifar-10-python.tar.gz").write_bytes(archive)
    with pytest.raises(DataError, match=r"archive .* is damaged"):
        tiny(contents, archive)(tmp_path)
    assert os.listdir(tmp_path) == ["cifar-10-python.tar.gz"]


def test_without_a_network_every_mirror_is_told(contents: dict[str, bytes], tmp_path: Path) -> None:
    archive = packed(contents)
    with pytest.raises(FileError, match="could not be downloaded from any mirror") as caught:
        tiny(contents, archive, "http://127.0.0.1:9/cifar-10-python.tar.gz")(tmp_path, download=True, progress=print)
    assert f"put it at {tmp_path / 'cifar-10-python.tar.gz'} ({len(archive)} bytes" in str(caught.value)


def test_a_batch_that_runs_code_is_refused(contents: dict[str, bytes], unpacked: Path) -> None:
    marker = unpacked / "ran"

    class Evil:
        def __reduce__(self) -> Any:
            return os.system, (f"touch {marker}",)

    contents["test_batch"] = batch("test_batch", data=Evil())
    (unpacked / "cifar-10-batches-py" / "test_batch").write_bytes(contents["test_batch"])
    with pytest.raises(UnsafeFileError, match="system"):
        tiny(contents)(unpacked, train=False)
    assert not marker.exists()


@pytest.mark.parametrize("changes", [{"data": np.zeros((4, 100), np.uint8)}, {"data": 3}, {"labels": [1]}])
def test_a_batch_of_other_things_is_refused(
    contents: dict[str, bytes], unpacked: Path, changes: dict[str, Any]
) -> None:
    contents["test_batch"] = batch("test_batch", **changes)
    (unpacked / "cifar-10-batches-py" / "test_batch").write_bytes(contents["test_batch"])
    with pytest.raises(DataError, match="test_batch holds no CIFAR-10 images"):
        tiny(contents)(unpacked, train=False)


def test_batches_are_fetched_whole_and_not_image_by_image(monkeypatch: pytest.MonkeyPatch) -> None:
    many = CIFAR10.__new__(CIFAR10)
    images = np.random.default_rng(0).integers(0, 256, (100, 3, 32, 32), dtype=np.uint8)
    steps = Compose([ToTensor(), Normalize([0.5] * 3, [0.25] * 3)])
    super(CIFAR10, many).__init__(images, np.zeros(100, np.int64), steps, None)

    def one_by_one(*_: object) -> None:
        raise AssertionError("an image was fetched alone")

    monkeypatch.setattr("knoll.data.fetch.Fetcher._sample", one_by_one)
    assert [len(labels) for _, labels in DataLoader(many, batch_size=64, shuffle=True)] == [64, 36]
