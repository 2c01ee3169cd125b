"""Whether this process may have machine code, and the parts of the compiler, which are imported when that is needed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from knoll.errors import FileError, system_reason, warn
from knoll.locks import unforked
from knoll.messages import say


@cache
def has_eager_kernels() -> bool:
    """Whether operations outside of a recording may have machine code; what makes it is imported then."""
    with loading():
        import knoll.run.eager_kernels  # noqa: F401 (for those who import from it)
    return is_possible()


@contextmanager
def loading() -> Iterator[None]:
    """Import a part of the compiler. Raises FileError where no file can be opened any more."""
    try:
        with unforked():  # a child forked during an import would have half a module
            yield
    except OSError as error:
        raise FileError.after(error, say("run.not_loaded", reason=system_reason(error))) from None


def is_possible() -> bool:
    """Whether this process may have machine code; else that is said once."""
    with loading():
        from knoll.llvm import code
    if not code.is_possible():
        _tell_once()
        return False
    return True


@cache
def _tell_once() -> None:
    warn(say("run.no_code"), RuntimeWarning)
