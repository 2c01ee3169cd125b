"""A constant in images, whose halo stays as it is."""

from __future__ import annotations

import numpy as np

from against_meaning import elements, machines
from knoll.kernels.layout.fill import Fill
from knoll.kernels.layout.layout import Images
from knoll.machine import Machine
from single_kernel import run


@machines
@elements
def test_the_halo_stays(machine: Machine, dtype: str) -> None:
    for block in (1, machine.lanes(np.dtype(dtype))):
        images = Images(19, 3, 5, block, ((1, 0), (2, 1)))
        kernel, y = Fill(machine, dtype, images, -1.5), np.zeros(2 * images.size, dtype)
        for part in range(kernel.parts):
            run(kernel, y, count=2, first_part=part, last_part=part + 1)
        for sample in y.reshape(2, -1):
            seen = sample[: images.blocks * images.plane].reshape(images.blocks, 4, 8, block)
            assert (seen[:, 1:, 2:7] == -1.5).all()
            assert np.count_nonzero(seen) == images.blocks * 15 * block
