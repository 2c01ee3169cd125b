"""Images copied from one layout to another by a kernel, and laid out by NumPy."""

from __future__ import annotations

import numpy as np

from knoll.graph import Array
from knoll.kernels.layout.copy import Copy, Nest
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from single_kernel import run

SPARE = 64  # elements after the images, to see that nothing writes there


def copied(
    machine: Machine, nests: tuple[Nest, ...], x: Array, source: Images, target: Images, n: int, parts: bool
) -> Array:
    """What stands in the target's memory after a copy, its untouched elements −1; in one go or part by part."""
    kernel = Copy(machine, x.dtype.name, nests, (source.size, target.size))
    y = np.full(n * target.size + SPARE, -1, x.dtype)
    cuts = [(part, part + 1) for part in range(kernel.parts)] if parts else [(0, kernel.parts)]
    for first, last in cuts:
        run(kernel, x, y, count=n, first_part=first, last_part=last)
    return y


def expected(x: Array, images: Images, n: int) -> Array:
    """The same images laid out by NumPy, −1 in the halo, in empty channels and after the images."""
    (above, below), (left, right) = images.halo
    empty = images.blocks * images.block - images.c
    padded = np.pad(x, ((0, 0), (0, empty), (above, below), (left, right)), constant_values=-1)
    blocked = padded.reshape(n, images.blocks, images.block, *padded.shape[2:]).transpose(0, 1, 3, 4, 2).reshape(n, -1)
    room = np.full((n, images.size - blocked.shape[1]), -1, x.dtype)
    return np.concatenate([*np.concatenate([blocked, room], axis=1), np.full(SPARE, -1, x.dtype)])
