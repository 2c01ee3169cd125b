"""Every exception that Knoll raises.

KnollError                   what went wrong · where · expected · got · try
├─ ArgumentError             a wrong value              (also a ValueError)
├─ ArgumentTypeError         a wrong type               (also a TypeError)
├─ ShapeError                shapes that do not fit     (also a RuntimeError)
├─ DTypeError                a wrong element type       (also a RuntimeError)
├─ EntryError                an entry that a dictionary lacks (also a KeyError)
├─ LabelError                a class number out of range (also an IndexError)
├─ DimensionError            a dimension that is not there (also an IndexError)
├─ MissingAttributeError     an attribute that is not there (also an AttributeError)
├─ StateError                a state dict of another model, a graph already freed (also a RuntimeError)
│  ├─ DataDependenceError    numbers that differ between the examples of a mapped function (also a RuntimeError)
│  └─ GradcheckError         a gradient that is not the slope (also a RuntimeError)
├─ MismatchError             numbers that are not those expected (also an AssertionError)
├─ DataError                 images, archives and labels that cannot be used (also a ValueError)
├─ FileError                 files that cannot be read or written (also an OSError)
│  └─ MissingFileError       files and folders that are not there (also a FileNotFoundError)
├─ OutOfMemoryError          more memory than there is (also a MemoryError)
├─ UnsafeFileError           a file that tries to run code (also an UnpicklingError)
└─ UnsupportedError          something Knoll does not do (also a NotImplementedError)

The second base is the exception that PyTorch, or Python, raises in the same place, so `except RuntimeError` keeps
working.
"""

from __future__ import annotations

import errno
import math
import sys
import traceback
import warnings
from pathlib import Path
from pickle import UnpicklingError
from types import FrameType, TracebackType
from typing import Self

from knoll.messages import say


class KnollError(Exception):
    """An error that says what happened, where, what was expected, what it got and what to try.

    `reason` is PyTorch's own sentence where it has one, so that it can be searched for.
    """

    def __init__(
        self,
        reason: str,
        *,
        where: str | None = None,
        expected: str | None = None,
        got: str | None = None,
        advice: str | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.where = where
        self.expected = expected
        self.got = got
        self.advice = advice

    def located(self, where: str) -> Self:
        """The same error, told where it happened unless it knows already."""
        if self.where is None:
            self.where = where
        return self

    def __str__(self) -> str:
        details = {"where": self.where, "expected": self.expected, "got": self.got, "try": self.advice}
        told = {name: str(text) for name, text in details.items() if text is not None}
        return "\n".join([self.reason, *(f"  {say(f'error.{name}')}{text}" for name, text in told.items() if text)])

    def _render_traceback_(self) -> list[str]:
        """What IPython shows of it: the frames of the user's own code; after `%xmode Verbose` those of Knoll, too.

        IPython asks every exception for this (`InteractiveShell.showtraceback`), so nothing has to be registered.
        """
        from IPython.core.getipython import get_ipython  # which is there, as it asks

        shell = get_ipython()
        if shell is None:  # a kernel that is not IPython's
            return traceback.format_exception(type(self), self, _without_ours(self.__traceback__))
        shown = shell.InteractiveTB
        trace = self.__traceback__ if shown.mode == "Verbose" else _without_ours(self.__traceback__)
        lines: list[str] = shown.structured_traceback(type(self), self, trace, tb_offset=0)
        return lines


_PACKAGE = str(Path(__file__).parent)
_GENERATED = "<arguments>"  # the checks of arguments that `tensor/arguments.py` writes
NOT_THE_USERS = {"knoll", "IPython"} | sys.stdlib_module_names


def _without_ours(trace: TracebackType | None) -> TracebackType | None:
    """The frames that are neither Knoll's nor Python's own, nor those with which IPython runs a cell."""
    if trace is None:
        return None
    rest = _without_ours(trace.tb_next)
    if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] in NOT_THE_USERS:
        return rest
    return TracebackType(rest, trace.tb_frame, trace.tb_lasti, trace.tb_lineno)


class ArgumentError(KnollError, ValueError, RuntimeError):
    """A value that cannot be used, as a negative padding; PyTorch raises now the one, now the other for it."""


class ArgumentTypeError(KnollError, TypeError):
    """A value of the wrong type, as a float for a kernel size."""


class ShapeError(KnollError, RuntimeError):
    """Shapes that do not fit each other."""


class DTypeError(KnollError, RuntimeError):
    """An element type that an operation does not take."""


class EntryError(KnollError, KeyError):
    """An entry that a dictionary lacks, as the initial rate of a group."""


class LabelError(KnollError, IndexError):
    """A class number outside the number of classes."""


class DimensionError(KnollError, IndexError):
    """A dimension that an array does not have."""


class MissingAttributeError(KnollError, AttributeError):
    """An attribute that an object does not have, as a module that was not initialised."""


class StateError(KnollError, RuntimeError):
    """A state dict of another model, or a graph whose numbers are gone."""


class DataDependenceError(StateError):
    """The numbers of a tensor are asked for that a mapped function has other ones of for each example."""


class GradcheckError(StateError):
    """A gradient that is not the slope."""


class MismatchError(KnollError, AssertionError):
    """Numbers that are not those that were expected."""


class DataError(KnollError, ValueError, RuntimeError):
    """Images, archives and labels that cannot be used."""


class FileError(KnollError, OSError):
    """A file that cannot be read or written."""

    @classmethod
    def after(cls, error: OSError, reason: str, *, advice: str | None = None) -> FileError:
        """What to raise after the system has refused; a MissingFileError where it found nothing.

        >>> from knoll.errors import FileError
        >>> type(FileError.after(FileNotFoundError(2, "No such file or directory"), "net.pth cannot be read")).__name__
        'MissingFileError'
        """
        kind = MissingFileError if isinstance(error, FileNotFoundError) else cls
        told = kind(reason, advice=advice)
        told.errno, told.strerror, told.filename = error.errno, error.strerror, error.filename
        return told


_REASONS = {
    errno.ENOENT: "error.no_entry",
    errno.EACCES: "error.no_permission",
    errno.EPERM: "error.not_permitted",
    errno.EEXIST: "error.exists",
    errno.ENOTDIR: "error.no_directory",
    errno.EISDIR: "error.is_directory",
    errno.ENOSPC: "error.no_space",
    errno.EROFS: "error.read_only",
    errno.EFBIG: "error.file_too_large",
    errno.ENAMETOOLONG: "error.name_too_long",
    errno.ELOOP: "error.too_many_links",
    errno.EMFILE: "error.too_many_open",
    errno.ENFILE: "error.too_many_open_in_system",
    errno.EBUSY: "error.busy",
    errno.EDQUOT: "error.quota",
    errno.EIO: "error.input_output",
    errno.ENOTEMPTY: "error.not_empty",
    errno.EXDEV: "error.other_device",
    errno.ENODEV: "error.no_device",
    errno.ENXIO: "error.no_such_device",
    errno.EINVAL: "error.invalid",
    errno.EPIPE: "error.broken_pipe",
    errno.EBADF: "error.closed",
    errno.ECONNREFUSED: "error.refused",
    errno.ECONNRESET: "error.reset",
    errno.ETIMEDOUT: "error.timed_out",
    errno.ENETUNREACH: "error.network_unreachable",
    errno.EHOSTUNREACH: "error.host_unreachable",
}


def system_reason(error: OSError) -> str:
    """Why the system refused, in the language spoken; what the catalogue lacks is quoted in the system's words.

    >>> system_reason(FileNotFoundError(2, "No such file or directory"))
    'No such file or directory'
    """
    identifier = _REASONS.get(error.errno or 0)
    return say(identifier) if identifier is not None else quoted(error.strerror or error)


def quoted(words: object) -> str:
    """Words of another program, marked as such where another language is spoken."""
    return say("error.quoted", words=words)


class MissingFileError(FileError, FileNotFoundError):
    """A file or a folder that is not there."""


class OutOfMemoryError(KnollError, MemoryError, RuntimeError):
    """More memory than the system gives."""

    @classmethod
    def after(cls, error: MemoryError, *, advice: str | None = None) -> OutOfMemoryError:
        """What to raise after memory was refused; NumPy says how much was asked for.

        >>> from knoll.errors import OutOfMemoryError
        >>> print(OutOfMemoryError.after(MemoryError()).reason)
        DefaultCPUAllocator: can't allocate memory
        """
        if isinstance(error, cls):
            return error
        shape, dtype = getattr(error, "shape", None), getattr(error, "dtype", None)
        if shape is None or dtype is None:
            return cls("DefaultCPUAllocator: can't allocate memory", advice=advice)
        size = math.prod(shape) * dtype.itemsize
        return cls(
            f"DefaultCPUAllocator: can't allocate memory: you tried to allocate {size} bytes. Error code 12 (Cannot "
            "allocate memory)",
            got=say("error.memory", shape=tuple(shape), dtype=dtype, size=f"{size / (1 << 30):.3g} GiB"),
            advice=advice,
        )


class UnsafeFileError(KnollError, ValueError, UnpicklingError):
    """A file that tries to run code when it is read, or needs code that was not allowed."""


class UnsupportedError(KnollError, NotImplementedError):
    """Something that Knoll does not do."""


def warn(text: str, category: type[Warning] = UserWarning) -> None:
    """Warn of something, at the line outside of Knoll that led to it.

    >>> with warnings.catch_warnings(record=True) as found:
    ...     warnings.simplefilter("always")
    ...     warn("Nothing was learned.")
    >>> found[0].category
    <class 'UserWarning'>
    """
    frame = users_frame() or sys._getframe(1)
    place = frame.f_code.co_filename, frame.f_lineno, frame.f_globals.get("__name__", "<unknown>")
    registry = frame.f_globals.setdefault("__warningregistry__", {})
    warnings.warn_explicit(text, category, *place, registry)


def users_frame() -> FrameType | None:
    """The innermost frame that is being run outside of Knoll; None where there is none."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_code.co_filename.startswith((_PACKAGE, _GENERATED)):
        frame = frame.f_back
    return frame
