"""Convolution with few output channels to plain images: vector lanes run along input channels.

With a lane for each output channel, of a mask or of the three colours of an image most lanes would stand idle. Here the
sums of neighbouring pixels of one output channel, each over the lanes of its vector, are joined in pairs, so that the
pixels end side by side in one vector.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knoll.graph.sizes import Pair
from knoll.kernels.convolution.polyphase import ONE_COMPONENT, Polyphase
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.linear_algebra.dot_products import side_by_side
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class DotConvolution(Kernel):
    """`size` outputs of a plain `target` in each of its polyphase components, all of which are as large.

    Reads x in blocks of a vector, weights as [component][output][block][row][column][input lane], with `bias` the bias;
    writes y.
    """

    source: Images
    target: Images
    taps: Taps
    size: Pair
    components: Polyphase = ONE_COMPONENT
    bias: bool = False

    @property
    def title(self) -> str:
        """Operation, images, output channels and window."""
        (r, s), source = self.taps.count, self.source
        return f"dot_conv2d{'_bias' * self.bias}_{source.c}x{source.h}x{source.w}_{self.target.c}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, weights, y, then the bias."""
        return 3 + self.bias

    @property
    def parts(self) -> int:
        """Rows of each component."""
        return self.components.count * self.size[0]

    @property
    def columns(self) -> int:
        """Pixels of a tile."""
        return min(self.lanes, self.size[1])

    @property
    def weights(self) -> int:
        """Weights of an output channel in one component, with zeros where a block has no channel."""
        return self.source.blocks * self.lanes * self.taps.count[0] * self.taps.count[1]

    @property
    def work(self) -> int:
        """One for each output, tap and input channel."""
        taps = self.taps.count[0] * self.taps.count[1]
        return self.components.outputs(self.size) * self.target.c * self.source.c * taps

    def emit(self, k: KernelBuilder) -> None:
        """Samples, rows of components, columns of tiles, output channels."""
        x, w, y = k.pointers[:3]
        source, target, b = self.source, self.target, k.bytes
        (down, right), (of_rows, of_columns) = self.taps.stride, self.components.stride
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            component = self.components.of(part // self.size[0], self.size)
            i, (top, left) = part % self.size[0], component.first
            line = x + n * (source.size * b) + source.at(*component.start(self.taps.start)) * b
            line = line + i * (down * source.row * b)
            result = y + n * (target.size * b) + (i * of_rows + top) * (target.row * b) + left * b
            of_component = w + component.number * (target.c * self.weights * b)
            with k.loop(0, self.size[1], self.columns, name="column") as column:
                j = k.minimum(column, self.size[1] - self.columns)
                here, there = line + j * (right * source.block * b), result + j * (of_columns * b)
                with k.loop(0, target.c, name="k") as output:
                    total = side_by_side(k, self._sums(k, here, of_component + output * (self.weights * b)))
                    if self.bias:
                        total = total + k.splat(k.load(k.pointers[3] + output * b, k.scalar))
                    self._store(k, total, there + output * (target.plane * b))

    def _sums(self, k: KernelBuilder, x: Pointer, weights: Pointer) -> list[Register]:
        """The sums of the pixels of a tile, each over the lanes of a vector."""
        sums, source, b = [LoopCarried(k.zero()) for _ in range(self.columns)], self.source, k.bytes
        (rows, columns), (below, beside) = self.taps.count, self.taps.dilation
        for block, lanes in self._blocks(k, sums):
            image, window = x + block * (source.plane * b), weights + block * (rows * columns * k.lanes * b)
            with k.loop(0, rows, carrying=sums, name="r") as r, k.loop(0, columns, carrying=sums, name="s") as s:
                w = k.load(window + (r * columns + s) * (k.lanes * b))
                pixels = image + r * (below * source.row * b) + s * (beside * source.block * b)
                for j, cell in enumerate(sums):
                    pixel = k.load_lanes(pixels + j * (self.taps.stride[1] * source.block * b), lanes)
                    cell.value = k.multiply_add_to(pixel, w, cell.number)
        return [cell.number for cell in sums]

    def _blocks(self, k: KernelBuilder, sums: list[LoopCarried]) -> Iterator[tuple[Integer, int]]:
        """The blocks of channels, and how many lanes of each count."""
        whole, left = divmod(self.source.c, k.lanes)
        if whole:
            with k.loop(0, whole, carrying=sums, name="block") as block:
                yield block, k.lanes
        if left:
            yield whole, left

    def _store(self, k: KernelBuilder, pixels: Register, target: Pointer) -> None:
        """Pixels side by side, or with those of other components between them."""
        step = self.components.stride[1]
        if step == 1:
            k.store_lanes(pixels, target, self.columns)
            return
        for j in range(self.columns):
            k.store(k.lane(pixels, j), target + j * (step * k.bytes))
