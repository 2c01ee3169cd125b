"""Direct convolution: a register-blocked loop nest over output channels, rows, columns, input channels and taps.

Vector lanes run along output channels. The sums of a tile stay in registers while the microkernel
(`kernels/convolution/microkernel.py`) accumulates them, and weights are read once for each tile. The input gradient is
the same loop nest with other taps. Bias, max pooling and the epilogue are applied while the sums are in registers;
where the result is a contiguous array, they are transposed there. Source: Georganas et al., Anatomy of High-Performance
Deep Learning Convolutions on SIMD Architectures, 2018, arXiv 1808.05567.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.microkernel import Microkernel, Sums, vector_types
from knoll.kernels.convolution.polyphase import ONE_COMPONENT, Polyphase
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue, window_max
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import NO_HALO, Images
from knoll.kernels.layout.transpose import transposed
from knoll.kernels.tile.part_order import PartOrder
from knoll.kernels.tile.row_parts import RowParts
from knoll.kernels.tile.tile import Tile, best_tile
from knoll.kernels.tile.tile_address import TilePosition
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Register

WORTH_JOINING = 1.05  # times as fast rows of pixels have to be together
MIN_PARTS = 16  # that threads can share then

# The share of the second-level cache that stays there while other bytes pass through it.
NEAR = 0.75


@dataclass(frozen=True)
class DirectConvolution(Kernel):
    """`size` outputs of `target` in each of its polyphase components, each the sum of its taps over source channels.

    A component may be smaller than `size`; its taps begin at `taps.start` − `earlier`. `per_group` is
    (outputs, inputs) of one group of the convolution, whose outputs are whole vectors if there are several groups.
    A plain target has whole vectors of channels, and no pooling.
    Reads x, packed weights, with `bias` a padded bias, and what the epilogue takes; writes y and, with `codes`, which
    tap of each pooling window won.
    """

    source: Images
    target: Images
    taps: Taps
    size: Pair
    per_group: Pair
    components: Polyphase = ONE_COMPONENT
    bias: bool = False
    pool: Pair = (1, 1)
    codes: bool = False
    epilogue: Epilogue = NO_EPILOGUE

    @property
    def channels(self) -> int:
        """Input channels that feed each group of outputs."""
        return self.per_group[1]

    @property
    def title(self) -> str:
        """Operation, fused parts, window and channels."""
        fused = self.epilogue.title(self.bias, self.pool != (1, 1))
        r, s = self.taps.count
        return f"conv2d{fused}_{self.source.c}x{self.source.h}x{self.source.w}_{self.target.c}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, weights, y, then bias, operands and codes."""
        return 3 + self.bias + len(self.epilogue.operands) + self.codes

    @property
    def with_long_rows(self) -> DirectConvolution:
        """The same sums over rows of pixels joined to longer ones, where tiles fit these better.

        Windows have one tap then, and no gaps lie between rows.
        """
        every = [self.source, self.target, *(each for each in self.epilogue.operands if not isinstance(each, str))]
        whole = all(isinstance(i, Images) and i.halo == NO_HALO and (i.h, i.w) == self.size for i in every)
        plain = self.pool == (1, 1) and self.components == ONE_COMPONENT
        if not (whole and plain and self.taps.count == self.taps.stride == (1, 1) and self.taps.start == (0, 0)):
            return self
        joined = [self._of_rows(rows) for rows in range(self.size[0] - 1, 0, -1) if self.size[0] % rows == 0]
        shared = [each for each in joined if each.parts >= MIN_PARTS]
        return min((self, *shared), key=lambda each: each.time * (1.0 if each is self else WORTH_JOINING))

    def _of_rows(self, rows: int) -> DirectConvolution:
        """The same sums over images of so many rows."""
        size = rows, self.size[0] * self.size[1] // rows

        def joined(images: Images) -> Images:
            return replace(images, h=size[0], w=size[1])

        operands = tuple(joined(each) if isinstance(each, Images) else each for each in self.epilogue.operands)
        epilogue = replace(self.epilogue, operands=operands)
        return replace(self, source=joined(self.source), target=joined(self.target), size=size, epilogue=epilogue)

    @property
    def time(self) -> float:
        """An estimate of the cycles per input channel and tap, in multiply-adds."""
        return self.tile.time(self.machine, *self.size, self.group_vectors, depth=self.depth)

    @cached_property
    def tile(self) -> Tile:
        """The sums kept in registers."""
        least = self.components.least(self.size)
        left = self.target.c % self.lanes if self.per_group[0] == self.target.c else 0
        half = self.machine.halves and 0 < left <= self.lanes // 2
        return best_tile(self.machine, self.size, self.group_vectors, self.pool, least, self.depth, half)

    @cached_property
    def rest(self) -> Tile | None:
        """The tile of columns that are left over; components of several sizes have none."""
        columns = self.size[1]
        if self.components.least(self.size)[1] != columns:
            return None
        return self.tile.rest(self.machine, columns, self.depth)

    @property
    def vectors(self) -> int:
        """Vectors of output channels."""
        return ceil_div(self.target.c, self.lanes)

    @property
    def group_vectors(self) -> int:
        """Vectors of output channels that share their input channels."""
        return ceil_div(self.per_group[0], self.lanes)

    @property
    def row_tiles(self) -> int:
        """Tiles in a column of tiles; the last may overlap the one before."""
        return ceil_div(self.size[0], self.tile.rows)

    @cached_property
    def by_rows(self) -> bool:
        """Whether one thread does all output channels of a row of tiles before it goes to the next row.

        By rows the weights are read again for each row, else the image for each group of output channels: whichever
        order moves fewer bytes from beyond the second-level cache.
        """
        groups, size = self.components.count * (self.vectors // self.tile.vectors), self.dtype.itemsize
        near = NEAR * self.machine.caches.second
        rows = min(self.source.h, self.size[0] * self.taps.count[0])
        image, weights = self.source.blocks * self.source.row * rows * size, self.group_weights * groups * size
        times = self.components.count * (self.group_vectors // self.tile.vectors) if image > near else 1
        return image + weights * (self.row_tiles if weights > near else 1) < weights + image * times

    @property
    def order(self) -> PartOrder:
        """Parts are groups of output vectors times rows of tiles; threads that share them take rows of large images."""
        components, groups = self.components.count, self.vectors // self.tile.vectors
        activations = self.source.size + self.components.outputs(self.size) * self.vectors * self.lanes
        weights = self.group_weights * groups * components
        return PartOrder(groups, self.row_tiles, self.by_rows, activations >= weights, components)

    @property
    def parts(self) -> int:
        """Those of the order."""
        return self.order.parts

    @property
    def row_parts(self) -> RowParts | None:
        """Rows of pooling windows, unless it writes their codes as well."""
        order, (size, pooled) = self.order, (self.size[0], self.pool[0])
        if not order.by_rows_shared or self.components != ONE_COMPONENT or self.codes:
            return None
        operands = (0, self.taps.under_rows(pooled)), *self.epilogue.by_rows(3 + self.bias)
        return RowParts(size // pooled, self.tile.rows // pooled, order.groups, 2, operands)

    @property
    def depth(self) -> int:
        """Products in a sum."""
        return max(self.channels * self.taps.count[0] * self.taps.count[1], 1)

    @property
    def work(self) -> int:
        """One for each output, tap and input channel."""
        taps = self.taps.count[0] * self.taps.count[1]
        return self.components.outputs(self.size) * self.target.c * self.channels * taps

    def emit(self, k: KernelBuilder) -> None:
        """Samples, parts, columns of tiles."""
        x, w = k.pointers[:2]
        b, tile, of_group = k.bytes, self.tile, self.group_weights * k.bytes
        order = self.order
        with k.loop(0, k.count, name="n") as n:
            image = x + n * (self.source.size * b)
            with k.loop(k.first_part, k.last_part, name="part") as part:
                number, group, row = order.place(k, part)
                component = self.components.of(number, self.size)
                i = k.minimum(row * tile.rows, component.size[0] - tile.rows)
                weights = w + component.number * (order.groups * of_group) + group * of_group
                lines = image + self._first_channel(k, group) + i * (self.taps.stride[0] * self.source.row * b)
                lines = lines + self.source.at(*component.start(self.taps.start)) * b
                for t, j in self._columns(k, component.size[1]):
                    sums = self._start(k, t, group)
                    self._microkernel.emit(k, lines + j * (self.taps.stride[1] * self.source.block * b), weights, sums)
                    sums.fill_vectors(k)
                    row_of, column_of = i // self.pool[0], j // self.pool[1]
                    spot = TilePosition(
                        n, group * tile.vectors, row_of, column_of, component.first, self.components.stride
                    )
                    self._finish(k, sums, spot)

    def _columns(self, k: KernelBuilder, columns: Integer) -> Iterator[tuple[Tile, Integer]]:
        """The tiles along a row, and where each begins: the last overlaps the one before, or is a smaller one."""
        rest = self.rest
        whole = columns - rest.columns if rest is not None else columns
        with k.loop(0, whole, self.tile.columns, name="column") as column:
            yield self.tile, k.minimum(column, columns - self.tile.columns) if rest is None else column
        if rest is not None:
            yield rest, whole

    @property
    def group_weights(self) -> int:
        """The number of weights of a group of output vectors, in one component."""
        return self.channels * self.taps.count[0] * self.taps.count[1] * self.tile.vectors * self.lanes

    @property
    def _microkernel(self) -> Microkernel:
        """The loops over input channels and taps."""
        return Microkernel(self.source, self.taps, self.channels)

    @property
    def _codes(self) -> Images:
        return Images(self.target.c, self.target.h, self.target.w, self.target.block)

    def _first_channel(self, k: KernelBuilder, group: IntRegister) -> Integer:
        """Bytes to the first input channel that a group of outputs reads."""
        outputs, inputs = self.per_group
        if outputs == self.target.c:
            return 0
        first = group * (self.tile.vectors * self.lanes) // outputs * inputs
        block = self.source.block
        return first // block * (self.source.plane * k.bytes) + (first % block * k.bytes if inputs % block else 0)

    def _start(self, k: KernelBuilder, t: Tile, group: IntRegister) -> Sums:
        """Sums begin at the bias."""
        types = vector_types(k, t)
        if not self.bias:
            return Sums(t, [LoopCarried(k.zero(each)) for _ in range(t.rows * t.columns) for each in types])
        bias = k.pointers[3] + group * (t.vectors * k.lanes * k.bytes)
        vectors = [k.load(bias + v * k.lanes * k.bytes, each) for v, each in enumerate(types)]
        return Sums(t, [LoopCarried(vector) for _ in range(t.rows * t.columns) for vector in vectors])

    def _finish(self, k: KernelBuilder, sums: Sums, spot: TilePosition) -> None:
        """Pool, apply the epilogue, store."""
        if self.target.is_plain:
            self._finish_plain(k, sums, spot)
            return
        t, (ph, pw) = sums.tile, self.pool
        target = spot.in_images(k.pointers[2], self.target, k.bytes)
        codes = spot.in_images(k.pointers[-1], self._codes, 1) if self.codes else None

        def result(v: int, r: int, s: int) -> Register:
            window = [sums.of((r * ph + p) * t.columns + s * pw + q)[v].number for p in range(ph) for q in range(pw)]
            value, code = window_max(k, window, self.codes)
            if codes is not None and code is not None:
                k.store(code, codes.at(v, r, s))
            return value

        fused = self.epilogue.on_tile(k, k.pointers[3 + self.bias :], spot, [k.lanes] * t.vectors)
        fused.store((t.rows // ph, t.columns // pw), target, result)

    def _finish_plain(self, k: KernelBuilder, sums: Sums, spot: TilePosition) -> None:
        """Apply the epilogue, transpose, store runs of pixels of each channel."""
        t, lanes = sums.tile, k.lanes
        target = replace(spot, block=spot.block * lanes).in_images(k.pointers[2], self.target, k.bytes)
        fused = self.epilogue.on_tile(k, k.pointers[3 + self.bias :], spot, [lanes] * t.vectors)
        for v in range(t.vectors):
            for first, count in self._runs(t, lanes):
                given = [fused.apply(sums.of(first + i)[v].number, v) for i in range(count)]
                row, column = divmod(first, t.columns)
                for channel, pixels in enumerate(transposed(k, given + [k.zero()] * (lanes - count))):
                    k.store_lanes(pixels, target.at(v * lanes + channel, row, column), count)

    def _runs(self, t: Tile, most: int) -> Iterator[tuple[int, int]]:
        """The first pixel and the length of the runs of pixels of a tile that lie side by side in a plain target."""
        line = t.rows * t.columns if t.columns == self.target.w else t.columns
        for first in range(0, t.rows * t.columns, line):
            for start in range(first, first + line, most):
                yield start, min(most, first + line - start)
