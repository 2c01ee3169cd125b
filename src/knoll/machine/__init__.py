"""Descriptions of processors: vector width, number of registers, instruction sets."""

from knoll.machine.machine import NAMED, Machine, host

__all__ = ["NAMED", "Machine", "host"]
