"""glibc's allocator: how much of what was freed stays with the process, for the next arrays.

By default memory at the end of the heap goes back to the system as soon as twice the largest freed array is free there.
The results and gradients of one step are then new to the processor in the next, page by page, which takes several times
as long as an elementwise layer's work.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable
from functools import cache

# Source: `malloc.h` of glibc, and `mallopt(3)` of the Linux manual pages
TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
KEPT = 256 << 20  # bytes that stay free at the end of the heap
LARGEST = 32 << 20  # bytes of the largest array that lies in the heap: glibc takes no more
VARIABLES = ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES")  # by which users choose themselves


@cache
def keep_freed() -> None:
    """Let freed memory stay with the process, unless the user has chosen otherwise or the C library is another."""
    choose = _function("mallopt")
    if choose is not None and not any(name in os.environ for name in VARIABLES):
        choose(MMAP_THRESHOLD, LARGEST)
        choose(TRIM_THRESHOLD, KEPT)


def give_back() -> None:
    """Return free memory to the system."""
    trim = _function("malloc_trim")
    if trim is not None:
        trim(0)


@cache
def _function(name: str) -> Callable[..., int] | None:
    """A function of glibc; None where the C library has none of that name."""
    return getattr(ctypes.PyDLL(None), name, None) if sys.platform == "linux" else None
