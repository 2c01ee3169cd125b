"""Steps whose kernels are functions of Python that note which parts they were given."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from knoll.run.launch import Job, Launch, Signature
from knoll.run.workspace import address

WORD, POINTER = ctypes.c_int64, ctypes.c_void_p
KERNEL = ctypes.CFUNCTYPE(None, POINTER, WORD, WORD, WORD, WORD, WORD)
Called = tuple[int, int, int]  # a step, and the first and last part or the number of samples
NO_ARRAYS = Signature()


class Steps:
    """Steps of so many parts each, and what they were called with; `meanwhile` is called inside each call."""

    def __init__(self, parts: Sequence[int], meanwhile: Callable[[int], None] = lambda _: None) -> None:
        self.parts, self.meanwhile = parts, meanwhile
        self.calls: list[Called] = []
        self.running = Counter[int]()
        self.overtaken = False
        self._kernels = [KERNEL(self._kernel(number)) for number in range(len(parts))]
        self._nothing = np.zeros(8, np.int64)
        words = [
            [ctypes.cast(kernel, POINTER).value, count, 0, 1, 0, 0, 0]
            for kernel, count in zip(self._kernels, parts, strict=True)
        ]
        self.table: Any = np.array(words, np.int64)

    def _kernel(self, number: int) -> Callable[..., None]:
        def kernel(_: int, units: int, first: int, last: int, fresh: int, batch: int) -> None:
            self.running[number] += 1
            self.overtaken |= any(count for step, count in self.running.items() if step != number)
            self.meanwhile(number)
            self.calls.append((number, first, last))
            self.running[number] -= 1

        return kernel

    def launch(
        self,
        count: int,
        groups: int = 1,
        by_samples: bool = False,
        jobs: int = 1,
        first: int = 0,
        signature: Signature = NO_ARRAYS,
    ) -> Launch:
        """A launch for `count` threads, of one sample in each group, from group `first` on."""
        bases: Any = np.zeros((count, 16), np.int64)
        steps, where = len(self.parts), (address(self.table), address(bases))
        job = Job(groups, 1, 1, groups, by_samples, steps, *where, 16, groups, groups, 8, first)
        return Launch([job] * jobs, count, [bases], signature, (self, bases))

    @property
    def done(self) -> Counter[tuple[int, int]]:
        """How often each part of each step was done."""
        return Counter((step, part) for step, first, last in self.calls for part in range(first, last))
