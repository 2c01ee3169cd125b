"""Programs that make a layer of the lab, give it what it was given, and print what comes out: in five libraries."""

from knoll.lab.code.program import LIBRARIES, Library, Program, program_of

__all__ = ["LIBRARIES", "Library", "Program", "program_of"]
