"""Which way a graph is run: machine code where it pays, plain NumPy for the glue between; and what is kept of it."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Hashable
from functools import cache
from typing import TYPE_CHECKING

from knoll.errors import FileError
from knoll.graph import Graph
from knoll.locks import renewed_in, unforked
from knoll.messages import say
from knoll.plan.passes.stop_gradient import drop_stop_gradient
from knoll.run.budget import growth, limit
from knoll.run.lru import LRU
from knoll.run.program import Program
from knoll.run.reference import reference_program

if TYPE_CHECKING:
    from knoll.run.compiled import CompiledProgram

FEWEST = 16  # programs that are kept whatever they take: a training step runs some of them in turn

_programs = LRU[Hashable, Program](most=1024)
_lock = renewed_in(__name__, "_lock", threading.Lock)


def program_for(graph: Graph, wrt: tuple[int, ...]) -> Program:
    """The program of `graph` that can give the gradients of the inputs numbered in `wrt`."""
    with _lock:
        program = _programs.get((graph.key, wrt), lambda: _new(graph, wrt))
        if growth.seen:
            growth.seen = False
            _trim()
        return program


def _new(graph: Graph, wrt: tuple[int, ...]) -> Program:
    """The compiler is loaded when it first has work: `import knoll` and glue in NumPy need none of it."""
    growth.seen = True
    if not graph.is_worth_compiling:
        return reference_program(graph if wrt else drop_stop_gradient(graph), wrt)
    try:
        with unforked:  # no child can go on with half a module
            from knoll.llvm.code import is_possible
            from knoll.machine import host
            from knoll.run.build import build
            from knoll.run.show import print_stage
    except OSError as error:  # no file can be opened any more
        raise FileError.after(error, say("run.not_loaded", reason=error.strerror)) from None
    if not is_possible():
        _tell_once()
        return reference_program(graph if wrt else drop_stop_gradient(graph), wrt)
    program = build(graph, wrt, host())
    print_stage(graph, wrt, program)
    return program


@cache
def _tell_once() -> None:
    warnings.warn(say("run.no_code"), RuntimeWarning, stacklevel=2)


def held() -> int:
    """Bytes that programs keep between calls: machine code and plans, packed parameters, workspaces."""
    with _lock:
        parts, seen = _parts(), set[int]()
        return sum(part.size + part.memory(seen) for part in parts)


def _parts() -> list[CompiledProgram]:
    """What all programs are made of, each once, that used last first."""
    return list(dict.fromkeys(part for program in _programs.values() for part in program.compiled_programs()))


def _trim() -> None:
    """Keep within the limit, beside what the largest program needs, so that the step of a large network stays fast.

    What was not used for the longest time goes first, and memory, which the next call makes again, before programs.
    """
    most = limit()
    while len(_programs) > FEWEST and sum(part.size for part in _parts()) > most // 2:
        _programs.drop()
    parts, seen = _parts(), set[int]()
    left = most - sum(part.size for part in parts) + max((part.memory(set()) for part in parts), default=0)
    for part in parts:
        left -= part.memory(seen)
        if left < 0:
            part.drop(keep=1 if part is parts[0] else 0)
