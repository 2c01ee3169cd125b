"""Strided copies: loop nests with a source and a target stride for each loop.

They reorder images between layouts, and pack and unpack weights. Where the contiguous axes of source and target differ,
square blocks are transposed in registers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from knoll.graph.sizes import ceil_div
from knoll.kernels.kernel import Kernel
from knoll.kernels.layout.lanes import shuffled_inputs
from knoll.kernels.layout.layout import Images
from knoll.kernels.layout.transpose import transposed
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer

Loop = tuple[int, int, int]  # size, source stride, target stride, in elements
Body = Callable[[Pointer, Pointer], None]  # copies what lies at an address to another
ANY: Loop = (0, 0, 0)  # a loop whose size and strides are numbers
MAX_INTERLEAVED = 4  # more rows than this take fewer shuffles as squares
MIN_BANDS, MAX_BANDS = 8, 1024  # of rows, which threads share
MOST_SQUARES = 1.2  # times as many squares of pixels and channels as without bands
MIN_TRANSPOSED = 3  # fewer contiguous elements than this are copied one by one


@dataclass(frozen=True)
class Nest:
    """A loop nest, outermost loop first, with the starting offsets of source and target."""

    loops: tuple[Loop, ...]
    source: int = 0
    target: int = 0


@dataclass(frozen=True)
class Copy(Kernel):
    """The copy of all elements that the nests visit; `sizes` are the elements per sample of source and target."""

    nests: tuple[Nest, ...]
    sizes: tuple[int, int]
    label: str = "copy"

    @property
    def title(self) -> str:
        """The kind of copy."""
        return self.label

    @property
    def pointers(self) -> int:
        """Source and target."""
        return 2

    @property
    def parts(self) -> int:
        """The outermost loop of the first nest."""
        return self.nests[0].loops[0][0]

    @property
    def numbers(self) -> tuple[int, ...]:
        """Bytes per sample of source and target, and the last part; of each nest its start, its loops, its vectors."""
        b = self.dtype.itemsize
        words = [self.sizes[0] * b, self.sizes[1] * b, self.parts - 1]
        for nest, around, inner in self._divided():
            words += [nest.source * b, nest.target * b]
            words += [word for size, x, y in around for word in (size, x * b, y * b)]
            words += [inner[0][0] // self.lanes * self.lanes] if self._fills_vectors(inner) else []
        return tuple(words)

    @property
    def generic(self) -> Copy:
        """Without the loops that are numbers: those around the ones in registers, and the vectors of a row."""
        nests = []
        for _, around, inner in self._divided():
            row = ((self.lanes + inner[0][0] % self.lanes, 1, 1),) if self._fills_vectors(inner) else inner
            nests.append(Nest((*[ANY] * len(around), *row)))
        return replace(self, nests=tuple(nests), sizes=(0, 0))

    def _fills_vectors(self, inner: tuple[Loop, ...]) -> bool:
        """Whether the inner loops are one over a row that is not shorter than a vector."""
        return len(inner) == 1 and inner[0][0] >= self.lanes

    def _divided(self) -> Iterator[tuple[Nest, tuple[Loop, ...], tuple[Loop, ...]]]:
        """Each nest, its loops around, and inside of them the two in registers, the one over a row, or none."""
        for i, nest in enumerate(self.nests):
            around = len(nest.loops) - self._inner(nest.loops[i == 0 :])  # the first one is divided into parts
            yield nest, nest.loops[:around], nest.loops[around:]

    def _inner(self, loops: tuple[Loop, ...]) -> int:
        """How many loops run over rows that are rearranged in registers, or over contiguous elements."""
        kinds = (self._interleaves, self._separates, self._transposes)
        if len(loops) > 1 and any(kind(*loops[-2:]) for kind in kinds):
            return 2
        return 1 if loops and loops[-1][1:] == (1, 1) else 0

    def emit(self, k: KernelBuilder) -> None:
        """Loop nest: samples, then nests; the first nest is divided into parts, the others belong to the last part."""
        (source, target), numbers = k.pointers, iter(k.numbers)
        from_sample, to_sample, last_part = (next(numbers) for _ in range(3))
        with k.loop(0, k.count, name="n") as n:
            x, y = source + n * from_sample, target + n * to_sample
            for i, (_, around, inner) in enumerate(self._divided()):
                here, there = x + next(numbers), y + next(numbers)
                loops = [(next(numbers), next(numbers), next(numbers)) for _ in around]
                body = self._body(k, inner, numbers)
                if i:
                    with k.loop(k.maximum(k.first_part, last_part), k.last_part, name="last"):
                        self._nest(k, loops, body, here, there)
                else:
                    _, from_part, to_part = loops[0]
                    with k.loop(k.first_part, k.last_part, name="part") as part:
                        self._nest(k, loops[1:], body, here + part * from_part, there + part * to_part)

    def _nest(
        self, k: KernelBuilder, loops: Sequence[tuple[IntRegister, ...]], body: Body, x: Pointer, y: Pointer
    ) -> None:
        """Loops of a size and two strides in bytes around a body."""
        if not loops:
            body(x, y)
            return
        size, from_stride, to_stride = loops[0]
        with k.loop(0, size) as i:
            self._nest(k, loops[1:], body, x + i * from_stride, y + i * to_stride)

    def _body(self, k: KernelBuilder, inner: tuple[Loop, ...], numbers: Iterator[IntRegister]) -> Body:
        """What copies the inner loops from one address to another."""
        if not inner:
            return lambda x, y: k.store(k.load(x, k.scalar), y)
        if len(inner) == 1:
            whole = next(numbers) if self._fills_vectors(inner) else 0
            return partial(self._copy_contiguous, k, whole, inner[0][0] % self.lanes)
        ways = (
            (self._interleaves, self._interleave),
            (self._separates, self._separate),
            (self._transposes, self._transpose_squares),
        )
        outer, row = inner
        return partial(next(way for fits, way in ways if fits(outer, row)), k, outer, row)

    def _interleaves(self, outer: Loop, inner: Loop) -> bool:
        """Whether a few rows become one, in which their elements take turns."""
        return 1 < inner[0] <= MAX_INTERLEAVED and outer[1:] == (1, inner[0]) and inner[2] == 1

    def _separates(self, outer: Loop, inner: Loop) -> bool:
        """Whether one row, in which the elements of a few rows take turns, becomes these rows."""
        return 1 < outer[0] <= MAX_INTERLEAVED and outer[1] == 1 and inner[1:] == (outer[0], 1)

    def _interleave(self, k: KernelBuilder, outer: Loop, inner: Loop, x: Pointer, y: Pointer) -> None:
        """A vector of each row at a time."""
        (size, *_), (rows, apart, _) = outer, inner
        for i, count in _vectors(k, size):
            given = [k.load_lanes(x + (i + row * apart) * k.bytes, count) for row in range(rows)]
            for first in range(0, count * rows, k.lanes):
                turns = [place % rows * k.lanes + place // rows for place in range(first, first + k.lanes)]
                place = y + (i * rows + first) * k.bytes
                k.store_lanes(shuffled_inputs(k, given, turns), place, min(k.lanes, count * rows - first))

    def _separate(self, k: KernelBuilder, outer: Loop, inner: Loop, x: Pointer, y: Pointer) -> None:
        """A vector of each row at a time."""
        (rows, _, apart), (size, *_) = outer, inner
        for i, count in _vectors(k, size):
            firsts = range(0, count * rows, k.lanes)
            given = [
                k.load_lanes(x + (i * rows + first) * k.bytes, min(k.lanes, count * rows - first)) for first in firsts
            ]
            for row in range(rows):
                turns = [min(lane, count - 1) * rows + row for lane in range(k.lanes)]
                k.store_lanes(shuffled_inputs(k, given, turns), y + (i + row * apart) * k.bytes, count)

    def _transposes(self, outer: Loop, inner: Loop) -> bool:
        """Whether one loop is contiguous in the source and the other in the target."""
        crossed = (outer[1], inner[2]) == (1, 1) or (outer[2], inner[1]) == (1, 1)
        return crossed and inner[0] <= self.lanes and outer[0] >= MIN_TRANSPOSED

    def _transpose_squares(self, k: KernelBuilder, outer: Loop, inner: Loop, x: Pointer, y: Pointer) -> None:
        """Both loops, in squares as wide as a vector that are transposed in registers."""
        size, from_stride, to_stride = outer
        whole = size - size % k.lanes
        if whole:
            with k.loop(0, whole, k.lanes) as i:
                self._transpose(
                    k, k.lanes, outer, inner, x + i * (from_stride * k.bytes), y + i * (to_stride * k.bytes)
                )
        if size % k.lanes:
            end = x + whole * from_stride * k.bytes, y + whole * to_stride * k.bytes
            self._transpose(k, size % k.lanes, outer, inner, *end)

    def _transpose(self, k: KernelBuilder, count: int, outer: Loop, inner: Loop, x: Pointer, y: Pointer) -> None:
        """Transpose `count` steps of the outer loop and all of the inner one."""
        along_outer = outer[1] == 1  # how vectors lie in the source; in the target they lie the other way
        rows, row_step, lanes = (inner[0], inner[1], count) if along_outer else (count, outer[1], inner[0])
        given = [k.load_lanes(x + i * row_step * k.bytes, lanes) for i in range(rows)]
        columns = transposed(k, given + [k.zero()] * (k.lanes - rows))
        step = outer[2] if along_outer else inner[2]
        for j in range(lanes):
            k.store_lanes(columns[j], y + j * step * k.bytes, rows)

    def _copy_contiguous(self, k: KernelBuilder, whole: Integer, left: int, x: Pointer, y: Pointer) -> None:
        """Copy `whole` contiguous elements in vectors, then those that are `left`, masked."""
        if whole != 0:
            with k.loop(0, whole, k.lanes) as i:
                k.store(k.load(x + i * k.bytes), y + i * k.bytes)
        if left:
            k.store_lanes(k.load_lanes(x + whole * k.bytes, left), y + whole * k.bytes, left)


def _vectors(k: KernelBuilder, size: int) -> Iterator[tuple[Integer, int]]:
    """Where vectors of `size` elements begin and how many lanes each has: a loop over whole ones, then the rest."""
    whole = size - size % k.lanes
    if whole:
        with k.loop(0, whole, k.lanes) as i:
            yield i, k.lanes
    if size % k.lanes:
        yield whole, size % k.lanes


def between(source: Images, target: Images) -> tuple[Nest, ...]:
    """The nests that copy images from one layout to another; halos are not written."""
    if source.block == target.block:
        lines = ((source.blocks, source.plane, target.plane), (source.h, source.row, target.row))
        return (Nest((*_shared(lines, 1), (source.w * source.block, 1, 1)), source.at(0, 0), target.at(0, 0)),)
    wide, narrow = (source, target) if source.block > target.block else (target, source)
    assert narrow.block == 1, "one side has single channels"
    whole, left = divmod(source.c, wide.block)

    def nest(blocks: int, channels: int, first: int) -> Nest:
        def strides(images: Images) -> tuple[tuple[int, int], int]:
            single = images is narrow
            outer = images.plane * (wide.block if single else 1)
            return (outer, images.plane if single else 1), images.at(0, 0) + first * outer

        (from_outer, from_inner), start = strides(source)
        (to_outer, to_inner), stop = strides(target)
        loops = _shared(((blocks, from_outer, to_outer), *_pixels(source, target)), 2)  # squares need one over pixels
        if blocks > 1 and source.shared_by_rows:
            loops = _by_rows(loops[0], loops[1:], wide.block)
        return Nest((*loops, (channels, from_inner, to_inner)), start, stop)

    nests = ([nest(whole, wide.block, 0)] if whole else []) + ([nest(1, left, whole)] if left else [])
    return tuple(nests)


def _shared(loops: tuple[Loop, ...], least: int) -> tuple[Loop, ...]:
    """Loops over blocks and pixels; over pixels alone where there is one block and that leaves the `least`.

    Threads share the outermost one.
    """
    return loops[1:] if loops[0][0] == 1 and len(loops) > least else loops


def _by_rows(blocks: Loop, pixels: tuple[Loop, ...], lanes: int) -> tuple[Loop, ...]:
    """The loops over blocks and pixels divided into bands of rows, or of pixels where no gap lies between rows.

    Convolutions of large images share rows: threads read here what they wrote there themselves. Bands are equally long,
    with whole vectors of pixels where that can be, and an even number of them. Where all would leave too many lanes
    empty, as with a prime number of pixels, threads share blocks.
    """
    size, from_stride, to_stride = pixels[0]

    def squares(bands: int) -> int:
        return bands * ceil_div(size // bands, lanes) if len(pixels) == 1 else 0

    counts = (n for n in range(min(MIN_BANDS, size), min(MAX_BANDS, size) + 1) if size % n == 0)
    bands = min(counts, key=lambda n: (squares(n), n % 2, n), default=1)
    if bands == 1 or squares(bands) > MOST_SQUARES * squares(1):
        return blocks, *pixels
    each = size // bands
    return (bands, each * from_stride, each * to_stride), blocks, (each, from_stride, to_stride), *pixels[1:]


def _pixels(source: Images, target: Images) -> tuple[Loop, ...]:
    """The loops over rows and columns; a single loop where both sides have no gap between rows."""
    if all(images.row == images.w * images.block for images in (source, target)):
        return ((source.h * source.w, source.block, target.block),)
    return (source.h, source.row, target.row), (source.w, source.block, target.block)
