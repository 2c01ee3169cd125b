"""The kernel of a convolution alone, on images that lie as they do inside a program.

A program lays a plain array out when it comes in and makes plain arrays of its results; between two layers neither
happens. This is what a convolution costs there.
"""

from __future__ import annotations

import os

import numpy as np

from benchmarks.layers import Array, Convolution, pair
from benchmarks.network import Task
from knoll.graph import Graph, Spec, Value
from knoll.kernels.convolution.direct import DirectConvolution
from knoll.kernels.kernel import MICRO_BATCH
from knoll.kernels.layout.layout import Images
from knoll.machine import host
from knoll.ops.convolution.conv import conv2d
from knoll.plan.plan import Kind, Step
from knoll.run.build import build
from knoll.run.code_cache import code_of
from knoll.run.compiled import CompiledProgram
from knoll.run.workspace import aligned


class BareKernel:
    """One convolution as something that can race; it gives its results as (n, blocks, channels of a block, h, w)."""

    def __init__(self, task: Task) -> None:
        os.environ["KNOLL_WINOGRAD"] = "off"  # in this process; the direct algorithm is measured against the peak
        x, weight, bias, padding = task.x, *_only_layer(task)
        program = _program([x, weight, bias], padding)
        _, saved = program.forward([x, weight, bias])
        step = _convolution_step(program)
        kernel = step.kernel
        assert isinstance(kernel, DirectConvolution)
        source, target = laid_out(x, kernel.source), empty(len(x), kernel.target)
        memory = saved.packed.memory | {step.buffers[0].number: source, step.buffers[2].number: target}
        self._alive = (saved, source)  # the tables hold addresses only
        self._tables = _tables(step, memory, len(x))
        self._parts, self._n = kernel.parts, len(x)
        self._code = code_of(kernel)
        self._function = self._code.kernel(kernel.name)
        self._result = pixels(target, kernel.target).transpose(0, 1, 4, 2, 3)

    def __call__(self) -> Array:
        for count, table in self._tables:
            self._function(table.ctypes.data, count, 0, self._parts, 1, self._n)
        return self._result


def _only_layer(task: Task) -> tuple[Array, Array, int]:
    (layer,) = task.network.layers
    assert isinstance(layer, Convolution)
    assert layer.bias is not None
    return layer.weight, layer.bias, pair(layer.padding)[0]


def _program(arrays: list[Array], padding: int) -> CompiledProgram:
    values = [Value(Spec(a.shape, a.dtype)) for a in arrays]
    around = ((padding, padding), (padding, padding))
    y = conv2d(*values, stride=(1, 1), padding=around, dilation=(1, 1), groups=1)
    program = build(Graph(tuple(values), (y,)), (), host())
    assert isinstance(program, CompiledProgram)
    return program


def _convolution_step(program: CompiledProgram) -> Step:
    steps = (step for phase in program.plan.forward for step in phase.steps)
    return next(step for step in steps if isinstance(step.kernel, DirectConvolution))


def _tables(step: Step, memory: dict[int, Array], n: int) -> list[tuple[int, Array]]:
    """For each few samples that a thread takes at once: how many, and the addresses for the kernel."""
    tables = []
    for first in range(0, n, MICRO_BATCH):
        skip = [0 if b.kind is Kind.PACKED else first * b.bytes for b in step.buffers]
        addresses = [memory[b.number].ctypes.data + s for b, s in zip(step.buffers, skip, strict=True)]
        tables.append((min(MICRO_BATCH, n - first), np.array([*addresses, *step.kernel.numbers], np.int64)))
    return tables


def empty(n: int, images: Images) -> Array:
    """Memory for so many images, all zero."""
    return aligned(n * images.size * 4).view(np.float32).reshape(n, images.size)


def pixels(memory: Array, images: Images) -> Array:
    """The pixels within the halo: a view (n, blocks, h, w, channels of a block)."""
    (above, below), (left, right) = images.halo
    whole = (images.blocks, images.h + above + below, images.w + left + right, images.block)
    view = memory[:, : images.blocks * images.plane].reshape(len(memory), *whole)
    return view[:, :, above : above + images.h, left : left + images.w]


def laid_out(x: Array, images: Images) -> Array:
    """Plain images (n, c, h, w) in another layout; c must fill its blocks."""
    memory = empty(len(x), images)
    split = x.reshape(len(x), images.blocks, images.block, images.h, images.w)
    pixels(memory, images)[:] = split.transpose(0, 1, 3, 4, 2)
    return memory
