"""Winograd convolution F(4×4, 3×3) and F(4×4, 5×5), with a quarter and a sixth of the multiplications.

On gradients of images of less than 4×4 it is F(2×2, 3×3) and F(2×2, 5×5). With stride 2 it takes half and a third.
With a dilation, outputs whose rows and columns leave the same remainder by it are an image of their own, a phase.

Images are divided into tiles of 4×4 or 2×2 outputs. The input and the weight transform (cook_toom.py) evaluate both at
some points, where convolution is a multiplication; for each point there is a matrix product over channels. The output
transform leaves the outputs of a tile in registers, to which bias, pooling and the epilogue are applied. Weights
that do not fit a core's cache at the points are read as they are, and transformed while they are used. Rounding errors
are a few times those of a direct convolution (docs/accuracy.md); `KNOLL_WINOGRAD=off` turns it off.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import Pair, ceil_div
from knoll.kernels.convolution.cook_toom import Transforms, transforms
from knoll.kernels.convolution.linear_map import mapped
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

MOST_OUTPUTS = 4  # a tile's rows and columns of outputs
OUTPUTS = MOST_OUTPUTS, 2  # what tiles may have: the most that images have
FEW_TILES, MANY_TILES = 16, 64  # tiles whose matrix products share one pass over the weights, where these are large
CHANNELS_AT_ONCE = 32  # whose large weights are transformed in each pass: at the points they stay in the second cache
SHARED_TILES = 4  # tiles that one thread takes at least, as many as keep the multiplier busy
MIN_SHARED = 32  # tiles of an image from which threads share these rather than groups of outputs
TRANSFORM = 100  # cycles of the weights of a channel for a vector of outputs: measured on Zen 4
TILES_PER_OUTPUT = 0.3  # tiles of an image whose transforms take as long as those of the weights of an output channel


def outputs_of(size: Pair, dilation: Pair = (1, 1)) -> int | None:
    """A tile's rows and columns of outputs for images of this size; None if they are smaller than any tile."""
    least = min(size[0] // dilation[0], size[1] // dilation[1])
    return next((outputs for outputs in OUTPUTS if outputs <= least), None)


def tiles_at_once(machine: Machine, weights: int) -> int:
    """Tiles that share one pass over so many bytes of weights at the points."""
    return MANY_TILES if are_large(machine, weights) else FEW_TILES


def are_large(machine: Machine, weights: int) -> bool:
    """Whether so many bytes of weights at the points stay in no core's cache, and are made anew in each pass."""
    return weights > machine.caches.second


@dataclass(frozen=True)
class WinogradConvolution(Kernel):
    """`size` outputs of `target` from a square window, whose stride or dilation may be more than one, not both.

    Reads x, weights (at the points unless it `transforms_weights`), with `bias` a padded bias, and what the epilogue
    takes; works in a thread's own `workspace`; writes y and, with `codes`, which tap of each pooling window won.
    """

    source: Images
    target: Images
    taps: Taps
    size: tuple[int, int]
    channels: int
    vectors: int = 1  # in a group of outputs: more groups can be shared out where samples are few
    bias: bool = False
    pool: tuple[int, int] = (1, 1)
    codes: bool = False
    epilogue: Epilogue = NO_EPILOGUE

    @property
    def title(self) -> str:
        """Operation, fused parts, window and channels."""
        fused = self.epilogue.title(self.bias, self.pool != (1, 1))
        r = self.taps.count[0]
        return f"winograd{fused}_{self.source.c}x{self.source.h}x{self.source.w}_{self.target.c}_k{r}x{r}"

    @property
    def pointers(self) -> int:
        """x, weights, y, workspace, then bias, operands and codes."""
        return 4 + self.bias + len(self.epilogue.operands) + self.codes

    @cached_property
    def outputs(self) -> int:
        """A tile's rows and columns of outputs."""
        outputs = outputs_of(self.size, self.taps.dilation)
        assert outputs, "images are as large as a tile"
        return outputs

    @cached_property
    def transforms(self) -> Transforms:
        """The matrices."""
        return transforms(self.outputs, self.taps.count[0], self.taps.stride[0])

    @property
    def tile(self) -> Tile:
        """How weights are packed: groups of vectors of outputs."""
        return Tile(1, 1, self.vectors)

    @property
    def grid(self) -> tuple[int, int]:
        """Tiles along rows and columns of the largest phase; the last may overlap the one before."""
        down, across = (
            ceil_div(ceil_div(size, d), self.outputs) for size, d in zip(self.size, self.taps.dilation, strict=True)
        )
        return down, across

    @property
    def tiles(self) -> int:
        """Tiles of all phases of an image."""
        return self.grid[0] * self.grid[1] * self.taps.dilation[0] * self.taps.dilation[1]

    @cached_property
    def _weight_bytes(self) -> int:
        """Bytes of the weights at the points."""
        return self.transforms.size**2 * self.channels * self.groups * self.width * self.dtype.itemsize

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
        taps = self.outputs**2 * self.taps.count[0] ** 2
        return 1.5 * super().cycles * self.transforms.size**2 / taps

    @property
    def weight_cycles(self) -> float:
        """The transforms of the weights."""
        return TRANSFORM * self.channels * self.groups * self.vectors if self.transforms_weights else 0.0

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
        return self.transforms.size**2 * (inputs + products + self.lanes + weights * self.transforms_weights)

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
        return self.size[0] * self.size[1] * self.target.c * self.channels * self.taps.count[0] ** 2

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: blocks of tiles over all samples; input transform; for each group, products, output transform."""
        b = k.bytes
        points, padded = self.transforms.size**2, self.source.blocks * k.lanes
        of_inputs, _, of_products = self._point_strides
        values = k.pointers[3]
        products = values + points * of_inputs * b
        halfway = products + points * of_products * b
        panel = halfway + points * k.lanes * b
        (begin, end), groups = self._shares(k)
        with k.loop(begin, end, self.tiles_at_once, name="block") as first:
            last = k.minimum(first + self.tiles_at_once, end)
            with k.loop(0, self.source.blocks, name="c") as block, k.loop(first, last, name="tile") as tile:
                self._transform_inputs(k, tile, block, values + (tile - first) * (padded * b), halfway)
            with k.loop(*groups, name="group") as group:
                if self.transforms_weights:
                    weights = k.pointers[1] + group * (self.taps.count[0] ** 2 * self.channels * self.width * b)
                    self._products.emit_transforming(k, values, weights, products, panel, last - first)
                else:
                    weights = k.pointers[1] + group * (points * self.channels * self.width * b)
                    self._products.emit(k, values, weights, products, last - first, self.channels)
                with k.loop(first, last, name="tile") as tile:
                    self._transform_outputs(k, tile, group, products + (tile - first) * (self.width * b), halfway)

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
        size, step = self.size[axis], self.taps.dilation[axis]
        return k.minimum(tile * self.outputs, (size + step - 1 - phase) // step - self.outputs) * step + phase

    def _transform_inputs(
        self, k: KernelBuilder, tile: IntRegister, block: IntRegister, values: Pointer, halfway: Pointer
    ) -> None:
        """The input transform of one tile and block of channels: columns, then rows."""
        source, b, n = self.source, k.bytes, self.transforms.size
        sample, i, j = self._corner(k, tile)
        image = (
            k.pointers[0] + sample * (source.size * b) + block * (source.plane * b) + source.at(*self.taps.start) * b
        )
        down, right = self.taps.dilation[0] * source.row * b, self.taps.dilation[1] * source.block * b
        corner = image + i * (self.taps.stride[0] * source.row * b) + j * (self.taps.stride[1] * source.block * b)
        vector = k.lanes * b
        with k.loop(0, n, name="column") as column:
            inputs = [k.load(corner + column * right + r * down) for r in range(n)]
            for r, value in enumerate(mapped(k, self.transforms.b, inputs)):
                k.store(value, halfway + column * vector + r * n * vector)
        target, step = values + block * vector, self._point_strides[0] * b
        with k.loop(0, n, name="row") as row:
            line = [k.load(halfway + row * (n * vector) + s * vector) for s in range(n)]
            for s, value in enumerate(mapped(k, self.transforms.b, line)):
                k.store(value, target + row * (n * step) + s * step)

    def _transform_outputs(
        self, k: KernelBuilder, tile: IntRegister, group: IntRegister, products: Pointer, halfway: Pointer
    ) -> None:
        """The output transform of one tile: columns, then rows; then the epilogue and the store."""
        b, n, vector = k.bytes, self.transforms.size, k.lanes * k.bytes
        sample, i, j = self._corner(k, tile)
        with k.loop(0, self.vectors, name="v") as v:
            mine = products + v * vector
            with k.loop(0, n, name="column") as column:
                step = self._point_strides[2] * b
                inputs = [k.load(mine + column * step + row * n * step) for row in range(n)]
                for row, value in enumerate(mapped(k, self.transforms.a, inputs)):
                    k.store(value, halfway + column * vector + row * n * vector)
            lines = [
                [k.load(halfway + (row * n + column) * vector) for column in range(n)] for row in range(self.outputs)
            ]
            outputs = [mapped(k, self.transforms.a, line) for line in lines]
            self._finish(k, outputs, sample, group * self.vectors + v, i, j)

    def _finish(
        self,
        k: KernelBuilder,
        outputs: list[list[Register]],
        sample: IntRegister,
        block: IntRegister,
        i: Integer,
        j: Integer,
    ) -> None:
        """Pooling, bias, epilogue; then store."""
        b, target, (ph, pw) = k.bytes, self.target, self.pool
        spot = TilePosition(sample, block, i // ph, j // pw)
        if self.taps.dilation != (1, 1):
            spot = TilePosition(sample, block, 0, 0, (i, j), self.taps.dilation)
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
        fused.store((self.outputs // ph, self.outputs // pw), corner, result)
