"""How many samples a thread takes through the layers of a phase together."""

from __future__ import annotations

from knoll.kernels.kernel import MICRO_BATCH
from knoll.plan.plan import Kind, Phase, Plan

WITHOUT_SCRATCH = 16  # where nothing lies between two steps: rows that a kernel takes side by side
NEAR_BYTES = 16 << 10  # half of a first-level cache: samples that fit there together cost little beside their calls


def micro_batch_of(plan: Plan) -> int:
    """The largest micro-batch of a plan.

    It is larger than usual where samples are small, where no step reads what another wrote in the same phase, and where
    a kernel goes through its weights once for so many samples, whose activations fit the cache.
    """
    activations = plan.bytes_for_each(Kind.SCRATCH)
    lasting = sum(buffer.bytes for kind in (Kind.BATCH, Kind.SAVED) for buffer in plan.of_kind(kind))
    small = NEAR_BYTES // (activations + lasting or NEAR_BYTES) // MICRO_BATCH * MICRO_BATCH
    preferred = max((preferred_samples(phase) for phase in plan.phases), default=1)
    if not activations:
        return max(WITHOUT_SCRATCH, small, preferred)
    cached = _cache_of(plan) // activations // MICRO_BATCH * MICRO_BATCH
    return max(MICRO_BATCH, small, min(preferred, cached))


def _cache_of(plan: Plan) -> int:
    """Bytes of the second-level cache of the machine that a plan is for."""
    return next(step.kernel.machine.caches.second for phase in plan.phases for step in phase.steps)


def preferred_samples(phase: Phase) -> int:
    """The samples that a phase best takes together."""
    return max((step.kernel.samples_at_once for step in phase.steps), default=1) if phase.by_samples else 1


def has_scratch(phase: Phase) -> bool:
    """Whether a step of a phase uses scratch memory, which has room for the usual micro-batch."""
    return any(buffer.kind is Kind.SCRATCH for step in phase.steps for buffer in step.buffers)
