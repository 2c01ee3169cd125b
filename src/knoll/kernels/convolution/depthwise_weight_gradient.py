"""The weight gradient of depthwise convolution. Vector lanes run along channels.

The sums of all taps of a vector of channels (or of some taps, if they do not fit) stay in registers during the loops
over samples and pixels; neighbouring pixels share loads of the inputs that both use.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knoll.kernels.convolution.depthwise import MAX_UNROLLED, even_share, read_blocks
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.lanes import GroupLanes, shuffled_inputs
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.sums import initial_sum
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import LoopCarried, Pointer

PIXELS_AT_ONCE = 4  # neighbouring pixels whose gradients are in registers

Tap = tuple[int, int]  # window row and column


@dataclass(frozen=True)
class DepthwiseWeightGradient(Kernel):
    """dw from x and dy, into a sum laid out as [vector of outputs][input of the group][window tap][lane].

    `per_group` is (outputs, inputs) of one group. Reads x and dy, writes or adds to the sum of a group of samples.
    """

    source: Images
    output: Images
    taps: Taps
    per_group: tuple[int, int]

    @property
    def title(self) -> str:
        """Operation, window and channels."""
        r, s = self.taps.count
        return f"depthwise_dw_{self.source.c}x{self.source.h}x{self.source.w}_{self.output.c}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, dy and the sum."""
        return 3

    @cached_property
    def groups(self) -> GroupLanes:
        """Which inputs the lanes of a vector read."""
        return GroupLanes(*self.per_group, self.lanes)

    @cached_property
    def window(self) -> list[Tap]:
        """All taps, in the order of the sum."""
        rows, columns = self.taps.count
        return [(r, s) for r in range(rows) for s in range(columns)]

    @cached_property
    def piece(self) -> int:
        """Taps whose sums are in registers together."""
        return even_share(len(self.window), self.machine.registers - PIXELS_AT_ONCE - self.groups.spare(self.machine))

    @property
    def parts(self) -> int:
        """Vectors of output channels."""
        return self.output.blocks

    @property
    def size(self) -> int:
        """Elements of a sum."""
        return self.output.blocks * self.lanes * self.per_group[1] * len(self.window)

    def emit(self, k: KernelBuilder) -> None:
        """Parts, pieces of the window; then samples, rows and columns."""
        x, dy, total = k.pointers
        b = k.bytes
        with k.loop(k.first_part, k.last_part, name="part") as vector:
            lines = read_blocks(k, x + self.source.at(*self.taps.start) * b, self.source, self.groups, vector)
            gradients = dy + vector * (self.output.plane * b) + self.output.at(0, 0) * b
            sums = total + vector * (self.per_group[1] * len(self.window) * k.lanes * b)
            for number in range(self.per_group[1]):
                place = sums + number * len(self.window) * k.lanes * b
                if len(self.window) > MAX_UNROLLED * self.piece:
                    self._row_by_row(k, lines, gradients, place, number)
                    continue
                for first in range(0, len(self.window), self.piece):
                    window = self.window[first : first + self.piece]
                    self._piece(k, lines, gradients, place + first * k.lanes * b, number, window)

    def _row_by_row(self, k: KernelBuilder, lines: list[Pointer], dy: Pointer, total: Pointer, number: int) -> None:
        """Emit a large window with loops over its rows and over parts of a row."""
        (rows, columns), vector = self.taps.count, k.lanes * k.bytes
        down, right = (self.taps.dilation[0] * self.source.row, self.taps.dilation[1] * self.source.block)
        some = even_share(columns, self.piece)
        whole, taps = columns // some * some, [(0, s) for s in range(some)]
        with k.loop(0, rows, name="r") as r:
            here, place = [line + r * (down * k.bytes) for line in lines], total + r * (columns * vector)
            with k.loop(0, whole, some, name="s") as s:
                there = [line + s * (right * k.bytes) for line in here]
                self._piece(k, there, dy, place + s * vector, number, taps)
            if columns > whole:
                there = [line + whole * right * k.bytes for line in here]
                self._piece(k, there, dy, place + whole * vector, number, taps[: columns - whole])

    def _piece(
        self, k: KernelBuilder, lines: list[Pointer], dy: Pointer, total: Pointer, number: int, window: list[Tap]
    ) -> None:
        """All pixels of all samples, for some taps of one input of each group."""
        source, output, b = self.source, self.output, k.bytes
        places = [total + index * k.lanes * b for index in range(len(window))]
        sums = [LoopCarried(initial_sum(k, place, k.lanes)) for place in places]
        whole, right = output.w - output.w % PIXELS_AT_ONCE, self.taps.stride[1] * source.block * b
        with (
            k.loop(0, k.count, carrying=sums, name="n") as n,
            k.loop(0, output.h, carrying=sums, name="i") as i,
        ):
            down = n * (source.size * b) + i * (self.taps.stride[0] * source.row * b)
            here = [LoopCarried(line + down) for line in lines]
            there = LoopCarried(dy + n * (output.size * b) + i * (output.row * b))
            if whole:
                with k.loop(0, whole, PIXELS_AT_ONCE, carrying=[*sums, *here, there], name="j"):
                    self._pixels(
                        k, [cell.pointer for cell in here], there.pointer, number, window, sums, PIXELS_AT_ONCE
                    )
                    for cell in here:
                        cell.value = cell.pointer + PIXELS_AT_ONCE * right
                    there.value = there.pointer + PIXELS_AT_ONCE * output.block * b
            if output.w % PIXELS_AT_ONCE:
                self._pixels(
                    k, [cell.pointer for cell in here], there.pointer, number, window, sums, output.w % PIXELS_AT_ONCE
                )
        for place, cell in zip(places, sums, strict=True):
            k.store(cell.number, place)

    def _pixels(
        self,
        k: KernelBuilder,
        lines: list[Pointer],
        dy: Pointer,
        number: int,
        window: list[Tap],
        sums: list[LoopCarried],
        count: int,
    ) -> None:
        """Accumulate some neighbouring pixels: each input times the gradient of every pixel whose window has it."""
        gradients = [k.load(dy + pixel * self.output.block * k.bytes) for pixel in range(count)]
        for (r, column), seen in self._inputs(window, count).items():
            offset = r * self.taps.dilation[0] * self.source.row + column * self.source.block
            x = shuffled_inputs(
                k, [k.load(line + offset * k.bytes) for line in lines], self.groups.lane_sources(number)
            )
            for pixel, index in seen:
                sums[index].value = k.multiply_add_to(x, gradients[pixel], sums[index].number)

    def _inputs(self, window: list[Tap], count: int) -> dict[Tap, list[tuple[int, int]]]:
        """The inputs of `count` pixels, by window row and column, with the pairs (pixel, tap) that use each."""
        inputs: dict[Tap, list[tuple[int, int]]] = {}
        for index, (r, s) in enumerate(window):
            for pixel in range(count):
                column = pixel * self.taps.stride[1] + s * self.taps.dilation[1]
                inputs.setdefault((r, column), []).append((pixel, index))
        return dict(sorted(inputs.items()))
