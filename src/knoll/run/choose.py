"""Which way a graph is run: machine code where it pays, plain NumPy for the glue between."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Hashable
from functools import cache

from knoll.errors import FileError
from knoll.graph import Graph
from knoll.locks import renewed_in, unforked
from knoll.messages import say
from knoll.plan.passes.stop_gradient import drop_stop_gradient
from knoll.run.program import Program
from knoll.run.reference import reference

PROGRAMS = 1024  # graphs remembered; with very many shapes they are forgotten and built again

_programs: dict[Hashable, Program] = {}
_lock = renewed_in(__name__, "_lock", threading.Lock)


def program_for(graph: Graph, wanted: tuple[int, ...]) -> Program:
    """The program of `graph` that can give the gradients of the inputs numbered in `wanted`."""
    key = (graph.key, wanted)
    with _lock:
        program = _programs.get(key)
        if program is None:
            if len(_programs) >= PROGRAMS:
                _programs.clear()
            program = _programs[key] = _new(graph, wanted)
        return program


def _new(graph: Graph, wanted: tuple[int, ...]) -> Program:
    """The compiler is loaded when it first has work: `import knoll` and glue in NumPy need none of it."""
    if not any(node.is_heavy for node in graph.nodes):
        return reference(graph if wanted else drop_stop_gradient(graph), wanted)
    try:
        with unforked:  # no child can go on with half a module
            from knoll.llvm.code import is_possible
            from knoll.machine import host
            from knoll.run.build import build
            from knoll.run.show import announce
    except OSError as error:  # no file can be opened any more
        raise FileError.after(error, say("run.not_loaded", reason=error.strerror)) from None
    if not is_possible():
        _tell_once()
        return reference(graph if wanted else drop_stop_gradient(graph), wanted)
    program = build(graph, wanted, host())
    announce(graph, wanted, program)
    return program


@cache
def _tell_once() -> None:
    warnings.warn(say("run.no_code"), RuntimeWarning, stacklevel=2)
