"""The cost of a phase: an estimate of the cycles that some samples take, alone on a thread or shared by all.

Who takes samples alone goes over all weights; threads that share each step share these too, and read what the others
have written in the step before. The constants follow from times on an AMD Zen 4: of MobileNetV2 and ResNet-50 at
224×224 in batches of 2 to 8, each way on one thread and on two, and of the practice network for the last.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.plan.plan import Kind, Phase

CROSSING = 0.09  # cycles of a byte of activations that another thread may have written
TOGETHER = 0.02  # cycles of a byte of activations of several samples that the cache of a core does not hold
CHANGED = 0.5  # cycles of a byte of parameters that every thread reads, and another has changed
STEP = 9000  # cycles that threads lose to each other in a step: they begin apart and wait for the last


@dataclass(frozen=True)
class PhaseCost:
    """Cycles of one sample, of a pass over the weights and of their change, and how many steps there are.

    `activations` are the bytes that all steps read and write of a sample; `fits` is how many samples the cache of a
    core holds in the largest of them.
    """

    sample: float
    weights: float
    changed: float
    activations: int
    fits: int
    steps: int

    @classmethod
    def of(cls, phase: Phase) -> PhaseCost:
        """The cost of a phase by what its kernels say."""
        kernels = [step.kernel for step in phase.steps]
        of_samples = Kind.BATCH, Kind.SAVED, Kind.SCRATCH
        touched = [sum(b.bytes for b in step.buffers if b.kind in of_samples) for step in phase.steps]
        fits = kernels[0].machine.caches.second // max(1, *touched) if kernels else 1
        weights = sum(kernel.weight_cycles for kernel in kernels)
        changed = CHANGED * sum(kernel.changing_bytes for kernel in kernels)
        return cls(sum(kernel.cycles for kernel in kernels), weights, changed, sum(touched), fits, len(kernels))

    def alone(self, samples: int) -> float:
        """The cycles of samples that one thread takes together through all steps."""
        together = TOGETHER * samples * self.activations if samples > max(self.fits, 1) else 0.0
        return samples * self.sample + self.weights + together

    def shared(self, samples: int, threads: int) -> float:
        """The cycles of samples whose every step threads share."""
        crossing = CROSSING * samples * self.activations
        return (samples * self.sample + self.weights + crossing) / threads + STEP * self.steps
