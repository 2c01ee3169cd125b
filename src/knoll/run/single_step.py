"""Launches of one kernel whose parts are shared by threads: updates of parameters, operations outside of a program."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from knoll.graph import Array
from knoll.kernels.kernel import Kernel
from knoll.llvm.code import Code
from knoll.run.code_cache import code_of
from knoll.run.launch import Job, Launch, Operand, Signature
from knoll.run.threads import get_num_threads, pool
from knoll.run.workspace import address

ARGUMENTS = 8  # where the arguments of a step begin in a thread's row of bases, and how many there are at most
MIN_SHARED = 1 << 16  # elements that are worth a second thread
MOST_SPARE = 8  # launches of a kernel that are laid out and kept for the next time


def single_step(
    function: int, parts: int, pointers: int, takes: int, threads: int, keep_alive: object, denormals: bool = False
) -> Launch:
    """A launch of one job with one step: a kernel's `function`, which takes arrays for the first of its pointers.

    Denormal numbers are zero unless it keeps them.
    """
    arguments = [word for number in range(pointers) for word in (number, 0, 0)]
    step = np.array([function, parts, 0, pointers, *arguments], np.int64)
    bases = np.zeros((threads, 2 * ARGUMENTS), np.int64)
    job = Job(1, 1, 1, 1, 0, 1, address(step), address(bases), bases.shape[1], 1, 1, ARGUMENTS)
    signature = Signature([Operand(number) for number in range(takes)])
    return Launch([job], threads, [bases], signature, (step, bases, keep_alive), denormals)


class EagerKernel:
    """A kernel for arrays of every size, which it reads from its last pointer as integers. Denormal numbers count."""

    kernel: Kernel
    code: Code

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.code = kernel, code_of(kernel)
        self._spare: dict[tuple[int, int], tuple[Launch, Array]] = {}

    def run(self, parts: int, elements: int, sizes: Sequence[int], arrays: Sequence[Array]) -> None:
        """Run all parts, by all threads if there are many elements; the arrays are contiguous."""
        with pool().lent(get_num_threads() if elements >= MIN_SHARED else 1) as threads:
            key = parts, threads
            spare = self._spare.pop(key, None) or self._laid_out(parts, threads, len(sizes))
            launch, integers = spare
            integers[:] = sizes
            pool().run(launch, [*arrays])
        if len(self._spare) >= MOST_SPARE:
            self._spare.clear()
        self._spare[key] = spare

    def _laid_out(self, parts: int, threads: int, count: int) -> tuple[Launch, Array]:
        """A launch, and the place of so many sizes."""
        integers, kernel = np.zeros(count, np.int64), self.kernel
        function, takes = self.code.address(kernel.name), kernel.pointers - 1
        launch = single_step(function, parts, kernel.pointers, takes, threads, (integers, self.code), denormals=True)
        launch.place(takes, integers)
        return launch, integers
