"""The weight gradient of a convolution followed by max pooling: only the maxima have a nonzero gradient.

One pixel of each pooling window receives the gradient, so behind a 2×2 pooling a quarter of the multiply-adds is left.
For one output channel the sums of all taps stay in registers. The code of a pooled pixel gives the start of its window
of x, which is read as a few contiguous runs. The result equals that of the dense sum.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import ceil_div, round_up
from knoll.kernels.convolution.taps import Taps
from knoll.kernels.convolution.weight_gradient import Runs, runs_of
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.sums import initial_sum
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import IntRegister, LoopCarried, Pointer, Register


@dataclass(frozen=True)
class PooledWeightGradient(Kernel):
    """dw from x, the gradient of the pooled outputs, and the codes of the winners.

    The sum is laid out as [output channel][run][vector lane]; each run is filled up to whole vectors.
    """

    source: Images
    output: Images
    taps: Taps
    pool: tuple[int, int]

    @property
    def title(self) -> str:
        """Operation, window and channels."""
        r, s = self.taps.count
        return f"conv2d_dw_pool_{self.source.c}x{self.source.h}x{self.source.w}_{self.output.c}_k{r}x{s}"

    @property
    def pointers(self) -> int:
        """x, the pooled gradient, codes and the sum."""
        return 4

    @cached_property
    def runs(self) -> Runs:
        """How weights lie in the sum."""
        runs = runs_of(self.source, self.source.c, self.taps)
        return Runs(runs.blocks, runs.rows, runs.segments, round_up(runs.length, self.lanes))

    @cached_property
    def vectors(self) -> int:
        """Vectors of one run."""
        return self.runs.length // self.lanes

    @cached_property
    def lines(self) -> int:
        """Runs whose sums fit the registers together."""
        registers_left = max(1, (self.machine.registers - 3) // self.vectors)
        runs = self.runs.rows * self.runs.segments
        return ceil_div(runs, ceil_div(runs, min(registers_left, runs)))

    @property
    def parts(self) -> int:
        """Blocks of output channels times blocks of input channels."""
        return self.output.blocks * self.runs.blocks

    @property
    def size(self) -> int:
        """Elements of a sum."""
        return self.output.blocks * self.lanes * self.runs.size

    @property
    def work(self) -> int:
        """Those of the dense sum: one for each weight and pixel before pooling."""
        pixels = self.output.h * self.output.w * self.pool[0] * self.pool[1]
        return pixels * self.output.c * self.source.c * self.taps.count[0] * self.taps.count[1]

    def emit(self, k: KernelBuilder) -> None:
        """Parts, output channels of a block, groups of runs; then samples and pooled pixels."""
        runs, b = self.runs, k.bytes
        x, dy, codes, total = k.pointers
        of_block = runs.rows * runs.segments * runs.length
        starts = self._starts(k)
        with k.loop(k.first_part, k.last_part, name="part") as part:
            outputs, block = part // runs.blocks, part % runs.blocks
            inputs = x + block * (self.source.plane * b) + self.source.at(*self.taps.start) * b
            with k.loop(0, k.lanes, name="lane") as lane:
                gradients = dy + (outputs * self.output.plane + lane) * b + self.output.at(0, 0) * b
                wins = codes + (outputs * (self.output.h * self.output.w * k.lanes) + lane)
                sums = total + ((outputs * k.lanes + lane) * runs.size + block * of_block) * b
                for first in range(0, runs.rows * runs.segments, self.lines):
                    last = min(first + self.lines, runs.rows * runs.segments)
                    self._channel(k, inputs, gradients, wins, sums, range(first, last), starts)

    def _starts(self, k: KernelBuilder) -> Pointer:
        """A table of byte offsets, by code, from the first pixel's window of x to that of the maximum."""
        move, source, (ph, pw) = self.taps.stride, self.source, self.pool
        offsets = [
            (p * move[0] * source.row + q * move[1] * source.block) * k.bytes for p in range(ph) for q in range(pw)
        ]
        return k.table(offsets)

    def _channel(
        self, k: KernelBuilder, x: Pointer, dy: Pointer, codes: Pointer, total: Pointer, lines: range, starts: Pointer
    ) -> None:
        """All pooled pixels of all samples, for one output channel, one input block and some runs."""
        source, output, b = self.source, self.output, k.bytes
        places = [total + (line * self.runs.length + v * k.lanes) * b for line in lines for v in range(self.vectors)]
        sums = [LoopCarried(initial_sum(k, place, k.lanes)) for place in places]
        down, right = self.pool[0] * self.taps.stride[0] * source.row, self.pool[1] * self.taps.stride[1] * source.block
        with (
            k.loop(0, k.count, carrying=sums, name="n") as n,
            k.loop(0, output.h, carrying=sums, name="i") as i,
        ):
            here = LoopCarried(x + n * (source.size * b) + i * (down * b))
            there = LoopCarried(dy + n * (output.size * b) + i * (output.row * b))
            code = LoopCarried(codes + n * self._codes.size + i * self._codes.row)
            with k.loop(0, output.w, carrying=[*sums, here, there, code], name="j"):
                start = k.load_integer(starts + self._wide(k, code.pointer) * 8)
                self._pixel(k, here.pointer + start, there.pointer, sums, lines)
                here.value = here.pointer + right * b
                there.value = there.pointer + output.block * b
                code.value = code.pointer + output.block
        for place, cell in zip(places, sums, strict=True):
            k.store(cell.number, place)

    @property
    def _codes(self) -> Images:
        return Images(self.output.c, self.output.h, self.output.w, self.output.block)

    def _wide(self, k: KernelBuilder, code: Pointer) -> IntRegister:
        return IntRegister(k, k.emit(f"zext i8 {k.load(code, 'i8').name} to i64"))

    def _pixel(self, k: KernelBuilder, window: Pointer, dy: Pointer, sums: list[LoopCarried], lines: range) -> None:
        """Accumulate one maximum: its gradient times its window of x."""
        gradient = k.splat(k.load(dy, k.scalar))
        dilation, source = self.taps.dilation, self.source
        for place, line in enumerate(lines):
            r, s = divmod(line, self.runs.segments)
            offset = r * dilation[0] * source.row + s * dilation[1] * source.block
            for v in range(self.vectors):
                cell = sums[place * self.vectors + v]
                vector: Register = k.load(window + (offset + v * k.lanes) * k.bytes, aligned=source.block == k.lanes)
                cell.value = k.multiply_add(vector, gradient, cell.number)
