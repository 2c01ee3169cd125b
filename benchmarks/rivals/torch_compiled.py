"""PyTorch compiled by inductor: both layouts, with and without its search for the fastest kernels."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import numpy as np

from benchmarks.layers import Array
from benchmarks.network import Network, Task
from benchmarks.rivals.rival import Call, Rival
from benchmarks.rivals.torch_modules import TorchLearner, module_of, start

Mode = Literal["default", "max-autotune"]


def infer(task: Task, mode: Mode, channels_last: bool) -> Call:
    """The compiled network, its weights frozen into the code so that they are laid out once."""
    import torch
    from torch._inductor import config, select_algorithm

    start(task.threads)
    config.freezing, select_algorithm.PRINT_AUTOTUNE = True, False
    layout = torch.channels_last if channels_last else torch.contiguous_format
    net: Any = torch.compile(module_of(task.network).eval().to(memory_format=layout), mode=mode)
    x = torch.from_numpy(task.x).to(memory_format=layout)

    def call() -> Array:
        with torch.no_grad():  # freezing does nothing in inference mode
            return np.asarray(net(x))

    return call


def learn(network: Network, threads: int, mode: Mode, channels_last: bool) -> TorchLearner:
    """Forward and loss compiled together; inductor compiles their backward with them."""
    import torch

    def compiled(forward: Callable[..., Any]) -> Callable[..., Any]:
        return torch.compile(forward, mode=mode)

    return TorchLearner(network, threads, channels_last, compiled)


def _rival(name: str, mode: Mode, channels_last: bool) -> Rival:
    choice: dict[str, Any] = {"mode": mode, "channels_last": channels_last}
    return Rival(name, ("torch", "torch._inductor"), partial(infer, **choice), partial(learn, **choice))


RIVALS = (
    _rival("torch.compile", "default", channels_last=False),
    _rival("torch.compile, channels_last", "default", channels_last=True),
    _rival("torch.compile, max-autotune", "max-autotune", channels_last=False),
    _rival("torch.compile, max-autotune, channels_last", "max-autotune", channels_last=True),
)
