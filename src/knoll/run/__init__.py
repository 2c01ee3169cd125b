"""RUN: programs, worker threads, the reference evaluator."""

from knoll.run.choose import program_for
from knoll.run.program import Program
from knoll.run.reference import Reference

__all__ = ["Program", "Reference", "program_for"]
