"""Winograd's weight transform: the window of each pair of channels, evaluated at the points."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.graph.sizes import Pair
from knoll.kernels.convolution.cook_toom import Transforms2d, transforms2d
from knoll.kernels.convolution.linear_map import mapped
from knoll.kernels.kernel import Kernel
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Pointer


def transform_window(k: KernelBuilder, t: Transforms2d, source: Pointer, target: Pointer, strides: Pair) -> None:
    """The weight transform of one vector of windows: columns, then rows; `strides` are those of taps and of points."""
    tap, point = strides
    wide = t.columns.taps
    windows = [[k.load(source + (r * wide + s) * tap) for r in range(t.rows.taps)] for s in range(wide)]
    columns = [mapped(k, t.rows.g, column) for column in windows]
    for i in range(t.rows.size):
        for j, value in enumerate(mapped(k, t.columns.g, [column[i] for column in columns])):
            k.store(value, target + (i * t.columns.size + j) * point)


@dataclass(frozen=True)
class WinogradWeights(Kernel):
    """Weights at the points: [group][channel][r][s][lane] → [group][point][channel][lane].

    A group is some vectors of outputs; tiles have `outputs` rows and columns.
    """

    taps: Pair
    channels: int
    groups: int
    vectors: int
    outputs: Pair
    stride: Pair

    @property
    def title(self) -> str:
        """Operation and window."""
        (down, across), (r, s) = self.outputs, self.taps
        return f"winograd_weights_f{down}x{across}_k{r}x{s}_{self.channels}"

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
        return self.parts * self.transforms.points * self.vectors * self.lanes

    @property
    def transforms(self) -> Transforms2d:
        """The matrices."""
        return transforms2d(self.outputs, self.taps, self.stride)

    def emit(self, k: KernelBuilder) -> None:
        """Parts, vectors; then columns and rows of one window."""
        source, target = k.pointers
        t, vector = self.transforms, k.lanes * k.bytes
        width = self.vectors * vector
        with k.loop(k.first_part, k.last_part, name="part") as part, k.loop(0, self.vectors, name="v") as v:
            group, channel = part // self.channels, part % self.channels
            window = source + part * (t.taps * width) + v * vector
            points = target + (group * (t.points * self.channels) + channel) * width + v * vector
            transform_window(k, t, window, points, (width, self.channels * width))
