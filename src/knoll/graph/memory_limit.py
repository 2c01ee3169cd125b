"""Errors for arrays that exceed the memory of this machine, before anything is computed or allocated."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import cache
from pathlib import Path

import numpy as np

from knoll.errors import OutOfMemoryError, StateError
from knoll.graph.spec import Array, DType, Shape
from knoll.messages import say

MAX_INT64 = (1 << 63) - 1  # elements and bytes are counted in 64-bit integers

_shapes_alone: ContextVar[bool] = ContextVar("shapes_alone", default=False)


@contextmanager
def shapes_alone(alone: bool = True) -> Iterator[None]:
    """Inside, results of operations may be larger than any memory: only their shapes are asked for."""
    before = _shapes_alone.set(alone)
    try:
        yield
    finally:
        _shapes_alone.reset(before)


def most_bytes() -> int:
    """Bytes that a result of an operation may have: what memory can hold, unless only its shape is asked for."""
    return MAX_INT64 if _shapes_alone.get() else total()


@cache
def total() -> int:
    """Bytes that this process may have at most: memory with swap space, or less where that is limited."""
    limits = [MAX_INT64]
    if hasattr(os, "sysconf"):
        with suppress(ValueError, OSError):
            limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") + _swap())
    with suppress(ValueError, OSError):  # of a container
        limits.append(int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    if sys.platform != "win32":
        import resource  # Windows has none

        limits += [limit for limit in resource.getrlimit(resource.RLIMIT_AS) if limit > 0]
    return min(limit for limit in limits if limit > 0)


def _swap() -> int:
    with suppress(ValueError, OSError):
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("SwapTotal:"))
    return 0


def check(shape: Shape, dtype: DType, most: int | None = None) -> None:
    """Raise OutOfMemoryError for an array that no memory of this machine can hold, or of more than `most` bytes.

    >>> check((10**9, 10**9), np.dtype(np.float32))
    Traceback (most recent call last):
        ...
    knoll.errors.OutOfMemoryError: DefaultCPUAllocator: can't allocate memory: you tried to allocate 400... bytes...
    """
    size = math.prod(shape) * dtype.itemsize
    if size <= (total() if most is None else most):
        return
    raise OutOfMemoryError(
        f"Storage size calculation overflowed with sizes={list(shape)}"
        if size > MAX_INT64
        else f"DefaultCPUAllocator: can't allocate memory: you tried to allocate {size} bytes. "
        "Error code 12 (Cannot allocate memory)",
        expected=say("graph.memory", size=in_words(total())),
        got=say("error.memory", shape=shape, dtype=dtype, size=in_words(size)),
    )


def empty(shape: Shape | int, dtype: DType) -> Array:
    """An array to be filled. Raises StateError for a negative size, OutOfMemoryError."""
    sizes = shape if isinstance(shape, tuple) else (shape,)
    if min(sizes, default=0) < 0:
        raise StateError(f"Trying to create tensor with negative dimension {min(sizes)}: {list(sizes)}")
    check(sizes, dtype)
    try:
        return np.empty(shape, dtype)
    except MemoryError as error:
        raise OutOfMemoryError.after(error) from None


def in_words(size: int) -> str:
    """A number of bytes, rounded.

    >>> in_words(4 * 10**12), in_words(100)
    ('3.64 TiB', '100 bytes')
    """
    power = min(max(size.bit_length() - 1, 0) // 10, 6)
    return f"{size / (1 << 10 * power):.3g} {'KMGTPE'[power - 1]}iB" if power else f"{size} bytes"
