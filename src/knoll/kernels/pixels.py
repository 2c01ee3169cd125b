"""The pixels of some images that are read and written together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from knoll.kernels.layout import Images
from knoll.llvm.builder import Cell, Index, Kernel, Pointer


@contextmanager
def pixels(
    k: Kernel,
    layouts: Sequence[Images],
    bases: Sequence[Pointer],
    n: Index,
    block: Index,
    carrying: Sequence[Cell] = (),
) -> Iterator[list[Pointer]]:
    """Rows and columns of one block of channels of image `n`: where the pixel lies in each of the images."""
    b = k.bytes
    planes = [
        base + n * (images.size * b) + block * (images.plane * b) + images.at(0, 0) * b
        for base, images in zip(bases, layouts, strict=True)
    ]
    h, w = layouts[0].h, layouts[0].w
    with k.loop(0, h, carrying=carrying, name="i") as i:
        lines = [plane + i * (images.row * b) for plane, images in zip(planes, layouts, strict=True)]
        with k.loop(0, w, carrying=carrying, name="j") as j:
            yield [line + j * (images.block * b) for line, images in zip(lines, layouts, strict=True)]
