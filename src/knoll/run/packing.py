"""Packings: the connected parts of a plan's prepare phase, each of which makes buffers of parameters.

A packing has a digest of what it does, by which programs find packed parameters that another one has made.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from knoll.plan.plan import Buffer, Kind, Plan, Step


@dataclass(frozen=True, eq=False)
class Packing:
    """Connected steps of the prepare phase, where one writes what the next reads, and the buffers that they write.

    `constants` numbers the parameters that the steps read. Equal digests mean equal results for equal parameters.
    """

    steps: tuple[Step, ...]
    buffers: tuple[Buffer, ...]
    constants: tuple[int, ...]
    digest: str


def constants_of(plan: Plan) -> tuple[int, ...]:
    """The numbers of the inputs that are packed."""
    prepared = {buffer.number for step in plan.prepare.steps for buffer in step.buffers}
    return tuple(i for i, buffer in enumerate(plan.inputs) if buffer.number in prepared)


def packings(plan: Plan) -> tuple[Packing, ...]:
    """The connected components of a plan's prepare phase."""
    index = {plan.inputs[i].number: position for position, i in enumerate(constants_of(plan))}
    return tuple(_packing(steps, index) for steps in _connected_steps(plan.prepare.steps))


def _connected_steps(steps: Iterable[Step]) -> list[list[Step]]:
    """Steps grouped so that no two groups have a packed buffer in common; each group in order."""
    groups: list[tuple[set[int], list[Step]]] = []
    for step in steps:
        mine = {buffer.number for buffer in step.buffers if buffer.kind is Kind.PACKED}
        met = [group for group in groups if group[0] & mine]
        groups = [group for group in groups if not group[0] & mine]
        groups.append((mine.union(*(numbers for numbers, _ in met)), [s for _, those in met for s in those] + [step]))
    return [those for _, those in groups]


def _packing(steps: list[Step], index: dict[int, int]) -> Packing:
    buffers = list(dict.fromkeys(buffer for step in steps for buffer in step.buffers))
    number = {buffer: i for i, buffer in enumerate(buffers)}
    words = [
        f"{step.kernel.specification} {step.kernel.numbers} "
        f"{[(number[b], b.kind.value, b.element, b.size) for b in step.buffers]}"
        for step in steps
    ]
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()
    packed = tuple(buffer for buffer in buffers if buffer.kind is Kind.PACKED)
    constants = tuple(index[buffer.number] for buffer in buffers if buffer.kind is not Kind.PACKED)
    return Packing(tuple(steps), packed, constants, digest)
