"""Execution: the choice of a program for a graph (`choose.py`), compiled programs, threads, the reference evaluator."""

from knoll.run.choose import program_for, update_program
from knoll.run.program import Program
from knoll.run.reference import ReferenceProgram
from knoll.run.stamp import Identity, Stamp

__all__ = ["Identity", "Program", "ReferenceProgram", "Stamp", "program_for", "update_program"]
