"""Winograd's weight transform: the window of each pair of channels, evaluated at the points."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import Pair
from knoll.kernels.convolution.cook_toom import Transforms, transforms
from knoll.kernels.convolution.linear_map import mapped
from knoll.kernels.kernel import Kernel
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Pointer


def transform_window(k: KernelBuilder, t: Transforms, source: Pointer, target: Pointer, strides: Pair) -> None:
    """The weight transform of one vector of windows: columns, then rows; `strides` are those of taps and of points."""
    tap, point = strides
    taps = range(t.taps)
    columns = [mapped(k, t.g, [k.load(source + (r * t.taps + s) * tap) for r in taps]) for s in taps]
    for i in range(t.size):
        for j, value in enumerate(mapped(k, t.g, [column[i] for column in columns])):
            k.store(value, target + (i * t.size + j) * point)


@dataclass(frozen=True)
class WinogradWeights(Kernel):
    """Weights at the points: [group][channel][r][s][lane] → [group][point][channel][lane].

    A group is some vectors of outputs; tiles have `outputs` rows and columns.
    """

    taps: int
    channels: int
    groups: int
    vectors: int
    outputs: int
    stride: int = 1

    @property
    def title(self) -> str:
        """Operation and window."""
        return f"winograd_weights_f{self.outputs}_k{self.taps}_{self.channels}"

    @property
    def pointers(self) -> int:
        """Weights, and weights at the points."""
        return 2

    @property
    def parts(self) -> int:
        """Groups times channels."""
        return self.groups * self.channels

    @property
    def size(self) -> int:
        """Elements of the result."""
        return self.parts * self.transforms.size**2 * self.vectors * self.lanes

    @property
    def transforms(self) -> Transforms:
        """The matrices."""
        return transforms(self.outputs, self.taps, self.stride)

    def emit(self, k: KernelBuilder) -> None:
        """Parts, vectors; then columns and rows of one window."""
        source, target = k.pointers
        t, vector = self.transforms, k.lanes * k.bytes
        width = self.vectors * vector
        with k.loop(k.first_part, k.last_part, name="part") as part, k.loop(0, self.vectors, name="v") as v:
            group, channel = part // self.channels, part % self.channels
            window = source + part * (t.taps**2 * width) + v * vector
            points = target + (group * (t.size**2 * self.channels) + channel) * width + v * vector
            transform_window(k, t, window, points, (width, self.channels * width))
