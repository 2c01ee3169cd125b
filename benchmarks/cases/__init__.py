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
    """The cases that the words name, or whose names begin with a word that names none; all if there are no words."""
    names = {case.name for case in CASES}
    exact, beginnings = names.intersection(words), tuple(word for word in words if word not in names)
    return [case for case in CASES if not words or case.name in exact or case.name.startswith(beginnings)]
