"""The first random configurations, on every machine."""

from __future__ import annotations

import pytest
from differential import compare
from drawn import configuration
from ways import MACHINES

from knoll.machine import Machine

EACH = 24


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize("number", range(EACH))
def test_random_networks(number: int, machine: Machine) -> None:
    drawn = configuration(MACHINES.index(machine), number)
    compare(drawn, machine)
