"""The innermost loops of a kernel, read as assembly: do they leave the stack alone?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from knoll.kernels.convolution.taps import Taps
from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue
from knoll.kernels.elementwise.term import Term
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.llvm.compile import assembly
from knoll.machine import NAMED
from knoll.ops.activation.relu_sigmoid_tanh import relu
from knoll.ops.activation.self_gated import gelu, silu
from knoll.ops.elementwise.arithmetic import add, multiply

RELU = Epilogue((Term(relu, (0,)),))


def loops_of(text: str) -> list[list[str]]:
    """The instructions of each innermost loop without branches: a block that ends with a jump to its own start."""
    loops: list[list[str]] = []
    label, block = "", list[str]()
    for line in text.splitlines():
        if re.match(r"\.LBB\w+:", line):
            label, block = line.split(":")[0], []
        elif line.startswith("\t") and not line.startswith("\t."):
            block.append(" ".join(line.split()))
            if line.startswith("\tj"):
                loops += [block] if block[-1].split()[-1] == label else []
                label, block = "", []
    return loops


def leaves_the_stack_alone(kernel: Kernel) -> None:
    """The loops with the most multiply-adds leave the stack alone; there are at least four in a loop."""
    text = assembly(kernel.written().text(), kernel.machine)
    stack = ("(%rsp", "(%rbp") if re.search(r"movq\s+%rsp, %rbp", text) else ("(%rsp",)
    loops = loops_of(text)
    counts = [sum(line.startswith("vfmadd") for line in loop) for loop in loops]
    assert max(counts) >= 4
    hot = [line for loop, count in zip(loops, counts, strict=True) if count == max(counts) for line in loop]
    assert [line for line in hot if line.startswith("v") and any(place in line for place in stack)] == []


def window(channels: int, size: int, kernel: int, block: int) -> tuple[Images, Taps]:
    """Images with a halo as wide as half the window, and a window that moves by one."""
    half = kernel // 2
    source = Images(channels, size, size, block, ((half, half), (half, half)))
    return source, Taps((-half, -half), (1, 1), (kernel, kernel), (1, 1))


def long_epilogue(images: Images) -> Epilogue:
    """A scale for each channel, another image, GELU, SiLU: much more than fits beside the sums of a tile."""
    terms = Term(multiply, (0, 1)), Term(add, (3, 2)), Term(gelu, (4,)), Term(silu, (5,))
    return Epilogue(terms, ("per_channel", images))


# Input channels, rows, output channels, window, pooling, whether a first layer; the practice network's three first.
LAYERS = [
    (3, 32, 32, 5, 2, True),
    (32, 16, 32, 5, 2, False),
    (32, 8, 64, 5, 2, False),
    (64, 56, 64, 3, 1, False),
    (64, 56, 64, 3, 2, False),
    (64, 56, 256, 1, 1, False),
    (512, 7, 512, 3, 1, False),
    (128, 27, 16, 3, 3, False),
    (96, 56, 24, 1, 1, False),
    (3, 32, 40, 5, 2, True),
]


def work_of(loop: list[str]) -> list[str]:
    """What a loop does, in alphabetical order: which of its many moves LLVM takes does not matter, the stack does."""
    words = [re.sub(r"vmov([au]p[sd]|dq[au]\d*)", "vmov", line.split()[0]) for line in loop]
    return sorted(word + (" stack" if "(%rsp" in line else "") for word, line in zip(words, loop, strict=True))


def fused(words: list[str]) -> int:
    return sum(word.startswith("vfmadd") for word in words)


def loop_is_unchanged(kernel: Any, short: Epilogue = NO_EPILOGUE) -> None:
    """The loop that sums does the same, whatever follows the sum: a `short` epilogue or that of the kernel."""
    plain, long_epilogue = (
        [work_of(loop) for loop in loops_of(assembly(one.written().text(), one.machine))]
        for one in (replace(kernel, epilogue=short), kernel)
    )
    sums = max(plain, key=fused)
    assert fused(sums) >= 4
    assert sums in long_epilogue


def on_fused_machines(test: Any) -> Any:
    """Machines with fused multiply-adds, one of them with two of 64 bytes in a cycle, in both element types."""
    machines = {name: NAMED[name] for name in ("x86-64-v4", "x86-64-v3")}
    machines["two in a cycle"] = replace(machines["x86-64-v4"], multiply_adds=2)
    test = pytest.mark.parametrize("machine", machines.values(), ids=machines)(test)
    return pytest.mark.parametrize("element", ["float32", "float64"])(test)
