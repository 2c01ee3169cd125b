"""What a worker of a loader is told of itself."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class WorkerInfo:
    """Which worker this is, of how many, with its seed and its data set.

    Source: https://pytorch.org/docs/stable/data.html#torch.utils.data.get_worker_info
    """

    id: int
    num_workers: int
    seed: int
    dataset: Any


class _Here(threading.local):
    info: WorkerInfo | None = None


_here = _Here()


def get_worker_info() -> WorkerInfo | None:
    """What a worker of a `DataLoader` is told: its `id`, `num_workers`, its `seed` and its `dataset`; None elsewhere.

    Knoll's workers are threads of one process. The data set of a worker is its own copy where it is an
    `IterableDataset`, else the one that all share.

    >>> from knoll.data import get_worker_info
    >>> get_worker_info() is None
    True
    """
    return _here.info


def tell_worker(info: WorkerInfo) -> None:
    """Let the present thread be this worker from now on."""
    _here.info = info


@contextmanager
def as_worker(info: WorkerInfo | None) -> Iterator[None]:
    """Let the present thread be this worker inside the block."""
    before, _here.info = _here.info, info
    try:
        yield
    finally:
        _here.info = before
