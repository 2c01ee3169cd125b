"""Going over the pixels of images that lie differently, and their sums."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from knoll.kernels.layout.layout import Images
from knoll.kernels.reduction.pixels import add_pixels, pixels
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import LoopCarried, Pointer
from knoll.machine import host
from single_kernel import emitted

LANES = host().lanes(np.dtype(np.float64))


@pytest.mark.parametrize("w", [1, 3, 4, 9])
def test_pixels_of_two_layouts_are_the_same_pixels(w: int) -> None:
    wide, narrow = Images(2 * LANES, 3, w, LANES, ((1, 2), (0, 1))), Images(2 * LANES, 3, w, LANES)
    x, y = np.zeros(2 * wide.size), np.zeros(2 * narrow.size)
    for n, block, i, j in np.ndindex(2, 2, 3, w):
        place = n * wide.size + block * wide.plane + wide.at(i, j)
        x[place : place + LANES] = 1000 * n + 100 * block + 10 * i + j

    def write(k: KernelBuilder) -> None:
        with k.loop(0, k.count) as n, k.loop(0, 2) as block, pixels(k, (wide, narrow), k.pointers, n, block) as both:
            k.store(k.load(both[0]), both[1])

    emitted(host(), "float64", write, x, y, count=2)
    for n, block, i, j in np.ndindex(2, 2, 3, w):
        place = n * narrow.size + block * narrow.plane + narrow.at(i, j)
        assert y[place : place + LANES].tolist() == [1000 * n + 100 * block + 10 * i + j] * LANES


@pytest.mark.parametrize("w", [1, 2, 4, 7, 16])
def test_every_pixel_is_added_once(w: int) -> None:
    images = Images(LANES, 3, w, LANES, ((1, 1), (1, 1)))
    x, found = np.full(images.size, 1e9), np.full(LANES, np.nan)
    for i, j in np.ndindex(3, w):
        x[images.at(i, j) : images.at(i, j) + LANES] = i * w + j

    def write(k: KernelBuilder) -> None:
        total = LoopCarried(k.constant(0.5))

        def add(pixel: list[Pointer], sums: Sequence[LoopCarried]) -> None:
            sums[0].value = sums[0].number + k.load(pixel[0])

        with k.loop(0, 1) as n:
            add_pixels(k, (images,), k.pointers[:1], n, n, (total,), add)
            k.store(total.number, k.pointers[1])

    emitted(host(), "float64", write, x, found)
    assert found.tolist() == [0.5 + sum(range(3 * w))] * LANES
