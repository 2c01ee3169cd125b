"""When a step runs: parameters are prepared, then samples go forward, then gradients come back.

A kernel that takes samples one after the other cannot read a sum over all of them before it is whole. So what reads
such a sum stands one level above it, and each level has two phases: by samples, then the joining of its sums.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum


class Section(IntEnum):
    """The parts of a plan, in order."""

    PREPARE = 0
    FORWARD = 1
    BACKWARD = 2


@dataclass(frozen=True, order=True)
class PhaseKey:
    """A phase, in the order in which phases run.

    >>> forward, backward = PhaseKey(Section.FORWARD), PhaseKey(Section.BACKWARD)
    >>> sorted([backward, PhaseKey(Section.FORWARD, 1), forward.combining, forward])
    [forward, forward combine, forward 1, backward]
    """

    section: Section
    level: int = 0
    combines: bool = False

    @property
    def combining(self) -> PhaseKey:
        """Where the sums of this phase are joined."""
        return replace(self, combines=True)

    @property
    def by_samples(self) -> bool:
        """Whether each thread takes samples through all steps; otherwise threads share each step."""
        return self.section is not Section.PREPARE and not self.combines

    def __repr__(self) -> str:
        words = [self.section.name.lower()] + [str(self.level)] * (self.level > 0) + ["combine"] * self.combines
        return " ".join(words)


PREPARE = PhaseKey(Section.PREPARE)
