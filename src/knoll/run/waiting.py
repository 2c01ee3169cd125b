"""How workers wait for work: on a futex, or on a condition variable of Python.

Linux wakes a thread that waits on a futex in some microseconds. Elsewhere, or with `KNOLL_WAIT=condition`, a worker
first sleeps for short times in native code, then returns to Python and waits on a condition variable.
"""

from __future__ import annotations

import os
import platform
import sys
from importlib import resources
from typing import Literal, get_args

from knoll.errors import ArgumentError
from knoll.machine import Machine
from knoll.messages import say

WaitMethod = Literal["futex", "condition"]
METHODS: tuple[WaitMethod, ...] = get_args(WaitMethod)
_FOR = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def wait_method() -> WaitMethod:
    """The method that `KNOLL_WAIT` names, else the best that the system has."""
    named = os.environ.get("KNOLL_WAIT", "")
    for method in METHODS:
        if named == method:
            return method
    if named:
        raise ArgumentError(say("run.wait", got=named, ways=", ".join(METHODS)))
    return "futex" if sys.platform == "linux" else "condition"


def run_time(machine: Machine, method: WaitMethod) -> str:
    """The native run time for a machine and a wait method, as LLVM IR."""
    processor = "x86_64" if machine.x86 else _FOR[platform.machine().lower()]
    files = (resources.files("knoll.run").joinpath(f"{name}.ll") for name in ("call", "workers", processor, method))
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    text = text.replace("i64 HEAD", f"i64 {object.__basicsize__}")
    if sys.platform == "win32":  # other names, and milliseconds
        text = text.replace("@sched_yield", "@SwitchToThread").replace("@usleep(i32 50)", "@Sleep(i32 1)")
        text = text.replace("@usleep", "@Sleep")
    return text
