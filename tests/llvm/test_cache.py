"""The cache of object code: private, whole or absent, never trusted blindly, never in the way, bounded."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from knoll.kernels.copy import Copy, Nest
from knoll.llvm import cache
from knoll.llvm.compile import object_code
from knoll.machine import host
from knoll.run import native

NAME = "ab" * 32
has_owners = pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")
KERNEL = Copy(host(), "float32", (Nest(((4, 1, 1), (3, 7, 5))),), (0, 0), "test_of_the_cache")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of this test's own."""
    yield from _folder(tmp_path / "cache", monkeypatch)


def _folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KNOLL_CACHE", str(path))
    cache.folder.cache_clear()
    yield path
    cache.folder.cache_clear()


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kernels that were compiled; nothing is loaded into this process."""
    texts: list[str] = []

    def counted(text: str, machine: Any) -> bytes:
        texts.append(text)
        return object_code(text, machine)

    monkeypatch.setattr(native, "object_code", counted)
    monkeypatch.setattr(native, "load", lambda code, *_: (len(code),))
    return texts


def entry(base: Path) -> Path:
    (path,) = base.glob("*.o")
    return path


def test_what_is_written_is_read(base: Path) -> None:
    assert cache.read(NAME) is None
    cache.write(NAME, b"code")
    assert cache.read(NAME) == b"code"
    cache.write(NAME, b"other")
    assert cache.read(NAME) == b"other"
    assert os.listdir(base) == [f"{NAME}.o"]
    assert base.stat().st_mode & 0o777 == 0o700


def test_a_kernel_is_compiled_once(base: Path, compiled: list[str]) -> None:
    first, second = native._loaded(KERNEL), native._loaded(KERNEL)
    assert first == second > 0
    assert len(compiled) == 1
    assert entry(base).stem == cache.key(KERNEL.specification)


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty"])
def test_a_damaged_entry_is_thrown_away_and_compiled_again(base: Path, compiled: list[str], damage: str) -> None:
    native._loaded(KERNEL)
    path = entry(base)
    whole = path.read_bytes()
    flipped = whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]
    path.write_bytes({"flipped": flipped, "cut": whole[:-1], "empty": b""}[damage])
    assert cache.read(path.stem) is None
    assert not path.exists()
    native._loaded(KERNEL)
    assert len(compiled) == 2
    assert path.read_bytes() == whole


def test_keys_tell_kernels_and_generators_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    key = cache.key(KERNEL.specification)
    assert key == cache.key(KERNEL.specification)
    assert key != cache.key(KERNEL.specification + " ")
    assert len(cache.generators()) == 32
    monkeypatch.setattr(cache, "generators", lambda: b"other generators")
    assert key != cache.key(KERNEL.specification)


@pytest.mark.parametrize("word", ["off", "OFF", "0", "no"])
def test_it_can_be_turned_off(word: str, monkeypatch: pytest.MonkeyPatch, compiled: list[str], tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in _folder(Path(word), monkeypatch):
        assert cache.folder() is None
        native._loaded(KERNEL)
        native._loaded(KERNEL)
    assert len(compiled) == 2
    assert list(tmp_path.iterdir()) == []


def test_the_users_cache_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("KNOLL_CACHE", raising=False)
    cache.folder.cache_clear()
    assert cache.folder() == tmp_path / "knoll"
    cache.folder.cache_clear()


def test_a_folder_that_cannot_be_made_is_harmless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: list[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    for _ in _folder(tmp_path / "file" / "cache", monkeypatch):
        assert cache.folder() is None
        assert native._loaded(KERNEL) > 0
    assert len(compiled) == 1


@pytest.mark.parametrize("step", ["tempfile.mkstemp", "os.replace"])
def test_a_full_disk_is_harmless(base: Path, monkeypatch: pytest.MonkeyPatch, compiled: list[str], step: str) -> None:
    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(step, full)
    assert native._loaded(KERNEL) > 0
    assert list(base.iterdir()) == []


@has_owners
def test_the_folder_of_another_user_is_not_trusted(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.write(NAME, b"code")
    cache.folder.cache_clear()
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    assert cache.folder() is None
    assert cache.read(NAME) is None


@has_owners
def test_a_folder_that_all_may_write_is_not_trusted(base: Path) -> None:
    cache.write(NAME, b"code")
    base.chmod(0o777)
    cache.folder.cache_clear()
    assert cache.read(NAME) is None


def test_readers_see_an_entry_whole_or_not_at_all(base: Path) -> None:
    versions = [bytes([version]) * 200_000 for version in range(4)]
    done = threading.Event()
    seen: set[bytes | None] = set()

    def read() -> None:
        while not done.is_set():
            seen.add(cache.read(NAME))

    reader = threading.Thread(target=read)
    reader.start()
    for code in versions * 10:
        cache.write(NAME, code)
    done.set()
    reader.join()
    seen.add(cache.read(NAME))
    assert versions[-1] in seen
    assert seen <= {None, *versions}
    assert [path.suffix for path in base.iterdir()] == [".o"]


def test_the_folder_does_not_grow_without_end(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "LIMIT", 4 * cache.PAGE + 100)  # a small file takes a page
    names = [*(f"ff{number:062x}" for number in range(7)), "00" * 32]  # a name that begins with 00 looks after the size
    for age, name in enumerate(names[:-1]):
        cache.write(name, bytes(1000))
        hour = time.time() - 3600 * (10 - age)
        os.utime(base / f"{name}.o", (hour, hour))
    assert cache.read(names[0]) is not None  # used now, so no longer the oldest
    cache.write(names[-1], bytes(1000))
    left = {path.stem for path in base.iterdir()}
    assert left == {names[0], *names[5:]}


def test_what_a_killed_write_left_is_cleared_away(base: Path) -> None:
    cache.write(NAME, b"code")
    old, young = base / "old.part", base / "young.part"
    for path in (old, young):
        path.write_bytes(b"half")
    day = time.time() - 24 * 3600
    os.utime(old, (day, day))
    cache.write("00" * 32, b"code")
    assert not old.exists()
    assert young.exists()
