"""Steps and what they touch; times themselves are not compared with anything."""

from __future__ import annotations

import knoll
from knoll import nn
from knoll.analysis import trace
from knoll.run.compiled import CompiledProgram
from knoll.run.measure import bytes_of, measured
from knoll.run.program_cache import program_for


def test_work_and_bytes_of_a_convolution() -> None:
    program = program_for(trace(nn.Conv2d(16, 16, 1), knoll.zeros(5, 16, 6, 6)).graph, ())
    assert isinstance(program, CompiledProgram)
    steps = measured(program, samples=5, rounds=1)
    assert sum(step.flops for step in steps) == 2 * 5 * 16 * 16 * 36
    assert [step.title for step in steps] == [s.kernel.title for phase in program.plan.phases for s in phase.steps]
    (step,) = [step for phase in program.plan.forward for step in phase.steps if step.kernel.work]
    batch = 4 * 16 * 36
    each = (bytes_of(step, 10) - bytes_of(step, 5)) // 5
    assert 2 * batch <= each < 2.1 * batch  # each sample is read and written; a vector may lie behind it
    assert bytes_of(step, 0) >= 4 * (16 * 16 + 16)
