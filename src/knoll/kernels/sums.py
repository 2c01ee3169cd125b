"""Sums over samples and pixels, in an order that depends on neither threads nor timing."""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.kernel import KernelSpec
from knoll.kernels.layout import Images
from knoll.kernels.matmul import begun
from knoll.llvm.builder import Cell, Kernel

CHUNK = 1024


@dataclass(frozen=True)
class JoinGroups(KernelSpec):
    """The sums of all groups of samples, added in their order: `count` sums of `size` elements become one."""

    size: int

    @property
    def title(self) -> str:
        """Operation and size."""
        return f"join_{self.size}"

    @property
    def pointers(self) -> int:
        """The groups' sums, and their sum."""
        return 2

    @property
    def parts(self) -> int:
        """Stretches of some thousand bytes."""
        return -(-self.size // CHUNK)

    def emit(self, k: Kernel) -> None:
        """Parts, vectors, groups."""
        groups, total = k.pointers
        with k.loop(k.first_part, k.last_part, name="part") as part:
            stop = k.minimum((part + 1) * CHUNK, self.size)
            with k.loop(part * CHUNK, stop, k.lanes, name="i") as i:
                here = Cell(groups + i * k.bytes)
                result = Cell(k.zero())
                with k.loop(0, k.count, carrying=[result, here], name="group"):
                    result.value = result.number + k.load(here.pointer)
                    here.value = here.pointer + self.size * k.bytes
                k.store(result.number, total + i * k.bytes)


@dataclass(frozen=True)
class ChannelSums(KernelSpec):
    """The sum of each channel over pixels and samples: the gradient of a bias."""

    source: Images

    @property
    def title(self) -> str:
        """Operation and images."""
        return f"sum_{self.source.c}x{self.source.h}x{self.source.w}"

    @property
    def pointers(self) -> int:
        """dy and the sum."""
        return 2

    @property
    def parts(self) -> int:
        """Blocks of channels."""
        return self.source.blocks

    @property
    def size(self) -> int:
        """Elements of the sum."""
        return self.source.blocks * self.lanes

    def emit(self, k: Kernel) -> None:
        """Blocks, samples, rows, columns."""
        dy, total = k.pointers
        source, b = self.source, k.bytes
        with k.loop(k.first_part, k.last_part, name="block") as block:
            place = total + block * (k.lanes * b)
            result = Cell(begun(k, place, k.lanes))
            with (
                k.loop(0, k.count, carrying=[result], name="n") as n,
                k.loop(0, source.h, carrying=[result], name="i") as i,
            ):
                line = (
                    dy + n * (source.size * b) + block * (source.plane * b) + i * (source.row * b) + source.at(0, 0) * b
                )
                with k.loop(0, source.w, carrying=[result], name="j") as j:
                    result.value = result.number + k.load(line + j * (source.block * b))
            k.store(result.number, place)


@dataclass(frozen=True)
class RowSums(KernelSpec):
    """The sum of each feature over samples: the gradient of a linear layer's bias."""

    features: int

    @property
    def title(self) -> str:
        """Operation and features."""
        return f"sum_{self.features}"

    @property
    def pointers(self) -> int:
        """dy and the sum."""
        return 2

    @property
    def parts(self) -> int:
        """One: a sum of rows is short."""
        return 1

    @property
    def size(self) -> int:
        """Elements of the sum, in whole vectors."""
        return -(-self.features // self.lanes) * self.lanes

    def emit(self, k: Kernel) -> None:
        """Vectors of features, then samples."""
        dy, total = k.pointers
        b = k.bytes
        with k.loop(k.first_part, k.last_part, name="part"):
            for first in range(0, self.features, k.lanes):
                lanes = min(k.lanes, self.features - first)
                result = Cell(begun(k, total + first * b, k.lanes))
                with k.loop(0, k.count, carrying=[result], name="n") as n:
                    result.value = result.number + k.load_lanes(dy + n * (self.features * b) + first * b, lanes)
                k.store(result.number, total + first * b)
