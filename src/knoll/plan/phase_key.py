"""The order of a plan's phases: parameters are packed, then samples go forward, then gradients come back.

A kernel that takes samples one after the other cannot read a sum over all samples before it is complete. A node that
reads such a sum is therefore in the next level of its section, and each level has two phases: a data-parallel one,
which makes partial sums, and one that combines them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum


class Section(IntEnum):
    """The sections of a plan, in order."""

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
        """The phase that combines the partial sums of this one."""
        return replace(self, combines=True)

    @property
    def preceding(self) -> PhaseKey:
        """The phase before those of this level, in which threads share each step: it packs what this level reads.

        >>> PhaseKey(Section.FORWARD, 1).preceding, PhaseKey(Section.FORWARD).preceding
        (forward combine, forward pack)
        """
        return replace(self, level=self.level - 1, combines=True)

    @property
    def by_samples(self) -> bool:
        """Data-parallel: groups of samples go through all steps. Otherwise threads share each step."""
        return self.section is not Section.PREPARE and not self.combines

    def __repr__(self) -> str:
        ending = ["pack" if self.level < 0 else "combine"] * self.combines
        return " ".join([self.section.name.lower()] + [str(self.level)] * (self.level > 0) + ending)


PREPARE = PhaseKey(Section.PREPARE)
