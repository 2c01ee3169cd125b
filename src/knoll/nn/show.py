"""Any stage of a module's program as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from knoll.run import program_for
from knoll.run.show import shown
from knoll.tensor import Tensor
from knoll.tensor.record import grad_mode, traced


def show(stage: str, module: Callable[..., Tensor], example: Any, backward: bool = False) -> str:
    """One stage of what `module` becomes for inputs shaped like `example`.

    `stage` is graph, passes, plan, loops, llvm, asm or times; with `backward` the gradient is part of it.

    >>> import knoll
    >>> print(show("graph", knoll.nn.ReLU(), knoll.zeros(2, 3)))
    %0 = input float32[2×3]
    %1 = relu(%0) float32[2×3]
    return %1
    """
    tensor = example if isinstance(example, Tensor) else Tensor._over(np.asarray(example))
    with grad_mode(backward):
        graph, leaves = traced(module, tensor)
    wrt = tuple(i for i, leaf in enumerate(leaves) if leaf.requires_grad) if backward else ()
    return shown(graph, wrt, program_for(graph, wrt), stage)
