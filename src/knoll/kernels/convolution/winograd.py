"""Winograd convolution F(4×4, r×s), as F(4×4, 3×3) and F(4×4, 5×5) with a quarter and a sixth of the multiplications.

Along an axis where gradients have less than four outputs it is F(2, r), and along one where a window has a single tap
there is no transform. With stride 2, windows of 3×3 take half, of 5×5 a third of the multiplications. With a dilation,
outputs whose rows and columns leave the same remainder by it are an image of their own, a phase. Polyphase components
of a transposed convolution are convolutions with weights of their own.

Images are divided into tiles of outputs. The input and the weight transform (cook_toom.py) evaluate both at
some points, where convolution is a multiplication; for each point there is a matrix product over channels. The output
transform leaves the outputs of a tile in registers, to which bias, pooling and the epilogue are applied. Weights
that do not fit a core's cache at the points are read as they are, and transformed while they are used. Rounding errors
are a few times those of a direct convolution (docs/accuracy.md); `KNOLL_WINOGRAD=off` turns it off.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.cook_toom import Transforms2d, transforms2d
from knoll.kernels.convolution.linear_map import mapped
from knoll.kernels.convolution.polyphase import ONE_COMPONENT, Component, Polyphase
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.convolution.winograd_products import PointProducts
from knoll.kernels.elementwise.epilogue import NO_EPILOGUE, Epilogue, window_max
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.tile import Tile
from knoll.kernels.tile.tile_address import TilePosition
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer, Register
from knoll.machine import Machine

MOST_OUTPUTS = 4  # rows or columns of a tile
FEW_TILES, MANY_TILES = 16, 64  # tiles whose matrix products share one pass over the weights, where these are large
CHANNELS_AT_ONCE = 32  # whose large weights are transformed in each pass: at the points they stay in the second cache
SHARED_TILES = 4  # tiles that one thread takes at least, as many as keep the multiplier busy
MIN_SHARED = 32  # tiles of an image from which threads share these rather than groups of outputs
TRANSFORM = 100  # cycles of the weights of a channel for a vector of outputs: measured on Zen 4
TILES_PER_OUTPUT = 0.3  # tiles of an image whose transforms take as long as those of the weights of an output channel


def tile_lengths(taps: int) -> Sequence[int]:
    """How many outputs a tile may have along an axis where a window has so many taps, the most first."""
    return (MOST_OUTPUTS, 2) if taps > 1 else range(MOST_OUTPUTS, 0, -1)


def outputs_of(size: Pair, taps: Taps) -> Pair | None:
    """A tile's rows and columns of outputs for images of this size; None if they are smaller than any tile."""
    rows, columns = (
        next((outputs for outputs in tile_lengths(count) if outputs <= length // dilation), None)
        for length, count, dilation in zip(size, taps.count, taps.dilation, strict=True)
    )
    return (rows, columns) if rows and columns else None


def tiles_at_once(machine: Machine, weights: int) -> int:
    """Tiles that share one pass over so many bytes of weights at the points."""
    return MANY_TILES if are_large(machine, weights) else FEW_TILES


def are_large(machine: Machine, weights: int) -> bool:
    """Whether so many bytes of weights at the points stay in no core's cache, and are made anew in each pass."""
    return weights > machine.caches.second


@dataclass(frozen=True)
class WinogradConvolution(Kernel):
    """`size` outputs of `target` in each of its polyphase components, from a window.

    Of its stride, its dilation and the distance between outputs of a component one may be more than one.
    Reads x, weights (at the points unless it `transforms_weights`), with `bias` a padded bias, and what the epilogue
    takes; works in a thread's own `workspace`; writes y and, with `codes`, which tap of each pooling window won.
    """

    source: Images
    target: Images
    taps: Taps
    size: tuple[int, int]
    channels: int
    vectors: int = 1  # in a group of outputs: more groups can be shared out where samples are few
    components: Polyphase = ONE_COMPONENT
    bias: bool = False
    pool: tuple[int, int] = (1, 1)
    codes: bool = False
    epilogue: Epilogue = NO_EPILOGUE

    @property
    def title(self) -> str:
        """Operation, fused parts, window and channels."""
        fused = self.epilogue.title(self.bias, self.pool != (1, 1))
        r, s = self.taps.count
        return f"winograd{fused}_{self.source.c}x{self.source.h}x{self.source.w}_{self.target.c}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, weights, y, workspace, then bias, operands and codes."""
        return 4 + self.bias + len(self.epilogue.operands) + self.codes

    @cached_property
    def outputs(self) -> Pair:
        """A tile's rows and columns of outputs."""
        outputs = outputs_of(self.size, self.taps)
        assert outputs, "images are as large as a tile"
        return outputs

    @cached_property
    def transforms(self) -> Transforms2d:
        """The matrices."""
        return transforms2d(self.outputs, self.taps.count, self.taps.stride)

    @property
    def tile(self) -> Tile:
        """How weights are packed: groups of vectors of outputs."""
        return Tile(1, 1, self.vectors)

    @property
    def grid(self) -> tuple[int, int]:
        """Tiles along rows and columns of the largest phase; the last may overlap the one before."""
        down, across = (
            ceil_div(ceil_div(size, d), outputs)
            for size, d, outputs in zip(self.size, self.taps.dilation, self.outputs, strict=True)
        )
        return down, across

    @property
    def tiles(self) -> int:
        """Tiles of all phases of an image."""
        return self.grid[0] * self.grid[1] * self.taps.dilation[0] * self.taps.dilation[1]

    @cached_property
    def _weight_bytes(self) -> int:
        """Bytes of the weights of a component at the points."""
        return self.transforms.points * self.channels * self.groups * self.width * self.dtype.itemsize

    @property
    def transforms_weights(self) -> bool:
        """Whether it reads weights as they are, a fraction of those at the points, and transforms them in each pass."""
        return are_large(self.machine, self._weight_bytes)

    @property
    def tiles_at_once(self) -> int:
        """Tiles whose matrix products share one pass over the weights."""
        return tiles_at_once(self.machine, self._weight_bytes)

    @property
    def channels_at_once(self) -> int:
        """Channels whose weights are at the points together."""
        return min(self.channels, CHANNELS_AT_ONCE) if self.transforms_weights else self.channels

    @property
    def samples_at_once(self) -> int:
        """Those whose tiles make a block, where their weights are transformed for it."""
        return max(1, self.tiles_at_once // self.tiles) if self.transforms_weights else 1

    @property
    def cycles(self) -> float:
        """Those of the products at the points; the transforms take half as long."""
        return 1.5 * super().cycles / self.transforms.saving

    @property
    def weight_cycles(self) -> float:
        """The transforms of the weights."""
        weights = self.channels * self.groups * self.vectors * self.components.count
        return TRANSFORM * weights if self.transforms_weights else 0.0

    @property
    def groups(self) -> int:
        """Groups of output vectors."""
        return self.target.blocks // self.vectors

    @property
    def shares_tiles(self) -> bool:
        """Whether parts are tiles, each of which one thread transforms, rather than groups of outputs.

        Then each thread transforms all weights, where that is done in each pass.
        """
        weights = TILES_PER_OUTPUT * self.groups * self.width if self.transforms_weights else 0
        return self.tiles >= max(MIN_SHARED, weights)

    @property
    def parts(self) -> int:
        """A few tiles each, or a group of output vectors each."""
        return ceil_div(self.tiles, SHARED_TILES) if self.shares_tiles else self.groups

    @property
    def width(self) -> int:
        """Output channels in a group."""
        return self.vectors * self.lanes

    @property
    def workspace(self) -> int:
        """Elements of temporary memory: transformed inputs, products, one tile between its two transforms, weights."""
        inputs, weights, products = self._point_strides
        return self.transforms.points * (inputs + products + self.lanes + weights * self.transforms_weights)

    @property
    def _point_strides(self) -> tuple[int, int, int]:
        """The strides between the matrices of two points, in elements: of inputs, of weights and of products.

        They are a vector more than these have: steps of a power of two would put all points into the same few sets of
        a cache.
        """
        inputs = self.tiles_at_once * self.source.blocks * self.lanes + self.lanes
        weights = self.channels_at_once * self.width + self.lanes * self.transforms_weights
        return inputs, weights, self.tiles_at_once * self.width + self.lanes

    @property
    def _products(self) -> PointProducts:
        """The matrix products at the points."""
        return PointProducts(
            self.machine,
            self.transforms,
            self._point_strides,
            self.channels,
            self.source.blocks * self.lanes,
            self.channels_at_once,
            self.vectors,
            self.width,
            self.transforms_weights,
            SHARED_TILES,
        )

    @property
    def work(self) -> int:
        """Those of direct convolution, so that the two can be compared."""
        return self.components.outputs(self.size) * self.target.c * self.channels * self.transforms.taps

    def emit(self, k: KernelBuilder) -> None:
        """Components; blocks of tiles over all samples; input transform; for each group, products, output transform."""
        b = k.bytes
        points, padded = self.transforms.points, self.source.blocks * k.lanes
        of_inputs, _, of_products = self._point_strides
        values = k.pointers[3]
        products = values + points * of_inputs * b
        halfway = products + points * of_products * b
        panel = halfway + points * k.lanes * b
        of_group = (self.transforms.taps if self.transforms_weights else points) * self.channels * self.width * b
        (begin, end), groups = self._shares(k)
        for component, first, last in self._blocks(k, begin, end):
            with k.loop(0, self.source.blocks, name="c") as block, k.loop(first, last, name="tile") as tile:
                target = values + (tile - first) * (padded * b)
                self._transform_inputs(k, component, tile, block, target, halfway)
            with k.loop(*groups, name="group") as group:
                weights = k.pointers[1] + component.number * (self.groups * of_group) + group * of_group
                if self.transforms_weights:
                    self._products.emit_transforming(k, values, weights, products, panel, last - first)
                else:
                    self._products.emit(k, values, weights, products, last - first, self.channels)
                with k.loop(first, last, name="tile") as tile:
                    mine = products + (tile - first) * (self.width * b)
                    self._transform_outputs(k, component, tile, group, mine, halfway)

    def _blocks(
        self, k: KernelBuilder, begin: Integer, end: Integer
    ) -> Iterator[tuple[Component, IntRegister, Integer]]:
        """The blocks of tiles of each component, from the first tile to the last."""
        with self._component(k) as component, k.loop(begin, end, self.tiles_at_once, name="block") as first:
            yield component, first, k.minimum(first + self.tiles_at_once, end)

    @contextmanager
    def _component(self, k: KernelBuilder) -> Iterator[Component]:
        """The components, in a loop if there are several."""
        if self.components.count == 1:
            yield self.components.of(0, self.size)
            return
        with k.loop(0, self.components.count, name="component") as number:
            yield self.components.of(number, self.size)

    def _shares(self, k: KernelBuilder) -> tuple[tuple[Integer, Integer], tuple[Integer, Integer]]:
        """First and last of the tiles of all samples, and of the groups, that the parts stand for."""
        tiles = k.count * self.tiles
        if not self.shares_tiles:
            return (0, tiles), (k.first_part, k.last_part)
        few = (tiles + SHARED_TILES - 1) // SHARED_TILES
        begin, end = (k.minimum(few * part // self.parts * SHARED_TILES, tiles) for part in (k.first_part, k.last_part))
        return (begin, end), (0, self.groups)

    def _corner(self, k: KernelBuilder, tile: IntRegister) -> tuple[IntRegister, Integer, Integer]:
        """The sample of a tile, and the row and column of its first output."""
        (down, across), (below, beside) = self.grid, self.taps.dilation
        sample, place = tile // self.tiles, tile % self.tiles
        phase, place = (place // (down * across), place % (down * across)) if below * beside > 1 else (0, place)
        i = self._output(k, place // across, phase // beside, 0)
        j = self._output(k, place % across, phase % beside, 1)
        return sample, i, j

    def _output(self, k: KernelBuilder, tile: IntRegister, phase: Integer, axis: int) -> Integer:
        """The first output of a tile of a phase, along one axis."""
        size, step, outputs = self.size[axis], self.taps.dilation[axis], self.outputs[axis]
        return k.minimum(tile * outputs, (size + step - 1 - phase) // step - outputs) * step + phase

    def _transform_inputs(
        self,
        k: KernelBuilder,
        component: Component,
        tile: IntRegister,
        block: IntRegister,
        values: Pointer,
        halfway: Pointer,
    ) -> None:
        """The input transform of one tile and block of channels: columns, then rows."""
        source, b, down_columns, along_rows = self.source, k.bytes, self.transforms.rows, self.transforms.columns
        rows, columns = down_columns.size, along_rows.size
        sample, i, j = self._corner(k, tile)
        image = k.pointers[0] + sample * (source.size * b) + block * (source.plane * b)
        image = image + source.at(*component.start(self.taps.start)) * b
        down, right = self.taps.dilation[0] * source.row * b, self.taps.dilation[1] * source.block * b
        corner = image + i * (self.taps.stride[0] * source.row * b) + j * (self.taps.stride[1] * source.block * b)
        vector = k.lanes * b
        with k.loop(0, columns, name="column") as column:
            inputs = [k.load(corner + column * right + r * down) for r in range(rows)]
            for r, value in enumerate(mapped(k, down_columns.b, inputs)):
                k.store(value, halfway + column * vector + r * columns * vector)
        target, step = values + block * vector, self._point_strides[0] * b
        with k.loop(0, rows, name="row") as row:
            line = [k.load(halfway + row * (columns * vector) + s * vector) for s in range(columns)]
            for s, value in enumerate(mapped(k, along_rows.b, line)):
                k.store(value, target + row * (columns * step) + s * step)

    def _transform_outputs(
        self,
        k: KernelBuilder,
        component: Component,
        tile: IntRegister,
        group: IntRegister,
        products: Pointer,
        halfway: Pointer,
    ) -> None:
        """The output transform of one tile: columns, then rows; then the epilogue and the store."""
        b, vector, down_columns, along_rows = k.bytes, k.lanes * k.bytes, self.transforms.rows, self.transforms.columns
        rows, columns = down_columns.size, along_rows.size
        with k.loop(0, self.vectors, name="v") as v:
            mine = products + v * vector
            with k.loop(0, columns, name="column") as column:
                step = self._point_strides[2] * b
                inputs = [k.load(mine + column * step + row * columns * step) for row in range(rows)]
                for row, value in enumerate(mapped(k, down_columns.a, inputs)):
                    k.store(value, halfway + column * vector + row * columns * vector)
            lines = [
                [k.load(halfway + (row * columns + column) * vector) for column in range(columns)]
                for row in range(self.outputs[0])
            ]
            outputs = [mapped(k, along_rows.a, line) for line in lines]
            self._finish(k, outputs, self._spot(component, *self._corner(k, tile), group * self.vectors + v))

    def _spot(self, component: Component, sample: IntRegister, i: Integer, j: Integer, block: Integer) -> TilePosition:
        """Where the outputs of a tile stand, the first of which is (i, j) of its component."""
        if self.taps.dilation != (1, 1):
            return TilePosition(sample, block, 0, 0, (i, j), self.taps.dilation)
        ph, pw = self.pool
        return TilePosition(sample, block, i // ph, j // pw, component.first, self.components.stride)

    def _finish(self, k: KernelBuilder, outputs: list[list[Register]], spot: TilePosition) -> None:
        """Pooling, bias, epilogue; then store."""
        b, target, (ph, pw) = k.bytes, self.target, self.pool
        bias = k.load(spot.in_channels(k, k.pointers[4]).at(0)) if self.bias else None
        corner = spot.in_images(k.pointers[2], target, b)
        winners = Images(target.c, target.h, target.w, target.block)
        codes = spot.in_images(k.pointers[-1], winners, 1) if self.codes else None

        def result(_: int, r: int, s: int) -> Register:
            window = [outputs[r * ph + p][s * pw + q] for p in range(ph) for q in range(pw)]
            value, code = window_max(k, window, self.codes)
            if codes is not None and code is not None:
                k.store(code, codes.at(0, r, s))
            return value if bias is None else value + bias

        fused = self.epilogue.on_tile(k, k.pointers[4 + self.bias :], spot, [k.lanes])
        fused.store((self.outputs[0] // ph, self.outputs[1] // pw), corner, result)
