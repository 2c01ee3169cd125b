"""The weight gradient by Winograd's algorithm, with a quarter of the multiplications for 3×3, a sixth for 5×5.

The forward pass is y = A [(G w Gᵀ) · (B x Bᵀ)] Aᵀ for each tile of outputs; therefore dw = Gᵀ [Σ (Aᵀ dy A) ·
(B x Bᵀ)] G, where the sum over all tiles is a matrix product over tiles for each point. Where it takes the whole batch,
threads divide the weights among them, and there are no partial sums. Sums of some tiles are added up, as short sums
round less. Sources: Winograd, Arithmetic Complexity of Computations, 1980; Lavin and Gray, arXiv 1509.09308.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import Pair
from knoll.kernels.convolution.cook_toom import Transforms2d, transforms2d
from knoll.kernels.convolution.linear_map import mapped, transposed
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.convolution.winograd import tile_lengths
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.layout.transpose import transposed as transposed_square
from knoll.kernels.reduction.sums import initial_sum
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import IntRegister, LoopCarried, Pointer, Register

TILES = 32  # tiles whose values at the points are held together, so that they stay in the L2 cache
CHANNELS = 8  # channels whose sums fit the registers together; 4 where there are few


def dividing(size: Pair, taps: Pair) -> Pair | None:
    """A tile's rows and columns of outputs, if some divide images of this size."""
    rows, columns = (
        next((outputs for outputs in tile_lengths(count) if length and not length % outputs), None)
        for length, count in zip(size, taps, strict=True)
    )
    return (rows, columns) if rows and columns else None


@dataclass(frozen=True)
class WinogradWeightGradient(Kernel):
    """dw of (k, c, r, s) from x and dy, with a thread's own `workspace`.

    Rows and columns of the output divide into tiles, and channels fill the vectors. It takes
    the `whole_batch` at once, or writes or adds to the sum of a group of samples.
    """

    source: Images
    output: Images
    taps: Taps
    whole_batch: bool

    @property
    def title(self) -> str:
        """Operation, window and channels."""
        r, s = self.taps.count
        return f"winograd_dw_{self.source.c}x{self.source.h}x{self.source.w}_{self.output.c}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, dy, dw, workspace."""
        return 4

    @cached_property
    def outputs(self) -> Pair:
        """A tile's rows and columns of outputs, which divide those of the images."""
        outputs = dividing((self.output.h, self.output.w), self.taps.count)
        assert outputs, "tiles divide the images"
        return outputs

    @cached_property
    def transforms(self) -> Transforms2d:
        """The matrices."""
        return transforms2d(self.outputs, self.taps.count, self.taps.stride)

    @cached_property
    def vectors(self) -> int:
        """Vectors of outputs in a part: many where enough parts remain for the threads."""
        return next(n for n in (4, 2, 1) if self.output.blocks % n == 0 and (n < 4 or self.output.blocks >= 16))

    @cached_property
    def blocks(self) -> int:
        """Blocks of channels in a part."""
        return next(n for n in (4, 2, 1) if self.source.blocks % n == 0)

    @property
    def parts(self) -> int:
        """Groups of outputs times groups of channels."""
        return self.output.blocks // self.vectors * (self.source.blocks // self.blocks)

    @property
    def size(self) -> int:
        """Elements of the result."""
        return self.output.c * self.source.c * self.taps.count[0] * self.taps.count[1]

    @property
    def work(self) -> int:
        """Multiply-adds of a sample by the direct algorithm."""
        return self.output.h * self.output.w * self.size

    @cached_property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of tiles in an image."""
        return self.output.h // self.outputs[0], self.output.w // self.outputs[1]

    @cached_property
    def tile_rows(self) -> int:
        """Rows of tiles that are held together, perhaps of several images."""
        return max(1, TILES // self.grid[1])

    @cached_property
    def _widths(self) -> tuple[int, int]:
        """Channels and outputs of a part."""
        return self.blocks * self.lanes, self.vectors * self.lanes

    @cached_property
    def _strides(self) -> tuple[int, int, int]:
        """Elements from one point to the next: values of x, values of dy, sums.

        A vector more than they need, as lines at distances of a power of two meet in few sets of the cache.
        """
        (channels, outputs), held = self._widths, self.tile_rows * self.grid[1]
        return held * channels + self.lanes, held * outputs + self.lanes, channels * outputs + self.lanes

    @property
    def workspace(self) -> int:
        """Elements that a thread needs: values of x and of dy at the points, and sums."""
        return self.transforms.points * sum(self._strides)

    def emit(self, k: KernelBuilder) -> None:
        """Parts, groups of tiles; transforms of each tile; products for each point; at last the weights."""
        points, b = self.transforms.points, k.bytes
        rows = (k.batch if self.whole_batch else k.count) * self.grid[0]
        values = k.pointers[3]
        gradients = values + points * self._strides[0] * b
        sums = gradients + points * self._strides[1] * b
        groups = self.output.blocks // self.vectors
        with k.loop(k.first_part, k.last_part, name="part") as part:
            group, block = part % groups, part // groups * self.blocks
            with k.loop(0, rows, self.tile_rows, name="row") as row:
                tiles = (k.minimum(row + self.tile_rows, rows) - row) * self.grid[1]
                with k.loop(0, tiles, name="tile") as tile:
                    self._transform(k, row, tile, (block, group * self.vectors), (values, gradients))
                self._multiply(k, values, gradients, sums, (row, tiles))
            self._weights(k, sums, group * self.vectors, block)

    def _transform(
        self,
        k: KernelBuilder,
        row: IntRegister,
        tile: IntRegister,
        first: tuple[IntRegister, IntRegister],
        places: tuple[Pointer, Pointer],
    ) -> None:
        """The values of x and of dy at the points, for one tile."""
        b, (top, left), (down, right) = k.bytes, self.taps.start, self.taps.stride
        rows, columns = self.transforms.rows, self.transforms.columns
        line = row + tile // self.grid[1]
        n, i, j = line // self.grid[0], line % self.grid[0] * self.outputs[0], tile % self.grid[1] * self.outputs[1]
        sides = (
            (self.source, self.source.at(i * down + top, j * right + left), rows.b, columns.b, self.blocks),
            (self.output, self.output.at(i, j), transposed(rows.a), transposed(columns.a), self.vectors),
        )
        for pointer, block, place, step, (images, corner, of_rows, of_columns, count) in zip(
            k.pointers, first, places, self._strides, sides, strict=False
        ):
            image = pointer + n * (images.size * b) + block * (images.plane * b) + corner * b
            width = count * k.lanes
            with k.loop(0, count, name="vector") as v:
                here, there = image + v * (images.plane * b), place + tile * (width * b) + v * (k.lanes * b)
                pixels = [
                    [k.load(here + (p * images.row + q * images.block) * b) for p in range(len(of_rows[0]))]
                    for q in range(len(of_columns[0]))
                ]
                mixed = [mapped(k, of_rows, column) for column in pixels]
                for p in range(len(of_rows)):
                    for q, value in enumerate(mapped(k, of_columns, [column[p] for column in mixed])):
                        k.store(value, there + (p * len(of_columns) + q) * step * b)

    def _multiply(
        self,
        k: KernelBuilder,
        values: Pointer,
        gradients: Pointer,
        sums: Pointer,
        span: tuple[IntRegister, IntRegister],
    ) -> None:
        """For each point the product (channels × tiles) · (tiles × outputs), added to the sum of the tiles before."""
        (channels, outputs), b = self._widths, k.bytes
        step, together = min(CHANNELS if k.machine.registers >= 32 else 4, k.lanes), min(self.vectors, 2)
        first = Register(k, "i1", k.emit(f"icmp eq i64 {span[0]}, 0"))
        with (
            k.loop(0, self.transforms.points, name="point") as point,
            k.loop(0, channels, step, name="c") as c,
            k.loop(0, self.vectors, together, name="v") as v,
        ):
            total = sums + point * (self._strides[2] * b) + c * (outputs * b) + v * (k.lanes * b)
            cells = [LoopCarried(k.zero()) for _ in range(step * together)]
            x = LoopCarried(values + point * (self._strides[0] * b) + c * b)
            dy = LoopCarried(gradients + point * (self._strides[1] * b) + v * (k.lanes * b))
            with k.loop(0, span[1], carrying=[*cells, x, dy], name="tile"):
                vectors = [k.load(dy.pointer + u * k.lanes * b) for u in range(together)]
                for p in range(step):
                    mine = cells[p * together : (p + 1) * together]
                    news = k.multiply_add_one(x.pointer + p * b, vectors, [cell.number for cell in mine])
                    for cell, new in zip(mine, news, strict=True):
                        cell.value = new
                x.value, dy.value = x.pointer + channels * b, dy.pointer + outputs * b
            for place, cell in enumerate(cells):
                at = total + (place // together * outputs + place % together * k.lanes) * b
                k.store(first.select(k.zero(), k.load(at)) + cell.number, at)

    def _weights(self, k: KernelBuilder, sums: Pointer, vector: IntRegister, block: IntRegister) -> None:
        """Gᵀ · sums · G for each channel and vector of outputs; then squares of weights and outputs are transposed."""
        (_, outputs), b, lanes = self._widths, k.bytes, k.lanes
        window = self.taps.count[0] * self.taps.count[1]
        waiting = k.alloca(lanes * window)
        with k.loop(0, self.vectors, name="v") as v, k.loop(0, self.blocks, name="block") as own:
            with k.loop(0, lanes, name="c") as c:
                here = sums + (own * lanes + c) * (outputs * b) + v * (lanes * b)
                for i, value in enumerate(self._weights_of(k, here)):
                    k.store(value, waiting + c * (window * lanes * b) + i * lanes * b)
            line = self.source.c * window * b  # all weights of an output
            target = k.pointers[2] + (vector + v) * (lanes * line) + (block + own) * (lanes * window * b)
            with k.loop(0, window, name="square") as square:
                rows = [k.load(waiting + square * (lanes * lanes * b) + i * lanes * b) for i in range(lanes)]
                for output, row in enumerate(transposed_square(k, rows)):
                    place = target + square * (lanes * b) + output * line
                    k.store(row if self.whole_batch else row + initial_sum(k, place, lanes), place)

    def _weights_of(self, k: KernelBuilder, sums: Pointer) -> list[Register]:
        """The weights of a window from the sums at the points."""
        rows, across = self.transforms.rows, self.transforms.columns
        step = self._strides[2] * k.bytes
        points = [[k.load(sums + (p * across.size + q) * step) for p in range(rows.size)] for q in range(across.size)]
        columns = [mapped(k, transposed(rows.g), column) for column in points]
        return [value for row in zip(*columns, strict=True) for value in mapped(k, transposed(across.g), list(row))]
