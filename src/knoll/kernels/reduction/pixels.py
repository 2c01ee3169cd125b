"""Loops over the pixels of several images at once, and sums over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from knoll.kernels.layout.layout import Images
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, LoopCarried, Pointer

CHAINS = 4  # independent sums, to hide the latency of additions


@contextmanager
def rows(
    k: KernelBuilder,
    layouts: Sequence[Images],
    bases: Sequence[Pointer],
    n: IntRegister,
    block: IntRegister,
    carrying: Sequence[LoopCarried] = (),
    samples: Sequence[Integer] | None = None,
) -> Iterator[list[Pointer]]:
    """A loop over the rows of one block of channels of image `n`; yields the address of the row in each layout.

    `samples` are the bytes from one image to the next in each, where a kernel has them as numbers.
    """
    b = k.bytes
    planes = [
        base + n * sample + block * (images.plane * b) + images.at(0, 0) * b
        for base, images, sample in zip(bases, layouts, samples or bytes_per_sample(k, layouts), strict=True)
    ]
    with k.loop(0, layouts[0].h, carrying=carrying, name="i") as i:
        yield [plane + i * (images.row * b) for plane, images in zip(planes, layouts, strict=True)]


def bytes_per_sample(k: KernelBuilder, layouts: Sequence[Images]) -> list[int]:
    """Bytes from one image to the next in each layout."""
    return [images.size * k.bytes for images in layouts]


@contextmanager
def pixels(
    k: KernelBuilder,
    layouts: Sequence[Images],
    bases: Sequence[Pointer],
    n: IntRegister,
    block: IntRegister,
    samples: Sequence[Integer] | None = None,
) -> Iterator[list[Pointer]]:
    """A loop over the pixels of one block of channels of image `n`; yields the address in each layout."""
    with rows(k, layouts, bases, n, block, samples=samples) as lines, k.loop(0, layouts[0].w, name="j") as j:
        yield [line + j * (images.block * k.bytes) for line, images in zip(lines, layouts, strict=True)]


def add_pixels(
    k: KernelBuilder,
    layouts: Sequence[Images],
    bases: Sequence[Pointer],
    n: IntRegister,
    block: IntRegister,
    totals: Sequence[LoopCarried],
    add: Callable[[list[Pointer], Sequence[LoopCarried]], None],
    samples: Sequence[Integer] | None = None,
) -> None:
    """Add the pixels of one block of channels of image `n` to `totals`; `add` adds a pixel to the sums it is given.

    Columns are summed in independent chains, then rows, then the image, as short sums round less.
    """
    image, w = [LoopCarried(k.zero()) for _ in totals], layouts[0].w
    with rows(k, layouts, bases, n, block, image, samples) as lines:
        chains = [[LoopCarried(k.zero()) for _ in totals] for _ in range(min(CHAINS, w))]

        def column(j: int | IntRegister, chain: Sequence[LoopCarried]) -> None:
            add([line + j * (images.block * k.bytes) for line, images in zip(lines, layouts, strict=True)], chain)

        whole = w // len(chains) * len(chains)
        with k.loop(0, whole, len(chains), carrying=[cell for chain in chains for cell in chain], name="j") as j:
            for c, chain in enumerate(chains):
                column(j + c, chain)
        for c, chain in zip(range(whole, w), chains, strict=False):
            column(c, chain)
        for total, *parts in zip(image, *chains, strict=True):
            first, *others = (part.number for part in parts)
            total.value = total.number + sum(others, first)
    for total, own in zip(totals, image, strict=True):
        total.value = total.number + own.number
