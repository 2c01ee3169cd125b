"""WHERE: what a processor has."""

from knoll.machine.machine import NAMED, Machine, host

__all__ = ["NAMED", "Machine", "host"]
