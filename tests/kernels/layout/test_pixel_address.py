"""Addresses of single pixels: the number that they name is the one that stands there; zeros reach no other pixel."""

from __future__ import annotations

import numpy as np

from knoll.kernels.layout.layout import Images
from knoll.kernels.layout.pixel_address import clear, corner, pixel
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import IntRegister
from knoll.machine import host
from single_kernel import emitted

LANES = host().lanes(np.dtype(np.float64))
IMAGES = Images(3 * LANES, 5, 6, LANES, ((1, 1), (2, 0)))


def number(k: KernelBuilder, value: int) -> IntRegister:
    return IntRegister(k, k.emit(f"add i64 {value}, 0"))


def test_a_pixel_of_a_block_of_channels() -> None:
    source, found = np.arange(2.0 * IMAGES.size), np.zeros(1)

    def write(k: KernelBuilder) -> None:
        image = corner(k, k.pointers[0], IMAGES, number(k, 1), number(k, 2))
        k.store(k.load(pixel(k, image, IMAGES, number(k, 3), 4), k.scalar), k.pointers[1])

    emitted(host(), "float64", write, source, found)
    assert found[0] == IMAGES.size + 2 * IMAGES.plane + IMAGES.at(3, 4)


def test_pixels_become_zero_and_the_halo_stays() -> None:
    source, numbers = np.zeros(1), np.ones(IMAGES.size)

    def write(k: KernelBuilder) -> None:
        clear(k, corner(k, k.pointers[1], IMAGES, number(k, 0), number(k, 1)), IMAGES)

    emitted(host(), "float64", write, source, numbers)
    expected = np.ones(IMAGES.size)
    for i in range(IMAGES.h):
        for j in range(IMAGES.w):
            first = IMAGES.plane + IMAGES.at(i, j)
            expected[first : first + LANES] = 0
    np.testing.assert_array_equal(numbers, expected)
