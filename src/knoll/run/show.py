"""Every stage of a program as text: graph, passes, plan, loops, llvm, asm, times.

`KNOLL_SHOW=plan` prints that stage of every program when it is built; `knoll show` prints it on request.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Literal, get_args

from knoll.errors import ArgumentError
from knoll.graph import Graph
from knoll.kernels.kernel import Kernel
from knoll.llvm.compile import assembly
from knoll.messages import say
from knoll.ops.differentiate import differentiate
from knoll.plan.passes import simplify
from knoll.run.compiled import CompiledProgram
from knoll.run.measure import measured
from knoll.run.partitioned import PartitionedProgram
from knoll.run.program import Program
from knoll.run.reference import ReferenceProgram

Stage = Literal["graph", "passes", "plan", "loops", "llvm", "asm", "times"]
STAGES: tuple[Stage, ...] = get_args(Stage)


def wanted_stage() -> str | None:
    """The stage that `KNOLL_SHOW` asks for."""
    stage = os.environ.get("KNOLL_SHOW")
    if stage and stage not in STAGES:
        raise ArgumentError(say("run.stage", stage=stage, stages=", ".join(STAGES)))
    return stage or None


def print_stage(graph: Graph, wrt: tuple[int, ...], program: Program) -> None:
    """Print a stage of a new program to standard error if `KNOLL_SHOW` asks for one."""
    stage = wanted_stage()
    if stage:
        print(shown(graph, wrt, program, stage), file=sys.stderr)


def shown(graph: Graph, wrt: tuple[int, ...], program: Program, stage: str) -> str:
    """One stage of the program that a graph, with the gradients of its inputs in `wrt`, has become."""
    if stage not in STAGES:
        raise ArgumentError(say("run.stage", stage=stage, stages=", ".join(STAGES)))
    if stage == "passes":
        return passes(graph, bool(wrt))
    return repr(compiled_graph(graph, wrt)) if stage == "graph" else stage_of(program, stage)


def compiled_graph(graph: Graph, wrt: tuple[int, ...]) -> Graph:
    """The graph after all passes, joined with its gradient; of the batch at hand, as one program serves all sizes."""
    simple = simplify(graph, bool(wrt))
    return differentiate(simple, wrt).joint if wrt else simple


def passes(graph: Graph, differentiated: bool) -> str:
    """The graph as it was recorded, and after each pass that changed it."""
    texts = [f"# {say('plan.passes')}\n{graph}"]
    simplify(graph, differentiated, lambda each, after: texts.append(f"# {each.name}: {each.sentence}\n{after}"))
    return "\n\n".join(texts)


def stage_of(program: Program, stage: str) -> str:
    """One stage of a program."""
    if isinstance(program, PartitionedProgram):
        return "\n\n".join(stage_of(partition.program, stage) for partition in program.partitions)
    if isinstance(program, ReferenceProgram):
        graph = program.differentiated.joint if program.differentiated else program.graph
        return say("run.numpy") + "\n" + repr(graph)
    assert isinstance(program, CompiledProgram)
    if stage == "plan":
        return repr(program.plan)
    if stage == "times":
        return times(program)
    ways: dict[str, Callable[[Kernel], str]] = {
        "loops": lambda kernel: kernel.written().listing(),
        "llvm": lambda kernel: kernel.written().text(),
        "asm": lambda kernel: assembly(kernel.written().text(), kernel.machine),
    }
    return "\n\n".join(ways[stage](kernel) for kernel in kernels(program))


def kernels(program: CompiledProgram) -> list[Kernel]:
    """The kernels of a program, each once, in the order in which they first run."""
    return list(dict.fromkeys(step.kernel for phase in program.plan.phases for step in phase.steps))


def times(program: CompiledProgram, samples: int = 64) -> str:
    """How long each step takes alone, on one thread, in milliseconds for a batch.

    And how near it comes to a direct sum's work.
    """
    lines = [f"{'ms':>9} {'GFLOP/s':>9}  {say('run.times', samples=samples)}"]
    for timed in measured(program, samples):
        rate = f"{timed.gflops:.1f}" if timed.flops else ""
        lines.append(f"{timed.milliseconds:9.3f} {rate:>9}  {timed.phase:8} {timed.title}")
    return "\n".join(lines)
