"""The cache of object code: private, whole or absent, never trusted blindly, never in the way, bounded."""

from __future__ import annotations

import ast
import errno
import os
import random
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import knoll
from knoll.kernels.layout.copy import Copy, Nest
from knoll.llvm import disk_cache, private_folder
from knoll.llvm.compile import object_code
from knoll.machine import host
from knoll.run import code_cache

NAME = "ab" * 32
has_owners = pytest.mark.skipif(not hasattr(os, "getuid"), reason="files have no owners here")
KERNEL = Copy(host(), "float32", (Nest(((4, 1, 1), (3, 7, 5))),), (0, 0), "test_of_the_cache")
OTHER = Copy(host(), "float32", (Nest(((4, 1, 1), (6, 1, 1))),), (0, 0), "test_of_the_cache")


@pytest.fixture
def base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder of this test's own."""
    yield from _folder(tmp_path / "cache", monkeypatch)


def _folder(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("KNOLL_CACHE", str(path))
    asked_anew()
    yield path
    asked_anew()


def asked_anew() -> None:
    """As a new process: it looks for the folder again."""
    disk_cache.location.cache_clear()
    disk_cache._opened.cache_clear()


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kernels that were compiled; nothing is loaded into this process."""
    texts: list[str] = []

    def counted(text: str, machine: Any) -> bytes:
        texts.append(text)
        return object_code(text, machine)

    monkeypatch.setattr(code_cache, "object_code", counted)
    monkeypatch.setattr(code_cache, "load", lambda code, *_: len(code))
    return texts


def stored_or_compiled(kernel: Copy) -> Any:
    return code_cache._stored(kernel) or code_cache._compiled(kernel)


def entry(base: Path) -> Path:
    (path,) = base.glob("*.o")
    return path


def test_what_is_written_is_read(base: Path) -> None:
    assert disk_cache.read(NAME) is None
    disk_cache.write(NAME, b"code")
    assert disk_cache.read(NAME) == b"code"
    disk_cache.write(NAME, b"other")
    assert disk_cache.read(NAME) == b"other"
    assert os.listdir(base) == [f"{NAME}.o"]
    assert base.stat().st_mode & 0o777 == 0o700


def test_a_kernel_is_compiled_once(base: Path, compiled: list[str]) -> None:
    first, second = stored_or_compiled(KERNEL), stored_or_compiled(KERNEL)
    assert first == second
    assert len(compiled) == 1
    assert entry(base).stem == disk_cache.key(KERNEL.specification, (KERNEL.name,))


def flipped(data: bytes, draw: random.Random) -> bytes:
    place, bit = draw.randrange(len(data)), 1 << draw.randrange(8)
    return data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :]


def sealed(code: bytes) -> bytes:
    """An entry of any code whose digest is right."""
    return disk_cache._seal(NAME, code) + code


def another_kernel(data: bytes, draw: random.Random) -> bytes:
    return disk_cache._seal(f"{draw.getrandbits(256):064x}", data[32:]) + data[32:]


DAMAGES: dict[str, Callable[[bytes, random.Random], bytes]] = {
    "a bit is flipped": flipped,
    "cut": lambda data, draw: data[: draw.randrange(len(data))],
    "another kernel's": another_kernel,
    "noise": lambda data, draw: draw.randbytes(draw.randrange(2 * len(data))),
    "bytes added": lambda data, draw: data + draw.randbytes(1 + draw.randrange(50)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_entry_is_thrown_away_and_compiled_again(base: Path, damage: str) -> None:
    code = object_code(KERNEL.written().text(), KERNEL.machine)
    path, draw = base / f"{NAME}.o", random.Random(damage)  # noqa: S311 (no secret)
    for _ in range(50):
        disk_cache.write(NAME, code)
        path.write_bytes(DAMAGES[damage](path.read_bytes(), draw))
        assert disk_cache.read(NAME) is None
        assert not path.exists()
    disk_cache.write(NAME, code)
    assert disk_cache.read(NAME) == code


def as_folder(path: Path) -> None:
    path.unlink()
    (path / "inner").mkdir(parents=True)


def as_link(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


def as_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def as_huge(path: Path) -> None:
    os.truncate(path, 1 << 40)


@has_owners
@pytest.mark.parametrize("replace", [as_folder, as_link, as_pipe, as_huge, lambda path: path.chmod(0o660)])
def test_what_is_no_private_file_is_replaced(base: Path, compiled: list[str], replace: Callable[[Path], None]) -> None:
    stored_or_compiled(KERNEL)
    path = entry(base)
    whole = path.read_bytes()
    replace(path)
    stored_or_compiled(KERNEL)
    assert len(compiled) == 2
    assert stat.S_ISREG(path.lstat().st_mode)
    assert path.read_bytes() == whole


def test_code_that_cannot_be_loaded_is_compiled_again(base: Path) -> None:
    """As code that was cut, or is another kernel's, with a digest that is right."""
    name = disk_cache.key(KERNEL.specification, (KERNEL.name,))
    code, other = (object_code(kernel.written().text(), kernel.machine) for kernel in (KERNEL, OTHER))
    for size in range(0, len(code), len(code) // 50):
        for wrong in (code[:size], other, b"no object file"):
            disk_cache.write(name, wrong)
            assert stored_or_compiled(KERNEL).address(KERNEL.name) > 0
            assert disk_cache.read(name) == code


def test_keys_tell_kernels_functions_and_generators_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    def key(specification: str = KERNEL.specification, symbols: tuple[str, ...] = ("a",)) -> str:
        return disk_cache.key(specification, symbols)

    first = key()
    assert first == key()
    assert first != key(KERNEL.specification + " ")
    assert first != key(symbols=("b",))
    assert len(disk_cache.generators()) == 32
    monkeypatch.setattr(disk_cache, "generators", lambda: b"other generators")
    assert first != key()


def imported_by(module: str) -> set[str]:
    """The modules of the package that a module imports, anywhere in it."""
    path = SOURCE.parent.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in names if name.startswith("knoll.") and is_module(name)}


def is_module(name: str) -> bool:
    path = SOURCE.parent.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


SOURCE = Path(knoll.__file__).parent


def test_keys_depend_on_every_source_that_a_kernel_is_written_by() -> None:
    rooms = ("kernels", "llvm")
    waiting = [f"knoll.{room}.{file.stem}" for room in rooms for file in (SOURCE / room).glob("*.py")]
    seen: set[str] = set()
    while waiting:
        module = waiting.pop()
        if module not in seen:
            seen.add(module)
            waiting += imported_by(module)
    # Sentences, exceptions, locks and functions that show an object cannot change code.
    others = {"messages", "errors", "locks", "deferred"}
    assert {module.split(".")[1] for module in seen} <= {*disk_cache.GENERATORS, *others}


@pytest.mark.parametrize(
    "changed",
    ["ops/convolution/conv.py", "kernels/reduction/sums.py", "optim/adam.py", "run/workers.ll", "__init__.py"],
)
def test_a_changed_source_makes_new_keys(changed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = disk_cache.generators()
    for file in SOURCE.rglob("*"):
        if file.suffix in (".py", ".ll"):
            copy = tmp_path / file.relative_to(SOURCE)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
    monkeypatch.setattr(disk_cache, "__file__", str(tmp_path / "llvm" / "disk_cache.py"))
    assert disk_cache.generators.__wrapped__() == before
    (tmp_path / changed).write_bytes((tmp_path / changed).read_bytes() + b"# changed")
    assert disk_cache.generators.__wrapped__() != before


@pytest.mark.parametrize("word", ["off", "OFF", "0", "no"])
def test_it_can_be_turned_off(word: str, monkeypatch: pytest.MonkeyPatch, compiled: list[str], tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in _folder(Path(word), monkeypatch):
        assert disk_cache.folder() is None
        stored_or_compiled(KERNEL)
        stored_or_compiled(KERNEL)
    assert len(compiled) == 2
    assert list(tmp_path.iterdir()) == []


def test_the_users_cache_folder_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("KNOLL_CACHE", raising=False)
    asked_anew()
    assert disk_cache.location() == tmp_path / "knoll"
    asked_anew()
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # to be ignored
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert disk_cache.location() == tmp_path / "home" / ".cache" / "knoll"
    asked_anew()


def test_without_a_home_nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KNOLL_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as for a user whom the system does not know
    asked_anew()
    assert disk_cache.folder() is None
    asked_anew()


def test_a_folder_that_cannot_be_made_is_harmless(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compiled: list[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    for _ in _folder(tmp_path / "file" / "cache", monkeypatch):
        assert disk_cache.folder() is None
        assert stored_or_compiled(KERNEL) > 0
    assert len(compiled) == 1


@pytest.mark.parametrize("step", ["os.fdopen", "os.replace"])
def test_a_full_disk_is_harmless(base: Path, monkeypatch: pytest.MonkeyPatch, compiled: list[str], step: str) -> None:
    def full(*arguments: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert disk_cache.folder() is not None

    monkeypatch.setattr(step, full)
    assert stored_or_compiled(KERNEL) > 0
    assert list(base.iterdir()) == []


@has_owners
def test_the_folder_of_another_user_is_not_trusted(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk_cache.write(NAME, b"code")
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    assert disk_cache.read(NAME) is None
    asked_anew()
    assert disk_cache.folder() is None


@has_owners
@pytest.mark.parametrize("mode", [0o777, 0o770, 0o707, 0o1777])
@pytest.mark.parametrize("found", ["at first", "later"])
def test_a_folder_that_others_may_write_is_not_trusted(base: Path, mode: int, found: str) -> None:
    disk_cache.write(NAME, b"code")
    base.chmod(mode)
    if found == "at first":
        asked_anew()
    assert disk_cache.read(NAME) is None
    disk_cache.write(NAME, b"code")
    assert disk_cache.folder() is None


@has_owners
@pytest.mark.parametrize("steps", [1, 2])
def test_nor_is_one_below_a_folder_that_others_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(private_folder, "_is_own_group", lambda _: False)
    path = tmp_path / "shared" / "between" / "cache"
    for _ in _folder(path, monkeypatch):
        assert disk_cache.folder() is not None
        for mode, trusted in ((0o777, False), (0o770, False), (0o1777, True), (0o755, True)):
            path.parents[steps - 1].chmod(mode)
            asked_anew()
            assert (disk_cache.folder() is not None) == trusted


@has_owners
def test_folders_are_made_for_one_user_whatever_the_mask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.umask(0)
    try:
        for path in _folder(tmp_path / "between" / "cache", monkeypatch):
            disk_cache.write(NAME, b"code")
            modes = [stat.S_IMODE(each.stat().st_mode) for each in (path.parent, path, entry(path))]
            assert modes == [0o700, 0o700, 0o600]
    finally:
        os.umask(before)


@has_owners
def test_a_relative_folder_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for home in ("first", "other"):
        (tmp_path / home).mkdir()
    monkeypatch.chdir(tmp_path / "first")
    for _ in _folder(Path("cache"), monkeypatch):
        disk_cache.write(NAME, b"code")
        (tmp_path / "other" / "cache").mkdir(mode=0o700)
        (tmp_path / "other" / "cache" / f"{NAME}.o").write_bytes(sealed(b"other code"))
        monkeypatch.chdir(tmp_path / "other")
        assert disk_cache.read(NAME) == b"code"
        disk_cache._opened.cache_clear()
        assert disk_cache.read(NAME) == b"code"


@has_owners
def test_a_folder_put_in_the_place_of_the_open_one_is_not_looked_at(base: Path) -> None:
    disk_cache.write(NAME, b"code")
    base.rename(base.with_name("moved"))
    base.mkdir(mode=0o700)
    (base / f"{NAME}.o").write_bytes(sealed(b"other code"))
    assert disk_cache.read(NAME) == b"code"


@has_owners
def test_it_is_opened_again_when_a_program_has_closed_all_descriptors(base: Path) -> None:
    disk_cache.write(NAME, b"code")
    found = disk_cache.folder()
    assert found is not None
    assert found.descriptor is not None
    os.close(found.descriptor)
    with (base / "unrelated").open("w"):  # may get the number
        assert disk_cache.read(NAME) == b"code"


def test_results_are_right_whatever_is_in_the_cache(tmp_path: Path) -> None:
    program = (
        "import knoll; knoll.manual_seed(0); net = knoll.nn.Sequential(knoll.nn.Conv2d(3, 8, 3), knoll.nn.ReLU(),"
        "knoll.nn.MaxPool2d(2), knoll.nn.Flatten(), knoll.nn.Linear(8 * 9, 5)); print(net(knoll.ones(2, 3, 8, 8)))"
    )

    def printed() -> str:
        environment = {**os.environ, "KNOLL_CACHE": str(tmp_path / "cache"), "PYTHONPATH": str(SOURCE.parent)}
        return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=True).stdout

    first = printed()
    entries = sorted((tmp_path / "cache").glob("*.o"))
    contents = [path.read_bytes() for path in entries]
    for path, content in zip(entries, contents[1:] + contents[:1], strict=True):
        path.write_bytes(content)
    assert printed() == first
    assert [path.read_bytes() for path in entries] == contents


def test_readers_see_an_entry_whole_or_not_at_all(base: Path) -> None:
    versions = [bytes([version]) * 200_000 for version in range(4)]
    done = threading.Event()
    seen: set[bytes | None] = set()

    def read() -> None:
        while not done.is_set():
            seen.add(disk_cache.read(NAME))

    reader = threading.Thread(target=read)
    reader.start()
    for code in versions * 10:
        disk_cache.write(NAME, code)
    done.set()
    reader.join()
    seen.add(disk_cache.read(NAME))
    assert versions[-1] in seen
    assert seen <= {None, *versions}
    assert [path.suffix for path in base.iterdir()] == [".o"]


def test_the_folder_does_not_grow_without_end(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_cache, "LIMIT", 4 * disk_cache.PAGE + 100)  # a small file takes a page
    names = [*(f"ff{number:062x}" for number in range(7)), "00" * 32]  # a name that begins with 00 looks after the size
    for age, name in enumerate(names[:-1]):
        disk_cache.write(name, bytes(1000))
        hour = time.time() - 3600 * (10 - age)
        os.utime(base / f"{name}.o", (hour, hour))
    assert disk_cache.read(names[0]) is not None  # used now, so no longer the oldest
    disk_cache.write(names[-1], bytes(1000))
    left = {path.stem for path in base.iterdir()}
    assert left == {names[0], *names[5:]}


def test_what_a_killed_write_left_is_cleared_away(base: Path) -> None:
    disk_cache.write(NAME, b"code")
    old, young = base / "old.part", base / "young.part"
    for path in (old, young):
        path.write_bytes(b"half")
    day = time.time() - 24 * 3600
    os.utime(old, (day, day))
    disk_cache.write("00" * 32, b"code")
    assert not old.exists()
    assert young.exists()
