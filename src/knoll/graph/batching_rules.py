"""Rules of batching that many operations share: see `graph/batching.py`."""

from __future__ import annotations

from typing import Any

from knoll.graph.batching import Batch
from knoll.graph.node import Value
from knoll.graph.role import BATCHED


def broadcasting(batch: Batch) -> tuple[Value, ...]:
    """Operands that broadcast, for one example and so for many."""
    rank = max(value.spec.rank for value in batch.node.inputs)
    return batch.apply(*(batch.lifted(place, rank) for place in range(len(batch.operands))))


def elementwise(batch: Batch) -> tuple[Value, ...]:
    """Operations of each element by itself, whose operands have an element for each that they make."""
    rank = max(value.spec.rank for value in batch.node.inputs)
    shapes = [(*(1,) * (rank - value.spec.rank), *value.spec.shape) for value in batch.node.inputs]
    return batch.apply(*(batch.shaped(value, batch.size, *s) for value, s in zip(batch.repeated, shapes, strict=True)))


def directly(batch: Batch) -> tuple[Value, ...]:
    """Operations of any number of leading axes, which all operands have."""
    return batch.apply(*batch.repeated)


def along_axes(batch: Batch) -> tuple[Value, ...]:
    """Operations along axes, which stand one further behind: the attributes `axis`, `axes` and `shape`."""
    given, changed = batch.node.attributes, dict[str, Any]()
    operands = batch.repeated
    if "axis" in given:
        changed["axis"] = given["axis"] % max(batch.rank, 1) + 1
    if "axes" in given:
        changed["axes"] = tuple(axis + 1 for axis in given["axes"])
    if "shape" in given:
        changed["shape"] = (batch.size, *given["shape"])
    if "axis" in given and not batch.rank:  # a number, which is along an axis of its own
        operands = tuple(batch.shaped(value, batch.size, 1) for value in operands)
        changed |= {"shape": (batch.size, 1)} if "shape" in given else {}
    return batch.split(batch.apply(*operands, **changed))


def in_shape(batch: Batch) -> tuple[Value, ...]:
    """Operations whose attribute `shape` is that of the result."""
    return batch.apply(*batch.repeated, shape=(batch.size, *batch.node.attributes["shape"]))


def by_samples(batch: Batch) -> tuple[Value, ...] | None:
    """Operations of each sample by itself: the examples are more samples, where they share the parameters."""
    roles = batch.node.roles
    of_samples = [roles is None or roles.reads[place] is BATCHED for place in range(len(batch.operands))]
    if any(has and not each for has, each in zip(batch.batched, of_samples, strict=True)):
        return None
    operands = (batch.in_samples(place) if each else batch.operands[place] for place, each in enumerate(of_samples))
    return batch.split(batch.apply(*operands))


def by_channels(batch: Batch) -> tuple[Value, ...]:
    """Operations of each channel by itself, of images (n, c, …) and numbers (c,): the examples are more channels."""
    operands = []
    for place, value in enumerate(batch.node.inputs):
        wide = value.spec.rank > 1
        operands.append(
            batch.in_channels(place) if wide else batch.shaped(batch.repeat(place), batch.size * value.spec.size)
        )
    results = batch.apply(*operands)
    return tuple(
        batch.out_of_channels(y, place) if y.spec.rank > 1 else batch.shaped(y, batch.size, *spec.shape)
        for place, (y, spec) in enumerate(zip(results, batch.node.specs, strict=True))
    )


def by_samples_or_channels(batch: Batch) -> tuple[Value, ...]:
    """Operations of each sample and each channel by itself."""
    return by_samples(batch) or by_channels(batch)
