"""Execution: the program of a graph and its cache (`program_cache.py`), worker threads, the reference evaluator."""

from knoll.run.program import Program
from knoll.run.program_cache import program_for, update_program
from knoll.run.reference import ReferenceProgram
from knoll.run.stamp import Identity, Stamp

__all__ = ["Identity", "Program", "ReferenceProgram", "Stamp", "program_for", "update_program"]
