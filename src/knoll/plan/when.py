"""When a step runs: parameters are prepared, then samples go forward, then gradients come back.

A kernel that takes samples one after the other cannot read a sum over all of them before it is whole. So what reads
such a sum stands one level above it, and each level has two phases: by samples, then the joining of its sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum


class Half(IntEnum):
    """The parts of a plan, in order."""

    PREPARE = 0
    FORWARD = 1
    BACKWARD = 2


@dataclass(frozen=True, order=True)
class When:
    """A phase, in the order in which phases run.

    >>> sorted([When(Half.BACKWARD), When(Half.FORWARD, 1), When(Half.FORWARD).joining, When(Half.FORWARD)])
    [forward, forward join, forward 1, backward]
    """

    half: Half
    level: int = 0
    joins: bool = False

    @property
    def joining(self) -> When:
        """Where the sums of this phase are joined."""
        return replace(self, joins=True)

    @property
    def by_samples(self) -> bool:
        """Whether each thread takes samples through all steps; otherwise threads share each step."""
        return self.half is not Half.PREPARE and not self.joins

    def __repr__(self) -> str:
        words = [self.half.name.lower()] + [str(self.level)] * (self.level > 0) + ["join"] * self.joins
        return " ".join(words)


PREPARE = When(Half.PREPARE)
