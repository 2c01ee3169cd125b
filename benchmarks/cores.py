"""As many cores as threads."""

from __future__ import annotations

import os


def confine(threads: int) -> None:
    """Keep this process on as many cores as it may use threads, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
