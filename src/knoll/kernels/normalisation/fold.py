"""Batch normalisation with running statistics, folded into the weights and the bias of the layer before it."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.kernel import Kernel
from knoll.kernels.normalisation.batch_norm import factor
from knoll.kernels.reduction.rows import vector_offsets
from knoll.llvm.builder import KernelBuilder


@dataclass(frozen=True)
class FoldWeight(Kernel):
    """Weights multiplied by the factor of their output channel."""

    channels: int
    weights_per_channel: int
    epsilon: float
    scaled: bool

    @property
    def title(self) -> str:
        """Operation and size."""
        return f"fold_weight_{self.channels}x{self.weights_per_channel}"

    @property
    def pointers(self) -> int:
        """Weights, variance, scale if there is one, new weights."""
        return 3 + self.scaled

    @property
    def parts(self) -> int:
        """Output channels."""
        return self.channels

    def emit(self, k: KernelBuilder) -> None:
        """Channels, vectors of their weights."""
        weights, *channels, folded = k.pointers
        with k.loop(k.first_part, k.last_part, name="part") as part:
            variance, *scale = (k.splat(k.load(p + part * k.bytes, k.scalar)) for p in channels)
            multiplier = factor(k, variance, *scale, epsilon=self.epsilon)
            start = part * (self.weights_per_channel * k.bytes)
            for place, lanes in vector_offsets(k, self.weights_per_channel):
                w = k.load_lanes(weights + start + place, lanes)
                k.store_lanes(w * multiplier, folded + start + place, lanes)


@dataclass(frozen=True)
class FoldBias(Kernel):
    """The folded bias of each channel: (bias − mean) · factor + shift."""

    channels: int
    epsilon: float
    biased: bool
    affine: bool

    @property
    def title(self) -> str:
        """Operation and channels."""
        return f"fold_bias_{self.channels}"

    @property
    def pointers(self) -> int:
        """Mean, variance, bias if there is one, scale and shift if it is affine, new bias."""
        return 3 + self.biased + 2 * self.affine

    def emit(self, k: KernelBuilder) -> None:
        """Vectors of channels."""
        *sources, folded = k.pointers
        with k.loop(k.first_part, k.last_part, name="part"):
            for place, lanes in vector_offsets(k, self.channels):
                mean, variance, *given = (k.load_lanes(p + place, lanes) for p in sources)
                start = given.pop(0) - mean if self.biased else k.zero() - mean
                scale, shift = given or (None, None)
                value = start * factor(k, variance, scale, epsilon=self.epsilon)
                k.store_lanes(value if shift is None else value + shift, folded + place, lanes)
