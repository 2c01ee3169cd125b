"""Files to read or write, named by a path or open already."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

from knoll.atomic import replacing
from knoll.errors import ArgumentTypeError, FileError, KnollError, quoted, system_reason
from knoll.messages import say


def name_of(f: Any) -> str:
    """What to call a file in a message."""
    named = f if isinstance(f, (str, os.PathLike)) else getattr(f, "name", None)
    return str(named) if isinstance(named, (str, os.PathLike)) else type(f).__name__


@contextmanager
def naming(f: Any) -> Iterator[None]:
    """Let the errors of a block name the file, unless they do already."""
    try:
        yield
    except KnollError as error:
        if name_of(f) not in str(error):
            error.located(name_of(f))
        raise


def read_bytes(path: str | os.PathLike[str]) -> bytes:
    """All bytes of a file. Raises FileError where it cannot be read."""
    with reading(path) as file:
        return read_part(file, name_of(path))


@contextmanager
def reading(f: str | os.PathLike[str] | IO[bytes]) -> Iterator[IO[bytes]]:
    """A file to read bytes from; one that was open stays so. Raises FileError, ArgumentTypeError for anything else."""
    if not isinstance(f, (str, os.PathLike)):
        if not hasattr(f, "read"):
            raise ArgumentTypeError(
                f"{type(f).__name__!r} object has no attribute 'seek'. You can only torch.load from a file that is "
                "seekable. Please pre-load the data into a buffer like io.BytesIO and try to load from it instead.",
                expected=say("interop.path_or_file"),
            )
        yield f
        return
    with _as_file_error("error.unreadable", f):
        file = open(f, "rb")  # noqa: SIM115 (closed below; what is done within is not told here)
    with file:
        yield file


def read_part(file: IO[bytes], path: str, size: int = -1) -> bytes:
    """Some bytes of an open file, or all that follow. Raises FileError, ArgumentTypeError for a file of text."""
    data: Any = None
    with (
        _as_file_error("error.unreadable", path),
        suppress(UnicodeDecodeError),
    ):  # bytes of a file that was opened as text
        data = file.read(size)
    if not isinstance(data, bytes):
        raise ArgumentTypeError(say("interop.text_file", path=path), advice=say("interop.open_for_reading", path=path))
    return data


def rest_after(head: bytes, file: IO[bytes], path: str) -> bytes:
    """The bytes of a file of which `head` has just been read, from there on; raises what `read_part` raises."""
    if getattr(file, "seekable", bool)():  # then they need not be in memory twice
        file.seek(-len(head), os.SEEK_CUR)
        return read_part(file, path)
    return head + read_part(file, path)


@contextmanager
def writing(f: str | os.PathLike[str] | IO[bytes]) -> Iterator[IO[bytes]]:
    """A file to write bytes to, as `replacing` where it is named by a path."""
    if isinstance(f, (str, os.PathLike)):
        with replacing(f) as file:
            yield file
        return
    if not hasattr(f, "write"):
        raise ArgumentTypeError(
            "expected 'f' to be string, path, or a file-like object with a 'write' attribute", got=type(f).__name__
        )
    with _as_file_error("interop.unwritable_file", name_of(f)):
        try:
            yield f
        except TypeError as error:
            advice = say("interop.open_for_writing", path=name_of(f))
            raise ArgumentTypeError(str(error), advice=advice) from None


@contextmanager
def _as_file_error(sentence: str, path: str | os.PathLike[str]) -> Iterator[None]:
    try:
        yield
    except FileError:
        raise
    except OSError as error:
        raise FileError.after(error, say(sentence, path=path, reason=system_reason(error))) from None
    except ValueError as error:  # a path that no system takes, a file that is closed
        if isinstance(error, UnicodeError):
            raise
        raise FileError(say(sentence, path=path, reason=quoted(error))) from None
