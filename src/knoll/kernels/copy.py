"""Moving numbers from one layout to another: nests of loops with a stride on each side.

It turns plain images into blocks with a halo and back, and packs and unpacks weights.
"""

from __future__ import annotations

from dataclasses import dataclass

from knoll.kernels.kernel import KernelSpec
from knoll.kernels.layout import Images
from knoll.llvm.builder import Kernel, Pointer


@dataclass(frozen=True)
class Nest:
    """Loops of (size, source stride, target stride) in elements, outermost first, from two starting points."""

    loops: tuple[tuple[int, int, int], ...]
    source: int = 0
    target: int = 0


@dataclass(frozen=True)
class Copy(KernelSpec):
    """Every element that the nests visit. Reads and writes one array each; `sizes` are elements per sample of both."""

    nests: tuple[Nest, ...]
    sizes: tuple[int, int]
    label: str = "copy"

    @property
    def title(self) -> str:
        """What is moved."""
        return self.label

    @property
    def pointers(self) -> int:
        """Source and target."""
        return 2

    @property
    def parts(self) -> int:
        """The outermost loop of the first nest."""
        return self.nests[0].loops[0][0]

    def emit(self, k: Kernel) -> None:
        """Samples, then each nest; the first is shared out, the others go with its last part."""
        source, target = k.pointers
        b = k.bytes
        with k.loop(0, k.count, name="n") as n:
            x, y = source + n * (self.sizes[0] * b), target + n * (self.sizes[1] * b)
            first, *rest = self.nests
            _, from_stride, to_stride = first.loops[0]
            with k.loop(k.first_part, k.last_part, name="part") as part:
                self._nest(
                    k,
                    first.loops[1:],
                    x + part * (from_stride * b) + first.source * b,
                    y + part * (to_stride * b) + first.target * b,
                )
            for nest in rest:
                with k.loop(k.maximum(k.first_part, self.parts - 1), k.last_part, name="last"):
                    self._nest(k, nest.loops, x + nest.source * b, y + nest.target * b)

    def _nest(self, k: Kernel, loops: tuple[tuple[int, int, int], ...], x: Pointer, y: Pointer) -> None:
        b = k.bytes
        if len(loops) == 1 and loops[0][1:] == (1, 1):
            self._line(k, loops[0][0], x, y)
        elif loops:
            size, from_stride, to_stride = loops[0]
            with k.loop(0, size) as i:
                self._nest(k, loops[1:], x + i * (from_stride * b), y + i * (to_stride * b))
        else:
            k.store(k.load(x, k.scalar), y)

    def _line(self, k: Kernel, size: int, x: Pointer, y: Pointer) -> None:
        """Neighbours to neighbours: whole vectors, then what is left."""
        whole = size - size % k.lanes
        if whole:
            with k.loop(0, whole, k.lanes) as i:
                k.store(k.load(x + i * k.bytes), y + i * k.bytes)
        if size % k.lanes:
            tail = k.load_lanes(x + whole * k.bytes, size % k.lanes)
            k.store_lanes(tail, y + whole * k.bytes, size % k.lanes)


def between(source: Images, target: Images) -> tuple[Nest, ...]:
    """The nests that move images from one layout to another; halos are left as they are."""
    if source.block == target.block:
        lines = ((source.blocks, source.plane, target.plane), (source.h, source.row, target.row))
        return (Nest((*lines, (source.w * source.block, 1, 1)), source.at(0, 0), target.at(0, 0)),)
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
        loops = (
            (blocks, from_outer, to_outer),
            (source.h, source.row, target.row),
            (source.w, source.block, target.block),
            (channels, from_inner, to_inner),
        )
        return Nest(loops, start, stop)

    nests = ([nest(whole, wide.block, 0)] if whole else []) + ([nest(1, left, whole)] if left else [])
    return tuple(nests)
