"""Repeated inference: a call of a program with the parameters of an earlier call, whose memory and launch are known."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING
from weakref import ref

from knoll.graph import Array, Graph
from knoll.run.budget import growth
from knoll.run.program_cache import program_entry
from knoll.run.stamp import Stamp

if TYPE_CHECKING:
    from knoll.run.compiled import CompiledProgram
    from knoll.run.launch import Launch
    from knoll.run.lru import Entry
    from knoll.run.packed import PackedParameters
    from knoll.run.program import Program
    from knoll.run.workspace import Workspace


class RepeatedCall:
    """An inference of a program whose first input changes, and nothing else does.

    It keeps neither the program nor its memory: both may be dropped to stay within the limit.
    """

    def __init__(
        self,
        entry: Entry[Hashable, Program],
        program: CompiledProgram,
        launch: Launch,
        memory: tuple[Workspace, PackedParameters],
        samples: int,
        parameters: Sequence[Array],
    ) -> None:
        space, packed = memory
        self._entry, self._program, self._space, self._packed = ref(entry), ref(program), ref(space), ref(packed)
        self._launch, self._samples, self._parameters = launch, samples, parameters

    def __call__(self, x: Array) -> list[Array] | None:
        """The outputs; None where the memory is in use or gone, and for an array of another shape or order."""
        entry, program, space, packed = self._entry(), self._program(), self._space(), self._packed()
        if entry is None or program is None or space is None or packed is None or growth.seen:
            return None
        entry.use()
        return program.run_again(self._launch, self._samples, space, packed, [x, *self._parameters])


def repeated_call(graph: Graph, arrays: Sequence[Array], stamps: Sequence[Stamp | None]) -> RepeatedCall | None:
    """The same inference again.

    None without samples, where numbers of the first input are packed or checked, and for other programs.
    """
    entry = program_entry(graph, ())
    program = next(entry.value.compiled_programs(), None)
    if program is None or program is not entry.value or not program.is_repeatable or not len(arrays[0]):
        return None
    launch, samples, memory = program.laid_out(arrays, stamps)
    return RepeatedCall(entry, program, launch, memory, samples, program.read(arrays)[1:])
