"""PyTorch as it comes: one operation after the other, images as (n, c, h, w)."""

from __future__ import annotations

import numpy as np

from benchmarks.layers import Array
from benchmarks.network import Task
from benchmarks.rivals.rival import Call, Rival
from benchmarks.rivals.torch_modules import TorchLearner, module_of, start


def infer(task: Task) -> Call:
    """`net(x)` in inference mode."""
    import torch

    start(task.threads)
    net, x = module_of(task.network).eval(), torch.from_numpy(task.x)

    def call() -> Array:
        with torch.inference_mode():
            return np.asarray(net(x))

    return call


RIVALS = (Rival("PyTorch", ("torch",), infer, TorchLearner),)
