"""Machine code = meaning: every layer, on every machine, in both element types, in training and in use."""

from __future__ import annotations

from functools import cache

import pytest
from backends import MACHINES, NoKernel, Outcome, close, in_machine_code, in_numpy, outcome
from table import CASES, Case

from knoll.machine import Machine

Mode = tuple[bool, bool]  # training, gradient


def modes(case: Case) -> list[Mode]:
    """Training and use; use with gradients too where it is another computation."""
    return [(True, True), (False, False), *([(False, True)] if case.modes else [])]


@cache
def meaning(case: Case, dtype: str, mode: Mode) -> Outcome:
    training, gradient = mode
    return outcome(in_numpy, case.build(dtype).train(training), case.arrays(dtype), gradient)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.name)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("case", [case for case in CASES if case.compiled], ids=str)
def test_machine_code_equals_meaning(case: Case, dtype: str, machine: Machine) -> None:
    for mode in modes(case):
        training, gradient = mode
        mine = outcome(in_machine_code(machine), case.build(dtype).train(training), case.arrays(dtype), gradient)
        close(mine, meaning(case, dtype, mode))


@pytest.mark.parametrize("case", [case for case in CASES if not case.compiled], ids=str)
def test_what_is_said_to_have_no_kernel_has_none(case: Case) -> None:
    try:
        outcome(in_machine_code(MACHINES[0]), case.build(), case.arrays())
    except NoKernel:
        return
    pytest.fail("all of it has kernels now: let the table say so")
