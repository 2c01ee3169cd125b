"""The weight gradient of convolution: dw = Σ x · dy over all pixels and samples.

Vector lanes run along output channels. The sums of a tile of weights stay in registers during the loops over samples,
rows and columns. A window row is a contiguous run in memory (its columns times the channels of a block); runs are cut
into equal pieces.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import ceil_div
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.sums import is_first_call
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer, Register

MAX_CHAIN = 4096  # pixels in one running sum of the whole batch: the rounding error of a longer one grows


@dataclass(frozen=True)
class Runs:
    """The layout of one output channel's weights in a sum: blocks of input channels, window rows, segments, a run.

    With dilation the columns of a window are not contiguous, and each is a segment of its own.
    """

    blocks: int
    rows: int
    segments: int
    length: int

    @property
    def size(self) -> int:
        """Weights of one output channel, unused channels of a block included."""
        return self.blocks * self.rows * self.segments * self.length


def runs_of(source: Images, channels: int, taps: Taps) -> Runs:
    """The runs of a window over `source`."""
    blocks, (r, s) = ceil_div(channels, source.block), taps.count
    if taps.dilation[1] == 1:
        return Runs(blocks, r, 1, s * source.block)
    return Runs(blocks, r, s, source.block)


@dataclass(frozen=True)
class WeightGradient(Kernel):
    """dw from x and dy, into a sum laid out as [group of output vectors][run position][output lane].

    Reads x and dy; takes the `whole_batch`, or writes or adds to the sum of a group of samples.
    """

    source: Images
    output: Images
    taps: Taps
    channels: int
    per_group: tuple[int, int]
    whole_batch: bool = False

    @property
    def title(self) -> str:
        """Operation, window and channels."""
        r, s = self.taps.count
        return f"conv2d_dw_{self.source.c}x{self.source.h}x{self.source.w}_{self.output.c}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, dy and the sum."""
        return 3

    @cached_property
    def runs(self) -> Runs:
        """How weights lie in the sum."""
        return runs_of(self.source, self.channels, self.taps)

    @cached_property
    def vectors(self) -> int:
        """Vectors of output channels in a tile."""
        return 2 if ceil_div(self.per_group[0], self.lanes) % 2 == 0 else 1

    @cached_property
    def piece(self) -> int:
        """Run positions in a tile: the most that fit the registers and cut a run into equal pieces.

        Sums continue over several calls, so pieces must not overlap.
        """
        registers_left = (self.machine.registers - 2 - self.vectors) // self.vectors
        return next(n for n in range(min(registers_left, self.runs.length), 0, -1) if self.runs.length % n == 0)

    @property
    def parts(self) -> int:
        """Groups of output vectors times blocks of input channels."""
        return self.output.blocks // self.vectors * self.runs.blocks

    @property
    def size(self) -> int:
        """Elements of a sum."""
        return self.output.blocks * self.lanes * self.runs.size

    @property
    def work(self) -> int:
        """One for each weight and output pixel."""
        pixels = self.output.h * self.output.w
        return pixels * self.output.c * self.channels * self.taps.count[0] * self.taps.count[1]

    @property
    def together(self) -> int:
        """Samples of the batch that are summed in registers: their images stay in the cache, short sums round less."""
        return max(1, MAX_CHAIN // max(self.output.h * self.output.w, 1))

    def emit(self, k: KernelBuilder) -> None:
        """Parts, samples of the batch that are summed together, window rows, segments, pieces of a run; then pixels."""
        with k.loop(k.first_part, k.last_part, name="part") as part:
            if self.whole_batch:
                with k.loop(0, k.batch, self.together, name="some") as some:
                    first = Register(k, "i1", k.emit(f"icmp eq i64 {some}, 0"))
                    self._part(k, part, (some, k.minimum(some + self.together, k.batch)), first)
            else:
                self._part(k, part, (0, k.count), is_first_call(k))

    def _part(self, k: KernelBuilder, part: IntRegister, samples: tuple[Integer, Integer], first: Register) -> None:
        """Add to the weights of a part for some samples; those of the `first` begin at zero."""
        x, dy, total = k.pointers
        runs, source, b, width = self.runs, self.source, k.bytes, self.vectors * k.lanes
        group, block = part // runs.blocks, part % runs.blocks
        inputs = x + (self._first_block(group) + block) * (source.plane * b) + source.at(*self.taps.start) * b
        outputs = dy + group * (self.vectors * self.output.plane * b) + self.output.at(0, 0) * b
        sums = total + part * (runs.size // runs.blocks * width * b)
        with k.loop(0, runs.rows, name="r") as r, k.loop(0, runs.segments, name="s") as s:
            line = (
                inputs + r * (self.taps.dilation[0] * source.row * b) + s * (self.taps.dilation[1] * source.block * b)
            )
            run = sums + (r * runs.segments + s) * (runs.length * width * b)
            with k.loop(0, runs.length, self.piece, name="piece") as piece:
                self._tile(k, line + piece * b, outputs, run + piece * (width * b), samples, first)

    def _first_block(self, group: IntRegister) -> Integer:
        """The first input block that a group of outputs reads."""
        outputs, inputs = self.per_group
        if outputs == self.output.c:
            return 0
        return group * (self.vectors * self.lanes) // outputs * inputs // self.source.block

    def _tile(
        self,
        k: KernelBuilder,
        x: Pointer,
        dy: Pointer,
        total: Pointer,
        samples: tuple[Integer, Integer],
        first: Register,
    ) -> None:
        """All pixels of some samples, for some run positions and some vectors of outputs."""
        source, output, b = self.source, self.output, k.bytes
        places = [total + (p * self.vectors + v) * k.lanes * b for p in range(self.piece) for v in range(self.vectors)]
        sums = [LoopCarried(k.zero()) for _ in places]
        unroll = next(u for u in (4, 2, 1) if output.w % u == 0)
        with (
            k.loop(*samples, carrying=sums, name="n") as n,
            k.loop(0, output.h, carrying=sums, name="i") as i,
        ):
            here = LoopCarried(x + n * (source.size * b) + i * (self.taps.stride[0] * source.row * b))
            there = LoopCarried(dy + n * (output.size * b) + i * (output.row * b))
            with k.loop(0, output.w, unroll, carrying=[*sums, here, there], name="j"):
                for u in range(unroll):
                    self._pixel(
                        k,
                        here.pointer + u * self.taps.stride[1] * source.block * b,
                        there.pointer + u * output.block * b,
                        sums,
                    )
                here.value = here.pointer + unroll * self.taps.stride[1] * source.block * b
                there.value = there.pointer + unroll * output.block * b
        for place, cell in zip(places, sums, strict=True):
            k.store(first.select(k.zero(), k.load(place)) + cell.number, place)

    def _pixel(self, k: KernelBuilder, x: Pointer, dy: Pointer, sums: list[LoopCarried]) -> None:
        gradients = [k.load(dy + v * self.output.plane * k.bytes) for v in range(self.vectors)]
        for p in range(self.piece):
            mine = sums[p * self.vectors : (p + 1) * self.vectors]
            news = k.multiply_add_one(x + p * k.bytes, gradients, [cell.number for cell in mine])
            for cell, new in zip(mine, news, strict=True):
                cell.value = new
