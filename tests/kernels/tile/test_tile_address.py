"""Addresses of tiles: the vector that they name is the one that stands there."""

from __future__ import annotations

import numpy as np
import pytest

from knoll.kernels.layout.layout import Images
from knoll.kernels.tile.tile_address import MatrixTile, TilePosition
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Pointer
from knoll.machine import host
from single_kernel import emitted

LANES = host().lanes(np.dtype(np.float64))
IMAGES = Images(3 * LANES, 5, 6, LANES, ((1, 1), (2, 0)))


def read(address: Pointer | None, k: KernelBuilder) -> None:
    assert address is not None
    k.store(k.load(address, k.scalar), k.pointers[1])


@pytest.mark.parametrize(("first", "apart"), [((0, 0), (1, 1)), ((1, 0), (2, 3))])
def test_pixels_of_images(first: tuple[int, int], apart: tuple[int, int]) -> None:
    source, found = np.arange(2.0 * IMAGES.size), np.zeros(1)

    def write(k: KernelBuilder) -> None:
        tile = TilePosition(1, 1, 1, 0, first, apart).in_images(k.pointers[0], IMAGES, k.bytes)
        read(tile.at(1, 0, 1), k)

    emitted(host(), "float64", write, source, found)
    row, column = first[0] + apart[0], first[1] + apart[1]
    assert found[0] == IMAGES.size + 2 * IMAGES.plane + IMAGES.at(row, column)


def test_channels_are_the_same_for_all_pixels() -> None:
    source, found = np.arange(4.0 * LANES), np.zeros(1)

    def write(k: KernelBuilder) -> None:
        read(TilePosition(1, 2, 3, 4).in_channels(k, k.pointers[0]).at(1, 7, 7), k)

    emitted(host(), "float64", write, source, found)
    assert found[0] == 3 * LANES


def test_rows_and_columns_of_a_matrix() -> None:
    source, found = np.arange(5.0 * 40), np.zeros(1)

    def write(k: KernelBuilder) -> None:
        read(MatrixTile(2, 3, LANES).in_images(k.pointers[0], Images(40, 1, 1), k.bytes).at(1, 2), k)

    emitted(host(), "float64", write, source, found)
    assert found[0] == 4 * 40 + 3 + LANES
