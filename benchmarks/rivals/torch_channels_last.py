"""PyTorch with the channels of a pixel side by side, the layout its convolutions like best."""

from __future__ import annotations

from functools import partial

import numpy as np

from benchmarks.layers import Array
from benchmarks.network import Task
from benchmarks.rivals.rival import Call, Rival
from benchmarks.rivals.torch_modules import TorchLearner, module_of, start


def infer(task: Task) -> Call:
    """`net(x)` in inference mode, on an input that is already laid out."""
    import torch

    start(task.threads)
    net = module_of(task.network).eval().to(memory_format=torch.channels_last)
    x = torch.from_numpy(task.x).to(memory_format=torch.channels_last)

    def call() -> Array:
        with torch.inference_mode():
            return np.asarray(net(x))

    return call


RIVALS = (Rival("PyTorch, channels_last", ("torch",), infer, partial(TorchLearner, channels_last=True)),)
