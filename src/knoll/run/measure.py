"""How long each step of a program takes: alone, on one thread, for a batch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from knoll.graph import Array, Spec
from knoll.plan.plan import Buffer, Kind, Phase, Step
from knoll.run.compiled import CompiledProgram, SavedContext

ROUNDS = 7
Given = tuple[Sequence[Array], Sequence[Array]]  # inputs, and the gradients of outputs
_ONE_FOR_EACH_SAMPLE = frozenset({Kind.BATCH, Kind.SAVED, Kind.SCRATCH})


@dataclass(frozen=True, slots=True)
class StepTime:
    """One step of a plan: its kernel, how long it takes, its work and the bytes of the arrays that it touches.

    `flops` are those of a plain sum, two for each multiply-add, also where the kernel needs fewer; `by_samples` says
    that threads take groups of samples through it, rather than share it.
    """

    phase: str
    title: str
    milliseconds: float
    flops: int
    bytes: int
    by_samples: bool

    @property
    def gflops(self) -> float:
        """GFLOP/s: 10⁹ floating-point operations in a second."""
        return 1e-6 * self.flops / self.milliseconds

    @property
    def intensity(self) -> float:
        """Floating-point operations for each byte."""
        return self.flops / max(self.bytes, 1)


def measured(program: CompiledProgram, samples: int = 64, rounds: int = ROUNDS) -> list[StepTime]:
    """The steps of a program in order, each with the median of several runs on inputs of ones."""
    arrays = _stand_ins(program, program.plan.inputs, program.inputs, samples)
    _, saved = program.forward(arrays)
    doutputs = _stand_ins(program, program.plan.outputs, program.outputs, samples)[: len(program.plan.doutputs)]
    if program.plan.backward:
        program.backward(saved, doutputs)
    return [
        _measured(program, Phase(phase.name, (step,), phase.by_samples), saved, (arrays, doutputs), rounds)
        for phase in program.plan.phases
        for step in phase.steps
    ]


def _measured(program: CompiledProgram, alone: Phase, saved: SavedContext, given: Given, rounds: int) -> StepTime:
    (step,), samples = alone.steps, saved.samples
    seconds = median(_timed(program, alone, saved, given) for _ in range(rounds))
    of_samples = any(buffer.kind in _ONE_FOR_EACH_SAMPLE for buffer in step.buffers)
    flops = 2 * step.kernel.work * (samples if of_samples else 1)
    touched = bytes_of(step, samples)
    return StepTime(alone.name, step.kernel.title, max(1e3 * seconds, 1e-6), flops, touched, alone.by_samples)


def bytes_of(step: Step, samples: int) -> int:
    """The bytes of the arrays that a step reads or writes, each once."""
    each = {buffer: samples if buffer.kind in _ONE_FOR_EACH_SAMPLE else 1 for buffer in step.buffers}
    return sum(count * buffer.bytes for buffer, count in each.items())


def _stand_ins(program: CompiledProgram, buffers: Sequence[Buffer], specs: Sequence[Spec], samples: int) -> list[Array]:
    """Arrays of ones, and of zeros for labels."""
    shapes = program.shapes(buffers, specs, samples)
    return [np.full(shape, int(s.is_float), s.dtype) for shape, s in zip(shapes, specs, strict=True)]


def _timed(program: CompiledProgram, phase: Phase, saved: SavedContext, given: Given) -> float:
    run = program.prepared(phase, saved, *given)
    start = time.perf_counter()
    run()
    return time.perf_counter() - start
