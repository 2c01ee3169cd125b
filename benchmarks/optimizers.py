"""A step of an optimiser alone: `python -m benchmarks.optimizers`, Knoll and PyTorch in turns, two threads each.

The parameters are those of ResNet-18, 11 million numbers in 62 arrays; `small` as an argument takes two linear layers
instead. PyTorch steps in its own default way, and with `fused=True` where it can.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from knoll.vision.models import resnet18

ROUNDS = 15
SMALL = ((10, 10), (10,), (2, 10), (2,))
OPTIMIZERS: dict[str, dict[str, Any]] = {
    "SGD": {"lr": 0.01},
    "SGD with momentum": {"lr": 0.01, "momentum": 0.9, "weight_decay": 1e-4},
    "Adam": {},
    "AdamW": {},
    "RMSprop": {},
}


def step_of(library: Any, name: str, shapes: list[tuple[int, ...]], **ways: Any) -> Callable[[], Any]:
    """A step of an optimiser whose parameters have gradients."""
    params = [library.nn.Parameter(library.randn(*shape)) for shape in shapes]
    for param in params:
        param.grad = library.randn(*param.shape)
    step: Callable[[], Any] = getattr(library.optim, name.split()[0])(params, **OPTIMIZERS[name], **ways).step
    return step


def medians(steps: dict[str, Callable[[], Any]]) -> dict[str, float]:
    """Milliseconds of each, in turns."""
    taken: dict[str, list[float]] = {who: [] for who in steps}
    for number in range(ROUNDS + 3):
        for who, step in steps.items():
            begin = time.perf_counter()
            step()
            if number >= 3:  # the first ones make states and machine code
                taken[who].append(time.perf_counter() - begin)
    return {who: 1e3 * sorted(each)[ROUNDS // 2] for who, each in taken.items()}


def main(shapes: list[tuple[int, ...]]) -> None:
    """Print a line for each optimiser."""
    libraries = {name: import_module(name) for name in ("knoll", "torch")}
    for name, library in libraries.items():
        import_module(f"{name}.optim")
        library.set_num_threads(2)
    for name in OPTIMIZERS:
        steps = {who: step_of(library, name, shapes) for who, library in libraries.items()}
        if name != "RMSprop":  # of which PyTorch has no fused one
            steps["torch, fused"] = step_of(libraries["torch"], name, shapes, fused=True)
        print(f"{name:18}", *(f"{who} {each:.3f} ms" for who, each in medians(steps).items()), sep="  ")


if __name__ == "__main__":
    main([*SMALL] if "small" in sys.argv[1:] else [p.shape for p in resnet18(num_classes=10).parameters()])
