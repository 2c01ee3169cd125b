"""Addresses of single pixels in images, and pixels that are set to zero."""

from __future__ import annotations

from knoll.kernels.layout.layout import Images
from knoll.llvm.builder import KernelBuilder
from knoll.llvm.registers import Integer, IntRegister, Pointer


def corner(k: KernelBuilder, pointer: Pointer, images: Images, sample: IntRegister, block: IntRegister) -> Pointer:
    """The address of the first pixel of a block of channels."""
    image = pointer + sample * (images.size * k.bytes) + block * (images.plane * k.bytes)
    return image + images.at(0, 0) * k.bytes


def pixel(k: KernelBuilder, image: Pointer, images: Images, i: Integer, j: Integer) -> Pointer:
    """The address of the pixel in row i and column j of a block of channels that begins at `image`."""
    return image + i * (images.row * k.bytes) + j * (images.block * k.bytes)


def clear(k: KernelBuilder, image: Pointer, images: Images) -> None:
    """Emit the loop that sets all pixels of a block of channels to zero."""
    with k.loop(0, images.h, name="i") as i, k.loop(0, images.w, name="j") as j:
        k.store(k.zero(), pixel(k, image, images, i, j))
