"""Fetch a file from the first mirror that has it whole, going on where an earlier try broke off."""

from __future__ import annotations

import errno
import hashlib
import http.client
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from knoll.errors import FileError, system_reason
from knoll.interop.web import Progress, answer_of, bar, reason_of
from knoll.messages import say

_CHUNK = 1 << 16
_TRIES = 3


@dataclass(frozen=True)
class Download:
    """A file on the network: its name, the MD5 sum and number of bytes it must have, and where it can be had."""

    name: str
    md5: str
    size: int
    mirrors: tuple[str, ...]


class _WrongFileError(OSError):
    """What a mirror sends is not the file."""


def fetch(download: Download, folder: Path, progress: Progress | None = None) -> Path:
    """The file in this folder, from there or else from the mirrors in their order; bytes already there are kept.

    `progress` is called with the bytes so far and in all; without it a bar is drawn. Nothing but the whole, verified
    file ever bears its name. Raises FileError, with what each mirror answered, where none has the file.
    """
    target = folder / download.name
    partial = target.with_name(target.name + ".part")
    if is_whole(target, download):
        return target
    with _refused("vision.unwritable", folder):
        _begin(target, partial)
    failures = []
    with bar(download.name) if progress is None else _given(progress) as report:
        for mirror in download.mirrors:
            try:
                _from_mirror(mirror, partial, download, report)
            except (OSError, http.client.HTTPException, ValueError) as error:
                failures.append(f"{mirror}: {reason_of(error)}")
            else:
                with _refused("vision.unwritable", target):
                    os.replace(partial, target)
                return target
    raise FileError(
        say("vision.no_mirror", name=download.name),
        got="".join(f"\n    {failure}" for failure in failures),
        advice=say("vision.by_hand", url=download.mirrors[0], path=target, size=download.size, md5=download.md5),
    )


def is_whole(path: Path, download: Download) -> bool:
    """Whether the file is there and is the one described."""
    return path.is_file() and path.stat().st_size == download.size and md5_of(path) == download.md5


def md5_of(path: Path) -> str:
    """The MD5 sum of a file. Raises FileError."""
    with _refused("error.unreadable", path), path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _from_mirror(url: str, partial: Path, download: Download, report: Progress) -> None:
    """Complete the partial file from this mirror; raise OSError where that fails."""
    for _ in range(_TRIES):
        began = partial.stat().st_size if partial.exists() else 0
        if began < download.size:
            _append(url, partial, download, report)
        have = partial.stat().st_size
        if have < download.size:
            if have == began:
                raise _WrongFileError(say("vision.cut_short", have=have, size=download.size))
            continue
        if is_whole(partial, download):
            return
        partial.unlink()
        if began == 0:
            raise _WrongFileError(say("vision.wrong_sum", md5=download.md5))
    raise _WrongFileError(
        say("vision.cut_short", have=partial.stat().st_size if partial.exists() else 0, size=download.size)
    )


def _append(url: str, partial: Path, download: Download, report: Progress) -> None:
    """Add what the mirror sends to the partial file, until the end or until the connection breaks."""
    have = partial.stat().st_size if partial.exists() else 0
    with answer_of(url, Range=f"bytes={have}-") as response:
        begin = have if response.status == http.HTTPStatus.PARTIAL_CONTENT else 0
        length = response.headers.get("Content-Length")
        if length is not None and begin + int(length) != download.size:
            raise _WrongFileError(say("vision.wrong_size", size=download.size, got=begin + int(length)))
        with partial.open("r+b" if begin else "wb") as file:
            file.seek(begin)
            _copy(response, file, begin, download.size, report)


def _copy(source: IO[bytes], target: IO[bytes], begin: int, size: int, report: Progress) -> None:
    done = begin
    report(done, size)
    while done < size and (chunk := source.read(min(_CHUNK, size - done))):
        target.write(chunk)
        done += len(chunk)
        report(done, size)


def _begin(target: Path, partial: Path) -> None:
    """Make the folder; what bears the name and is not the whole file may be a part of it. Raises OSError."""
    target.parent.mkdir(parents=True, exist_ok=True)
    for path in (target, partial):
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if target.exists():
        os.replace(target, partial)


@contextmanager
def _refused(sentence: str, path: Path) -> Iterator[None]:
    """Within the block an OSError becomes a FileError about the file that the system names, or about this one."""
    try:
        yield
    except OSError as error:
        raise FileError.after(error, say(sentence, path=error.filename or path, reason=system_reason(error))) from None


@contextmanager
def _given(progress: Progress) -> Iterator[Progress]:
    yield progress
