"""A folder that nobody else can write to, held by its descriptor, and the files in it.

Whoever can write a file of machine code can run it in this process. So a folder is used only if it and every folder
above it belong to this user or to the administrator and only they may write there; the sticky bit of a folder such as
`/tmp` is enough for what stands above, since others then cannot replace what is not theirs. Once it is open, files are
reached through its descriptor: a folder put in its place later is never looked at. On systems without owners and
descriptors of folders, as Windows, the folder of the user's profile is trusted as the system made it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

_HAS_OWNERS = hasattr(os, "geteuid")
_HAS_DESCRIPTORS = {os.open, os.stat, os.unlink} <= os.supports_dir_fd and os.scandir in os.supports_fd
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# Neither a link nor, as opening a pipe would, another program is waited for.
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True)
class Entry:
    """A file in the folder: its name, the bytes it has, and when it was last used."""

    name: str
    size: int
    used: float


@dataclass(frozen=True)
class PrivateFolder:
    """An open folder: where it stood, its descriptor (None where folders have none), its device and inode."""

    path: Path
    descriptor: int | None
    identity: tuple[int, int]

    @classmethod
    def open(cls, path: Path) -> PrivateFolder | None:
        """The folder at an absolute path, made if need be; None where others may write, or it cannot be made."""
        try:
            real = Path(os.path.realpath(path))
            _make(real)
            if not all(_is_private(above.lstat(), above=True) for above in reversed(real.parents)):
                return None
            found = real.lstat()
            if not _is_private(found):
                return None
            descriptor = os.open(real, _READ | os.O_DIRECTORY) if _HAS_DESCRIPTORS else None
        except OSError:
            return None
        folder = cls(real, descriptor, (found.st_dev, found.st_ino))
        return folder if folder.is_private() else None

    def is_private(self) -> bool:
        """Whether this is still the folder that was opened, and nobody else may write to it by now."""
        try:
            found = os.stat(self.path if self.descriptor is None else self.descriptor)
        except OSError:  # a program that goes into the background may have closed all descriptors
            return False
        return (found.st_dev, found.st_ino) == self.identity and _is_private(found)

    def read(self, name: str, most: int) -> bytes | None:
        """The contents of a file. None for one larger than `most` bytes, one that others may write, and no file."""
        try:
            descriptor = self._opened(name, _READ)
        except OSError:
            return None
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or not _is_private(found) or found.st_size > most:
                return None
            contents = os.read(descriptor, found.st_size)
            return contents if len(contents) == found.st_size else None
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def write(self, name: str, contents: bytes) -> None:
        """Put a file there in one step, in place of whatever bears the name. Raises OSError where that fails."""
        temporary = f"{secrets.token_hex(8)}.part"
        try:
            with os.fdopen(self._opened(temporary, _CREATE), "wb") as file:
                file.write(contents)
            try:
                self._rename(temporary, name)
            except (IsADirectoryError, PermissionError):  # a folder has the name
                self.remove(name)
                self._rename(temporary, name)
        except OSError:
            self.remove(temporary)
            raise

    def touch(self, name: str) -> None:
        """Note that a file has been used."""
        with contextlib.suppress(OSError):
            os.utime(self._place(name), dir_fd=self.descriptor)

    def remove(self, name: str) -> None:
        """Remove whatever bears this name, if anything does."""
        try:
            os.unlink(self._place(name), dir_fd=self.descriptor)
        except FileNotFoundError:
            pass
        except OSError:
            shutil.rmtree(self._place(name), ignore_errors=True, dir_fd=self.descriptor)

    def entries(self, suffix: str) -> list[Entry]:
        """The files whose names end so."""
        found = []
        with os.scandir(self.path if self.descriptor is None else self.descriptor) as scanned:
            for each in scanned:
                with contextlib.suppress(OSError):
                    if each.name.endswith(suffix):
                        state = each.stat(follow_symlinks=False)
                        found.append(Entry(each.name, state.st_size, state.st_mtime))
        return found

    def _place(self, name: str) -> str:
        return name if self.descriptor is not None else str(self.path / name)

    def _opened(self, name: str, flags: int) -> int:
        return os.open(self._place(name), flags, 0o600, dir_fd=self.descriptor)

    def _rename(self, old: str, new: str) -> None:
        os.replace(self._place(old), self._place(new), src_dir_fd=self.descriptor, dst_dir_fd=self.descriptor)


def _make(path: Path) -> None:
    """Make a folder and those above it for this user alone, whatever the mask says."""
    if not path.is_dir():
        _make(path.parent)
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode=0o700)


def _is_private(found: os.stat_result, *, above: bool = False) -> bool:
    """Whether only this user, or the administrator too for a folder `above`, can have put there what is there."""
    if not _HAS_OWNERS:
        return True
    owners = {0, os.geteuid()} if above else {os.geteuid()}
    if found.st_uid not in owners or stat.S_ISLNK(found.st_mode):
        return False
    allowed = 0
    if above:
        allowed = _OTHERS_WRITE if found.st_mode & stat.S_ISVTX else _is_own_group(found) and stat.S_IWGRP
    return not found.st_mode & _OTHERS_WRITE & ~allowed


def _is_own_group(found: os.stat_result) -> bool:
    """Whether the group is the one that many systems make for a user alone, named like the user."""
    import grp  # Windows has neither
    import pwd

    try:
        group, user = grp.getgrgid(found.st_gid), pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return group.gr_name == user.pw_name and group.gr_gid == user.pw_gid and set(group.gr_mem) <= {user.pw_name}
