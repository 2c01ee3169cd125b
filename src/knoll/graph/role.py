"""How the operands and results of an operation relate to the samples of a batch.

Kernels process samples one by one, so a plan must know which arrays have an entry for each sample.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Role(Enum):
    """The relation of an array to the samples of a batch."""

    BATCHED = "one entry for each sample"
    PARAMETER = "the caller's, the same for all samples"
    REDUCED = "a sum over samples"
    SHARED = "the same for all samples: a parameter or a sum over samples"
    ELEMENTWISE = "batched, or shared if all operands of the operation are"
    BROADCAST = "elementwise, or shared and broadcast over a batched result"


class Roles(NamedTuple):
    """The role of each operand and of each result; optional operands are last."""

    reads: tuple[Role, ...]
    makes: tuple[Role, ...]


BATCHED, PARAMETER, REDUCED = Role.BATCHED, Role.PARAMETER, Role.REDUCED
SHARED, ELEMENTWISE, BROADCAST = Role.SHARED, Role.ELEMENTWISE, Role.BROADCAST

# What an operation with a formula reads and makes, unless it says otherwise
BY_ELEMENT = Roles((BROADCAST, BROADCAST, BROADCAST), (ELEMENTWISE,))
