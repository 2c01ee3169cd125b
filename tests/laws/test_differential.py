"""The first random configurations, on every machine."""

from __future__ import annotations

import pytest
from backends import MACHINES
from differential import compare
from random_networks import configuration

from knoll.machine import Machine

EACH = 24


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize("number", range(EACH))
def test_random_networks(number: int, machine: Machine) -> None:
    drawn = configuration(MACHINES.index(machine), number)
    compare(drawn, machine)
