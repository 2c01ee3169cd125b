"""All cases by name, in the order in which they run."""

from __future__ import annotations

from benchmarks.cases import convolution, eager, fresh_process, inference, layers, networks, training
from benchmarks.cases.case import Case

CASES: tuple[Case, ...] = (
    *inference.CASES,
    *training.CASES,
    *convolution.CASES,
    *layers.CASES,
    *networks.CASES,
    *eager.CASES,
    *fresh_process.CASES,
)


def cases_named(words: tuple[str, ...]) -> list[Case]:
    """The cases whose names begin with one of the words; all if there are none."""
    return [case for case in CASES if not words or case.name.startswith(words)]
