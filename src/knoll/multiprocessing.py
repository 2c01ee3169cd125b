"""`torch.multiprocessing`: the standard library's `multiprocessing`; tensors are copied from process to process.

https://docs.python.org/3/library/multiprocessing.html
"""

from __future__ import annotations

import multiprocessing
from typing import Any

SHARING = "file_system"


def get_all_sharing_strategies() -> set[str]:
    """How processes may share tensors in PyTorch; here tensors are copied."""
    return {SHARING}


def get_sharing_strategy() -> str:
    """How processes would share tensors in PyTorch; here tensors are copied."""
    return SHARING


def set_sharing_strategy(new_strategy: str) -> None:
    """Nothing: tensors are copied."""


def __getattr__(name: str) -> Any:
    """`Process`, `Queue`, `set_start_method` and whatever else the standard library has."""
    return getattr(multiprocessing, name)
