"""Safetensors files: whole or not there, and what damaged ones are answered."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from knoll.errors import ArgumentTypeError, DataError, FileError
from knoll.interop import safetensors_file
from knoll.interop.safetensors_file import load, save

ARRAYS = st.dictionaries(
    st.text(min_size=1, max_size=9).filter(lambda name: name != "__metadata__"),
    arrays.arrays(
        st.sampled_from(["f4", "f8", "f2", "i8", "i4", "u1", "?"]),
        arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    ),
    max_size=4,
)


@settings(deadline=None)
@given(ARRAYS, st.dictionaries(st.text(), st.text(), max_size=3))
def test_what_is_saved_comes_back(tmp_path_factory: pytest.TempPathFactory, named: Any, metadata: Any) -> None:
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    save(path, named, metadata)
    read, texts = load(path)
    assert texts == metadata
    assert read.keys() == named.keys()
    for name, array in named.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == array.dtype


def test_arrays_in_any_order_and_byte_order_come_back(tmp_path: Path) -> None:
    rows = np.arange(12, dtype=np.float32).reshape(3, 4)
    save(tmp_path / "w", {"turned": rows.T, "part": rows[::2, 1:], "big": rows.astype(">f4")})
    read, texts = load(tmp_path / "w")
    np.testing.assert_array_equal(read["turned"], rows.T)
    np.testing.assert_array_equal(read["part"], rows[::2, 1:])
    np.testing.assert_array_equal(read["big"], rows)
    assert texts == {}
    read["turned"][0, 0] = 5  # what is read can be changed


def test_the_library_of_the_format_reads_it(tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.torch", exc_type=ImportError)
    save(tmp_path / "w", {"x": np.arange(3.0)})
    assert library.load_file(tmp_path / "w")["x"].tolist() == [0, 1, 2]


def test_bfloat16_is_read_as_float32(torch: Any, tmp_path: Path) -> None:
    library = pytest.importorskip("safetensors.torch", exc_type=ImportError)
    numbers = torch.tensor([1.5, -2.0, 3e38], dtype=torch.bfloat16)
    library.save_file({"x": numbers, "y": torch.ones(2)}, tmp_path / "w")
    read, _ = load(tmp_path / "w")
    assert read["x"].dtype == np.float32
    np.testing.assert_array_equal(read["x"], numbers.float().numpy())
    assert read["y"].tolist() == [1, 1]


@pytest.mark.parametrize("value", [np.array(["text"]), np.array([None], object), [1, 2], np.array([1j])])
def test_what_is_no_number_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(ArgumentTypeError, match="'x' is not an array of numbers"):
        save(tmp_path / "w", {"x": value})
    with pytest.raises(ArgumentTypeError, match="Metadata are texts"):
        save(tmp_path / "w", {}, {"epoch": 3})
    assert os.listdir(tmp_path) == []


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.safetensors"
    save(path, {"x": np.zeros(3)})

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"w\.safetensors cannot be written: No space left on device"):
        save(path, {"x": np.ones(3)})
    assert os.listdir(tmp_path) == ["w.safetensors"]
    assert load(path)[0]["x"].tolist() == [0, 0, 0]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written: there is no folder"):
        save(tmp_path / "no" / "w", {"x": np.zeros(1)})


def test_other_errors_leave_nothing_behind_either(tmp_path: Path) -> None:
    from knoll.atomic import replacing

    def interrupted() -> None:
        with replacing(tmp_path / "w") as file:
            file.write(b"half")
            raise KeyboardInterrupt("pressed")

    with pytest.raises(KeyboardInterrupt, match="pressed"):
        interrupted()
    assert os.listdir(tmp_path) == []


def test_permissions_are_those_of_any_new_file_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "w"
    (tmp_path / "plain").write_text("")
    save(path, {})
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    path.chmod(0o640)
    save(path, {})
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("damage", [lambda d: d[:-1], lambda d: d[:20], lambda d: d[:0], lambda d: d[::-1]])
def test_damaged_files_are_told(tmp_path: Path, damage: Any) -> None:
    path = tmp_path / "w"
    safetensors_file.save(path, {"x": np.arange(9.0)})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataError, match="is not a complete safetensors file") as caught:
        load(path)
    assert "download the file again" in str(caught.value)


def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file or directory"):
        load(tmp_path / "missing")
    with pytest.raises(FileError, match="Is a directory"):
        load(tmp_path)
