"""Sums over samples and pixels, in an order that does not depend on threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from knoll.graph.sizes import ceil_div, round_up
from knoll.kernels.kernel import Kernel, titled
from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.horizontal import horizontal_sum
from knoll.kernels.reduction.pixels import add_pixels
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, LoopCarried, Pointer, Register

CHUNK = 1024  # elements of one part of the work


def initial_sum(k: KernelBuilder, pointer: Pointer, lanes: int) -> Register:
    """The initial value of a partial sum: zero in the first call of a group of samples, else the stored sum."""
    return is_first_call(k).select(k.zero(), k.load_lanes(pointer, lanes))


def is_first_call(k: KernelBuilder) -> Register:
    """Whether this call is the first of its group of samples."""
    return Register(k, "i1", k.emit(f"icmp ne i64 {k.fresh}, 0"))


@dataclass(frozen=True)
class CombineGroups(Kernel):
    """The sum of the partial sums of all groups, added in order: `count` arrays of `size` elements."""

    size: int

    @property
    def title(self) -> str:
        """Operation and size."""
        return titled("combine", self.size)

    @property
    def pointers(self) -> int:
        """The groups' sums, and their sum."""
        return 2

    @property
    def numbers(self) -> tuple[int, ...]:
        """Elements of a sum, and its bytes."""
        return self.size, self.size * self.dtype.itemsize

    @property
    def generic(self) -> CombineGroups:
        """For any number of elements."""
        return replace(self, size=0)

    @property
    def parts(self) -> int:
        """Stretches of some thousand bytes."""
        return ceil_div(self.size, CHUNK)

    def emit(self, k: KernelBuilder) -> None:
        """Parts, vectors, groups."""
        (groups, total), (size, group_bytes) = k.pointers, k.numbers
        with k.loop(k.first_part, k.last_part, name="part") as part:
            stop = k.minimum((part + 1) * CHUNK, size)
            with k.loop(part * CHUNK, stop, k.lanes, name="i") as i:
                here = LoopCarried(groups + i * k.bytes)
                result = LoopCarried(k.zero())
                with k.loop(0, k.count, carrying=[result, here], name="group"):
                    result.value = result.number + k.load(here.pointer)
                    here.value = here.pointer + group_bytes
                k.store(result.number, total + i * k.bytes)


@dataclass(frozen=True)
class ChannelReduction(Kernel):
    """Sums of each channel of `source` over pixels and samples; the machine code serves any number of channels."""

    source: Images

    @property
    def pointers(self) -> int:
        """The images and the sums."""
        return 2

    @property
    def numbers(self) -> tuple[int, ...]:
        """Bytes from one image to the next."""
        return (self.source.size * self.dtype.itemsize,)

    @property
    def generic(self) -> Self:
        """For any number of channels."""
        return replace(self, source=replace(self.source, c=0))

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.source.blocks


@dataclass(frozen=True)
class ChannelSums(ChannelReduction):
    """The sum of each channel over pixels and samples: the gradient of a bias."""

    @property
    def title(self) -> str:
        """Operation and images."""
        return titled("sum", self.source.c, self.source.h, self.source.w)

    @property
    def size(self) -> int:
        """Elements of the sum."""
        return self.source.blocks * self.lanes

    def emit(self, k: KernelBuilder) -> None:
        """Blocks, samples, rows, columns."""
        dy, total = k.pointers

        def add(pixel: list[Pointer], cells: Sequence[LoopCarried]) -> None:
            cells[0].value = cells[0].number + k.load(pixel[0])

        with k.loop(k.first_part, k.last_part, name="block") as block:
            place = total + block * (k.lanes * k.bytes)
            result = LoopCarried(initial_sum(k, place, k.lanes))
            with k.loop(0, k.count, carrying=[result], name="n") as n:
                add_pixels(k, (self.source,), (dy,), n, block, (result,), add, k.numbers)
            k.store(result.number, place)


@dataclass(frozen=True)
class RowSums(Kernel):
    """The sum of each feature over samples that have `rows_per_sample` rows: the gradient of a linear layer's bias."""

    features: int
    rows_per_sample: int = 1

    @property
    def title(self) -> str:
        """Operation and features."""
        return f"sum_{self.features}"

    @property
    def pointers(self) -> int:
        """dy and the sum."""
        return 2

    @property
    def width(self) -> int:
        """Features that are summed at once, each vector in a register."""
        return 8 * self.lanes

    @property
    def parts(self) -> int:
        """Stretches of features."""
        return ceil_div(self.features, self.width)

    @property
    def size(self) -> int:
        """Elements of the sum, in whole vectors."""
        return round_up(self.features, self.lanes)

    def emit(self, k: KernelBuilder) -> None:
        """Stretches, rows; the last stretch may be narrower."""
        whole, left = divmod(self.features, self.width)
        if whole:
            with k.loop(k.first_part, k.minimum(k.last_part, whole), name="part") as part:
                self._stretch(k, part * self.width, self.width)
        if left:
            with k.loop(k.maximum(k.first_part, whole), k.last_part, name="last"):
                self._stretch(k, whole * self.width, left)

    def _stretch(self, k: KernelBuilder, first: Integer, features: int) -> None:
        dy, total = (pointer + first * k.bytes for pointer in k.pointers)
        steps = range(0, features, k.lanes)
        sums = [LoopCarried(initial_sum(k, total + i * k.bytes, k.lanes)) for i in steps]
        with k.loop(0, k.count * self.rows_per_sample, carrying=sums, name="row") as row:
            here = dy + row * (self.features * k.bytes)
            for i, result in zip(steps, sums, strict=True):
                result.value = result.number + k.load_lanes(here + i * k.bytes, min(k.lanes, features - i))
        for i, result in zip(steps, sums, strict=True):
            k.store(result.number, total + i * k.bytes)


@dataclass(frozen=True)
class ElementSums(Kernel):
    """Partial sums of all elements: a vector for each chunk of a sample."""

    elements: int

    @property
    def title(self) -> str:
        """Operation and elements."""
        return f"sum_all_{self.elements}"

    @property
    def pointers(self) -> int:
        """The elements and their sums."""
        return 2

    @property
    def parts(self) -> int:
        """Chunks of `CHUNK` elements; each has a sum of its own, as short sums round less."""
        return ceil_div(self.elements, CHUNK)

    @property
    def size(self) -> int:
        """Elements of the sums."""
        return self.parts * self.lanes

    def emit(self, k: KernelBuilder) -> None:
        """Stretches, samples, vectors."""
        x, sums = k.pointers
        left = self.elements % k.lanes
        with k.loop(k.first_part, k.last_part, name="part") as part:
            place = sums + part * (k.lanes * k.bytes)
            result = LoopCarried(initial_sum(k, place, k.lanes))
            stop = k.minimum((part + 1) * CHUNK, self.elements - left)
            with k.loop(0, k.count, carrying=[result], name="n") as n:
                sample, own = x + n * (self.elements * k.bytes), LoopCarried(k.zero())
                with k.loop(part * CHUNK, stop, k.lanes, carrying=[own]) as i:
                    own.value = own.number + k.load(sample + i * k.bytes)
                if left:
                    with k.loop(0, (part + 1) // self.parts, carrying=[own], name="last"):
                        own.value = own.number + k.load_lanes(sample + (self.elements - left) * k.bytes, left)
                result.value = result.number + own.number
            k.store(result.number, place)


@dataclass(frozen=True)
class CombineAll(Kernel):
    """A scalar from `count` groups of `vectors` partial sums; a mean if `elements` per sample are given."""

    vectors: int
    elements: int | None = None

    @property
    def title(self) -> str:
        """Operation and how much is joined."""
        return f"combine_all_{self.vectors}" if self.elements is None else f"combine_mean_{self.elements}"

    @property
    def pointers(self) -> int:
        """The groups' sums, and the one number."""
        return 2

    def emit(self, k: KernelBuilder) -> None:
        """Groups, vectors, lanes."""
        groups, total = k.pointers
        result = LoopCarried(k.zero())
        with k.loop(0, k.count, carrying=[result], name="group") as group:
            own, here = LoopCarried(k.zero()), groups + group * (self.vectors * k.lanes * k.bytes)
            with k.loop(0, self.vectors, carrying=[own], name="v") as v:
                own.value = own.number + k.load(here + v * (k.lanes * k.bytes))
            result.value = result.number + own.number
        whole = horizontal_sum(k, result.number)
        if self.elements is not None:
            count = k.emit(f"uitofp i64 {k.batch * self.elements} to {k.scalar}")
            whole = whole / k.splat(Register(k, k.scalar, count))
        k.store_lanes(whole, total, 1)
