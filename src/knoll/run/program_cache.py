"""The choice of a program for a graph, compiled or in NumPy, and the cache of programs."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import TYPE_CHECKING

from knoll.graph import Graph
from knoll.graph.spec import DType
from knoll.locks import renewed_in
from knoll.plan.passes.standardization import fuse_standardization
from knoll.plan.passes.stop_gradient import drop_stop_gradient
from knoll.run.budget import growth, limit
from knoll.run.light import light_program
from knoll.run.lru import LRU, Entry
from knoll.run.machine_code import is_possible, loading
from knoll.run.program import Program
from knoll.run.reference import reference_program

if TYPE_CHECKING:
    from knoll.ops.update_rule import UpdateRule
    from knoll.run.compiled import CompiledProgram
    from knoll.run.updates import UpdateProgram

MIN_PROGRAMS = 16  # programs that are kept whatever their size: a training step runs several in turn

MOST_UPDATES = 64  # rules of optimisers whose machine code is kept

_updates: dict[tuple[UpdateRule, DType], UpdateProgram] = {}
_programs = LRU[Hashable, Program](most=1024)
_lock = renewed_in(__name__, "_lock", threading.Lock)


def program_for(graph: Graph, wrt: tuple[int, ...], whatever_size: bool = False) -> Program:
    """The program of `graph`, cached or new; its backward gives the gradients of the inputs numbered in `wrt`.

    A graph that is not worth machine code gets it too if it shall have it whatever its size.
    """
    return program_entry(graph, wrt, whatever_size).value


def program_entry(graph: Graph, wrt: tuple[int, ...], whatever_size: bool = False) -> Entry[Hashable, Program]:
    """The same with its place in the cache, where each use is noted."""
    with _lock:
        entry = _programs.entry((graph.key, wrt, whatever_size), lambda: _new(graph, wrt, whatever_size))
        if growth.seen:
            growth.seen = False
            _trim()
        return entry


def _new(graph: Graph, wrt: tuple[int, ...], whatever_size: bool) -> Program:
    """A new program. The compiler is imported here, as `import knoll` and graphs in NumPy do not need it."""
    growth.seen = True
    if not (whatever_size or _is_worth_compiling(graph)):
        return light_program(graph if wrt else drop_stop_gradient(graph), wrt)
    with loading():
        from knoll.run.build import build
        from knoll.run.measured_host import measured_host
        from knoll.run.show import print_stage
    if not is_possible():
        return reference_program(graph if wrt else drop_stop_gradient(graph), wrt)
    program = build(graph, wrt, measured_host())
    print_stage(graph, wrt, program)
    return program


def _is_worth_compiling(graph: Graph) -> bool:
    """Whether machine code pays for a graph: as it was recorded, or with several operations as one."""
    return graph.is_worth_compiling or fuse_standardization(graph).is_worth_compiling


def update_program(rule: UpdateRule, dtype: DType) -> UpdateProgram | None:
    """The machine code of an optimiser's rule for an element type; None where this process may have none."""
    if (rule, dtype) not in _updates:
        with loading():
            from knoll.run.updates import UpdateProgram
        if not is_possible():
            return None
        while len(_updates) >= MOST_UPDATES:
            _updates.popitem()
        _updates[rule, dtype] = UpdateProgram(rule, dtype)
    return _updates[rule, dtype]


def bytes_held() -> int:
    """Bytes that programs keep between calls: machine code and plans, packed parameters, workspaces."""
    with _lock:
        parts, seen = _parts(), set[int]()
        return sum(part.size + part.memory(seen) for part in parts)


def _parts() -> list[CompiledProgram]:
    """The compiled parts of all programs, each once, the most recently used first."""
    return list(dict.fromkeys(part for program in _programs.values() for part in program.compiled_programs()))


def _trim() -> None:
    """Drop what exceeds the limit, not counting what the largest program needs, so that a large network stays fast.

    The least recently used goes first; workspaces and packed parameters, which the next call makes again, go before
    programs.
    """
    most, parts = limit(), _parts()
    while len(_programs) > MIN_PROGRAMS and sum(part.size for part in parts) > most // 2:
        _programs.drop()
        parts = _parts()
    seen = set[int]()
    left = most - sum(part.size for part in parts) + max((part.memory(set()) for part in parts), default=0)
    for part in parts:
        left -= part.memory(seen)
        if left < 0:
            part.drop(keep=1 if part is parts[0] else 0)
