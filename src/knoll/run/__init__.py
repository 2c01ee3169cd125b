"""RUN: programs, worker threads, the reference evaluator."""

from knoll.run.choose import program_for
from knoll.run.program import Program
from knoll.run.reference import Reference
from knoll.run.stamp import Identity, Stamp

__all__ = ["Identity", "Program", "Reference", "Stamp", "program_for"]
