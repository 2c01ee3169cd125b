"""No hot loop keeps vectors on the stack: the blocks that hold the multiply-adds are read as assembly."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from knoll.graph import Window
from knoll.kernels.convolution.depthwise import DepthwiseConvolution
from knoll.kernels.convolution.depthwise_weight_gradient import DepthwiseWeightGradient
from knoll.kernels.convolution.direct import DirectConvolution, Taps
from knoll.kernels.convolution.pooled_weight_gradient import PooledWeightGradient
from knoll.kernels.convolution.weight_gradient import WeightGradient
from knoll.kernels.convolution.winograd import WinogradConvolution
from knoll.kernels.elementwise.epilogue import AS_IT_IS, Epilogue
from knoll.kernels.elementwise.term import Term
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.matmul.linear_weight_gradient import LinearWeightGradient
from knoll.kernels.matmul.matmul import Matmul
from knoll.kernels.matmul.products import Matrices, Products
from knoll.kernels.resample.resample import Resample
from knoll.llvm.compile import assembly
from knoll.machine import NAMED, Machine
from knoll.ops.axes import Adaptive, Average, Axis, Linear, Nearest
from knoll.ops.elementwise import add, multiply, relu
from knoll.ops.self_gated import gelu, silu

RELU = Epilogue((Term(relu, (0,)),))

pytestmark = [
    pytest.mark.parametrize("machine", [NAMED["x86-64-v4"], NAMED["x86-64-v3"]], ids=lambda machine: machine.name),
    pytest.mark.parametrize("element", ["float32", "float64"]),
]


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


def check(kernel: Kernel) -> None:
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


def worth_compiling(images: Images) -> Epilogue:
    """A scale for each channel, another image, GELU, SiLU: much more than fits beside the sums of a tile."""
    terms = Term(multiply, (0, 1)), Term(add, (3, 2)), Term(gelu, (4,)), Term(silu, (5,))
    return Epilogue(terms, ("channels", images))


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
]


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("codes", [False, True])
def test_direct_convolution(machine: Machine, element: str, layer: tuple[Any, ...], codes: bool) -> None:
    c, size, k, kernel, pool, first = layer
    lanes = machine.vector_bytes // (4 if element == "float32" else 8)
    source, taps = window(c, size, kernel, c if first else lanes)
    covered = size // pool * pool
    check(
        DirectConvolution(
            machine, element, source, Images(k, size // pool, size // pool, lanes), taps, (covered, covered), (k, c),
            bias=True, epilogue=RELU, pool=(pool, pool), codes=codes and pool > 1,
        )
    )  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS)
def test_weight_gradient(machine: Machine, element: str, layer: tuple[Any, ...]) -> None:
    c, size, k, kernel, _, first = layer
    lanes = machine.vector_bytes // (4 if element == "float32" else 8)
    source, taps = window(c, size, kernel, c if first else lanes)
    check(WeightGradient(machine, element, source, Images(k, size, size, lanes), taps, c, (k, c)))


@pytest.mark.parametrize("layer", [layer for layer in LAYERS if layer[4] > 1])
def test_pooled_weight_gradient(machine: Machine, element: str, layer: tuple[Any, ...]) -> None:
    c, size, k, kernel, pool, first = layer
    lanes = machine.vector_bytes // (4 if element == "float32" else 8)
    source, taps = window(c, size, kernel, c if first else lanes)
    output = Images(k, size // pool, size // pool, lanes)
    check(PooledWeightGradient(machine, element, source, output, taps, (pool, pool)))


@pytest.mark.parametrize("kernel", [3, 5, 7])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("per_group", [(1, 1), (2, 1), (1, 2), (2, 2)])
def test_depthwise(machine: Machine, element: str, kernel: int, stride: int, per_group: tuple[int, int]) -> None:
    lanes = machine.vector_bytes // (4 if element == "float32" else 8)
    outputs, inputs = per_group
    source, taps = window(32 * inputs, 56, kernel, lanes)
    taps = Taps(taps.start, (stride, stride), taps.count, taps.dilation)
    target = Images(32 * outputs, 56 // stride, 56 // stride, lanes)
    size = (target.h, target.w)
    check(DepthwiseConvolution(machine, element, source, target, taps, size, per_group, bias=True, epilogue=RELU))
    check(DepthwiseWeightGradient(machine, element, source, target, taps, per_group))


@pytest.mark.parametrize("features", [(1024, 64), (64, 10), (512, 1000), (25088, 4096)])
@pytest.mark.parametrize("each", [1, 49])
def test_matrix_products(machine: Machine, element: str, features: tuple[int, int], each: int) -> None:
    inputs, outputs = features
    check(Matmul(machine, element, inputs, outputs, each, bias=True, epilogue=RELU))
    check(Matmul(machine, element, outputs, inputs, each))
    check(LinearWeightGradient(machine, element, outputs, inputs, each))


@pytest.mark.parametrize("sizes", [(196, 64, 196), (196, 196, 64), (50, 8, 10)])
def test_products_for_each_head(machine: Machine, element: str, sizes: tuple[int, int, int]) -> None:
    rows, inner, columns = sizes
    a, b = Matrices(12 * rows * inner, inner, 12 * inner, 1), Matrices(12 * inner * columns, columns, 12 * columns, 1)
    turned, c = Matrices(12 * rows * inner, inner * rows, 1, rows), Matrices(12 * rows * columns, columns, 12, 1)
    check(Products(machine, element, 12, *sizes, a, b, c, RELU))
    check(Products(machine, element, 12, *sizes, turned, b, c))


def work_of(loop: list[str]) -> list[str]:
    """What a loop does, in alphabetical order: which of its many moves LLVM takes does not matter, the stack does."""
    words = [re.sub(r"vmov([au]p[sd]|dq[au]\d*)", "vmov", line.split()[0]) for line in loop]
    return sorted(word + (" stack" if "(%rsp" in line else "") for word, line in zip(words, loop, strict=True))


def fused(words: list[str]) -> int:
    return sum(word.startswith("vfmadd") for word in words)


def unchanged(kernel: Any) -> None:
    """The loop that sums does the same, whatever follows the sum."""
    plain, worth_compiling = (
        [work_of(loop) for loop in loops_of(assembly(one.written().text(), one.machine))]
        for one in (replace(kernel, epilogue=AS_IT_IS), kernel)
    )
    sums = max(plain, key=fused)
    assert fused(sums) >= 4
    assert sums in worth_compiling


@pytest.mark.parametrize("layer", LAYERS)
def test_what_follows_a_convolution_leaves_its_loop_alone(
    machine: Machine, element: str, layer: tuple[Any, ...]
) -> None:
    c, size, k, kernel, pool, first = layer
    lanes = machine.vector_bytes // (4 if element == "float32" else 8)
    source, taps = window(c, size, kernel, c if first else lanes)
    covered, target = size // pool * pool, Images(k, size // pool, size // pool, lanes)
    unchanged(
        DirectConvolution(
            machine, element, source, target, taps, (covered, covered), (k, c),
            bias=True, pool=(pool, pool), codes=pool > 1, epilogue=worth_compiling(target.with_halo(((1, 1), (1, 1)))),
        )
    )  # fmt: skip


@pytest.mark.parametrize("kernel", [3, 5])
def test_what_follows_other_sums_leaves_their_loop_alone(machine: Machine, element: str, kernel: int) -> None:
    lanes = machine.vector_bytes // (4 if element == "float32" else 8)
    source, taps = window(32, 56, kernel, lanes)
    target = Images(32, 56, 56, lanes)
    unchanged(
        DepthwiseConvolution(machine, element, source, target, taps, (56, 56), (1, 1), epilogue=worth_compiling(target))
    )
    features = Images(1000, 1, 1)
    unchanged(Matmul(machine, element, 512, 1000, epilogue=worth_compiling(features)))
    unchanged(
        WinogradConvolution(machine, element, source, target, taps, (56, 56), 32, epilogue=worth_compiling(target))
    )


@pytest.mark.parametrize(
    "way", [Average(Window(2, 2)), Average(Window(3, 1, 1, 1)), Adaptive(1), Linear(112), Nearest(112)]
)
@pytest.mark.parametrize("back", [False, True])
def test_sums_of_rows_and_columns(machine: Machine, element: str, way: Axis, back: bool) -> None:
    size = 56
    if back:
        way, size = way.back(size), way.positions(size)
    table, block = way.table(size), machine.lanes(np.dtype(element))
    source, target = Images(64, size, size, block), Images(64, way.positions(size), way.positions(size), block)
    text = assembly(Resample(machine, element, source, target, table, table).written().text(), machine)
    assert re.search(r"\tvmovup[sd]\s", text)
    assert [line for line in text.splitlines() if line.startswith("\tv") and "(%rsp" in line] == []
