"""Files that are replaced in one step, and those that must not be replaced."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

import knoll
from knoll.atomic import replacing
from knoll.errors import FileError


def written(path: Path, data: bytes = b"new") -> None:
    with replacing(path) as file:
        file.write(data)


def test_devices_stay_what_they_are() -> None:
    before = os.stat(os.devnull)
    knoll.save({"x": knoll.ones(2)}, os.devnull)
    after = os.stat(os.devnull)
    assert (after.st_mode, after.st_rdev, after.st_ino) == (before.st_mode, before.st_rdev, before.st_ino)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with a name here")
def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    written(path)
    reader.join()
    assert read == [b"new"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    link, target = tmp_path / "latest", tmp_path / "data" / "weights"
    link.symlink_to(Path("data") / "weights")
    for data in (b"first", b"second"):  # at first the link points to nothing
        written(link, data)
        assert link.is_symlink()
        assert target.read_bytes() == data
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["data", "latest", "weights"]


def test_the_longest_names_can_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    written(path, b"first")
    written(path, b"second")
    assert path.read_bytes() == b"second"
    assert os.listdir(tmp_path) == [path.name]


def test_a_file_is_never_open_to_others_before_it_has_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with replacing(path) as file:
        (part,) = tmp_path.glob(".*.part")
        assert stat.S_IMODE(part.stat().st_mode) == 0o600
        file.write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["", "folder", "a\0b", "no/such/folder"])
def test_what_cannot_be_written_is_told(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileError, match="cannot be written"):
        knoll.save({"x": knoll.ones(2)}, f"{tmp_path}/{name}")
    assert os.listdir(tmp_path) == ["folder"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"there is no folder .*none") as told:
        written(tmp_path / "none" / "weights")
    assert isinstance(told.value, FileNotFoundError)
