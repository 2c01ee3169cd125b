"""Elementwise kernels: a chain of operations in one pass over memory. Lanes run along contiguous elements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from knoll.graph.sizes import ceil_div
from knoll.kernels.elementwise.epilogue import Operand
from knoll.kernels.elementwise.repeated import Repeated, broadcast, spread
from knoll.kernels.elementwise.term import Terms, Values, evaluated, hoisted, named
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.sums import CHUNK
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer, Register

# Vectors that are evaluated at once, to hide the latency of long formulas.
VECTORS_AT_ONCE = 4


@dataclass(frozen=True)
class Pointwise(Kernel):
    """Terms over sources in layouts of one block size, perhaps with different halos.

    Other sources are scalars, or have one element per channel, padded to whole blocks; the block size is then 1 or that
    of a vector.
    """

    terms: Terms
    sources: tuple[Operand, ...]
    target: Images

    @property
    def title(self) -> str:
        """The formulas and the images."""
        return f"{named(self.terms)}_{self.target.c}x{self.target.h}x{self.target.w}"

    @property
    def pointers(self) -> int:
        """The sources and the result."""
        return len(self.sources) + 1

    @cached_property
    def rows(self) -> int:
        """Contiguous lines of a block: one if no layout has a halo beside its rows, and none is repeated over some."""
        gapless = all(images.row == images.w * images.block for images in self._images)
        return 1 if gapless and all(source.merges_rows(self.target) for source in self._repeated) else self.target.h

    @cached_property
    def blocks(self) -> int:
        """Blocks that are processed separately: one if all are contiguous and none reads operands by channel."""
        t, one_pixel = self.target, self.target.h * self.target.w == 1
        gapless = all(images.plane == t.h * t.w * t.block for images in self._images)
        by_channel = "per_channel" in self.sources or any(source.images.size > 1 for source in self._repeated)
        return 1 if self.rows == 1 and gapless and (one_pixel or not by_channel) else t.blocks

    @property
    def length(self) -> int:
        """Elements of a line."""
        return self.target.blocks // self.blocks * (self.target.h // self.rows) * self.target.w * self.target.block

    @property
    def chunks(self) -> int:
        """Pieces that a line is cut into."""
        return ceil_div(self.length, CHUNK)

    @property
    def parts(self) -> int:
        """Pieces of all lines."""
        return self.blocks * self.rows * self.chunks

    @property
    def _images(self) -> list[Images]:
        return [images for images in (*self.sources, self.target) if isinstance(images, Images)]

    @property
    def _repeated(self) -> list[Repeated]:
        return [source for source in self.sources if isinstance(source, Repeated)]

    def emit(self, k: KernelBuilder) -> None:
        """Samples, pieces of lines, vectors."""
        if self.length < k.lanes and all(isinstance(s, Images) and s.is_plain for s in (*self.sources, self.target)):
            self._over_samples(k)
            return
        whole, left, wide = self.length - self.length % k.lanes, self.length % k.lanes, VECTORS_AT_ONCE * k.lanes
        with k.loop(0, k.count, name="n") as n, k.loop(k.first_part, k.last_part, name="part") as part:
            line, chunk = (part // self.chunks, part % self.chunks) if self.chunks > 1 else (part, 0)
            block, i = (line // self.rows, line % self.rows) if self.rows > 1 else (line, 0)
            stop, end = (k.minimum((chunk + 1) * CHUNK, last) for last in (whole, self.length))
            middle = stop - stop % wide
            if whole >= wide:
                with k.wider(VECTORS_AT_ONCE):
                    self._stretch(k, (n, block, i), (chunk * CHUNK, middle), k.lanes)
            if whole % wide:
                self._stretch(k, (n, block, i), (middle, stop), k.lanes)
            if left:
                self._stretch(k, (n, block, i), (whole, end), left)

    def _stretch(
        self,
        k: KernelBuilder,
        line: tuple[IntRegister, IntRegister, Integer],
        stretch: tuple[Integer, Integer],
        lanes: int,
    ) -> None:
        """Emit the loop over a range of elements of a line, `lanes` at a time."""
        sources = [self._source(k, number, *line) for number in range(len(self.sources))]
        invariant = hoisted(k, self.terms, [source if isinstance(source, Register) else None for source in sources])
        target = self._start(k, k.pointers[-1], self.target, *line)
        with k.loop(*stretch, k.lanes, name="j") as j:
            k.store_lanes(self._vector(k, sources, invariant, j, lanes), target + j * k.bytes, lanes)

    def _over_samples(self, k: KernelBuilder) -> None:
        """Emit one loop over all samples, if a sample is shorter than a vector: vectors, then the remainder."""
        *sources, target = k.pointers
        elements = k.count * self.length
        whole = elements - elements % k.lanes
        invariant = hoisted(k, self.terms, [None] * len(sources))
        for start, stop, lanes in ((0, whole, k.lanes), (whole, elements, 1)):
            with k.loop(start, stop, lanes, name="j") as j:
                k.store_lanes(self._vector(k, sources, invariant, j, lanes), target + j * k.bytes, lanes)

    def _source(
        self, k: KernelBuilder, number: int, n: IntRegister, block: IntRegister, i: Integer
    ) -> Pointer | Register:
        """The address of a line of a source, or the value of a source that has one for the whole line."""
        pointer, source, target = k.pointers[number], self.sources[number], self.target
        if isinstance(source, Images):
            return self._start(k, pointer, source, n, block, i)
        if isinstance(source, Repeated):
            line = source.line(k, pointer, n, block, i)
            return broadcast(k, line, source.images) if self._fills_lines(source) else line
        if source == "scalar":
            return k.splat(k.load(pointer, k.scalar))
        if target.h * target.w == 1:
            return pointer + block * (target.block * k.bytes)
        if target.block == 1:
            return k.splat(k.load(pointer + block * k.bytes, k.scalar))
        assert target.block == self.lanes, "a vector holds a block"
        return k.repeated(k.load(pointer + block * (target.block * k.bytes), k.one_vector))

    def _start(
        self, k: KernelBuilder, pointer: Pointer, images: Images, n: IntRegister, block: IntRegister, i: Integer
    ) -> Pointer:
        image = pointer + n * (images.size * k.bytes) + images.at(0, 0) * k.bytes
        return image + block * (images.plane * k.bytes) + i * (images.row * k.bytes)

    def _vector(
        self, k: KernelBuilder, sources: Sequence[Pointer | Register], invariant: Values, j: Integer, lanes: int
    ) -> Register:
        """The vector of results at element j."""
        values = list(invariant)
        for number, source in enumerate(sources):
            if isinstance(source, Pointer):
                values[number] = self._elements(k, number, source, j, lanes)
        return evaluated(k, self.terms, values)

    def _elements(self, k: KernelBuilder, number: int, line: Pointer, j: Integer, lanes: int) -> Register:
        """The elements of a source from element j of a line on: one for each, or one for each pixel."""
        source, block = self.sources[number], self.target.block
        if isinstance(source, Repeated) and source.images.c == 1 and block > 1:
            return spread(k, line, j // block, block)
        return k.load_lanes(line + j * k.bytes, lanes)

    def _fills_lines(self, source: Repeated) -> bool:
        """Whether a source has one place for all elements of a line."""
        return source.images.w == 1 and (source.images.h == 1 or self.rows > 1)
