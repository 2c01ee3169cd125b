"""The batch sizes that a module takes, found by tracing it with a few.

What is the same for each sample gives graphs that differ in the number of samples alone. A family of graphs is made of
two of the traces, and has to have the others too.
"""

from __future__ import annotations

import warnings
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from knoll.graph import Node
from knoll.nn.tracing.family import Family
from knoll.nn.tracing.interpolated import Interpolated
from knoll.nn.tracing.rebatched import Rebatched
from knoll.nn.tracing.trace import Trace, TraceOf

LARGEST_LIMIT = 1 << 16  # an index of a slice beyond it says "to the end", and no trace is made that long
HEADROOM = 126  # samples of the largest trace, beside four times those of the example: more than most limits


@dataclass(frozen=True)
class BatchSizes:
    """The batch sizes that a module takes: those of a family, or that of the example alone.

    `of_one` is what the module does with one sample, where that is something else.
    """

    family: Family | None
    of_one: Trace | Exception | None = None


def batch_sizes(trace_of: TraceOf, example: Trace, batched: tuple[int, ...]) -> BatchSizes:
    """The batch sizes that a module takes, found by tracing it with as few others as show it.

    These are one sample, an even number and a large odd one; two samples and three where one sample is something else,
    or less than a slice takes; multiples of the example's where these differ.
    """
    if not batched:
        return BatchSizes(Rebatched(example, example, ()))
    attempt, n = _Trials(trace_of, example), example.samples
    sizes = {size for node in example.graph.nodes for spec in node.specs for size in spec.shape}
    longest = max((limit for node in example.graph.nodes for limit in _limits(node)), default=0)
    for unit in (1, n) if n > 1 else (1,):
        few = example if n % (2 * unit) == 0 or unit > 1 else attempt(2)
        if isinstance(few, Exception):
            continue
        large = max(4 * n + HEADROOM, 2 * longest) // unit | 1  # odd
        many = attempt(_first_free(range(large * unit, 1 << 30, 2 * unit), sizes), few.recorded)
        if isinstance(many, Exception):
            continue
        for family in (Rebatched(many, few, batched, unit), Interpolated(many, few, batched, unit)):
            if not family.has(few) or (n > 1 and not family.has(example)):
                continue
            if unit > 1:
                return BatchSizes(family if family.has(attempt(2 * n)) else None)
            alone = attempt(1)
            is_one_of_it = family.has(alone)
            if (is_one_of_it and not longest) or (family.has(attempt(2)) and family.has(attempt(3))):
                return BatchSizes(family, None if is_one_of_it else alone)
    return BatchSizes(None)


class _Trials:
    """The traces of a module by the number of samples, or what it raised."""

    def __init__(self, trace_of: TraceOf, example: Trace) -> None:
        self._trace_of = trace_of
        self._found: dict[int, Trace | Exception] = {example.samples: example}

    def __call__(self, samples: int, most: int | None = None) -> Trace | Exception:
        """The trace with so many samples, of at most so many operations: a loop over the samples would record many."""
        if samples not in self._found:
            try:
                with warnings.catch_warnings(action="ignore"):  # nobody asked for so many samples
                    self._found[samples] = self._trace_of(samples, most)
            except Exception as error:  # noqa: BLE001 (whatever a forward raises that is written for the example's number)
                self._found[samples] = error
        return self._found[samples]


def _limits(node: Node) -> list[int]:
    """Places on the first axis that an operation names: there may be fewer samples, or more."""
    key = node.attributes.get("key")
    flat = [part for entry in (key or ())[1:2] for part in (entry if isinstance(entry, tuple) else (entry,))]
    return [abs(part) for part in flat if type(part) is int and abs(part) < LARGEST_LIMIT]


def _first_free(numbers: Iterable[int], taken: Collection[int]) -> int:
    """The first of the numbers that is not taken: no axis is mistaken for the samples."""
    return next(number for number in numbers if number not in taken)
