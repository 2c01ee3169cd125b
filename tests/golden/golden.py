"""What the compiler makes of five networks on two machines, as text that is kept beside this file.

A change of the compiler shows here before it shows in speed: `python tests/golden/golden.py` writes the files anew, and
their difference is read in review.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import knoll
from knoll import nn
from knoll.graph import Graph
from knoll.machine import NAMED, Machine
from knoll.run.build import build
from knoll.run.show import shown
from knoll.tensor import Tensor
from knoll.tensor.record import grad_mode, traced

FOLDER = Path(__file__).parent
MACHINES = [NAMED["x86-64-v4"], NAMED["x86-64-v3"]]
STAGES = ("passes", "plan", "loops")


class Residual(nn.Module):
    """A block of ResNet, with a projection on the shortcut."""

    def __init__(self) -> None:
        super().__init__()
        self.long = nn.Sequential(
            nn.Conv2d(16, 32, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32),
        )  # fmt: skip
        self.short = nn.Sequential(nn.Conv2d(16, 32, 1, stride=2, bias=False), nn.BatchNorm2d(32))

    def forward(self, x: Tensor) -> Tensor:
        """The sum of both ways."""
        return nn.functional.relu(self.long(x) + self.short(x)).mean((2, 3))


class Unpooling(nn.Module):
    """SegNet in small: values go back to where they stood."""

    def __init__(self) -> None:
        super().__init__()
        self.encode, self.decode = nn.Conv2d(3, 16, 3, padding=1), nn.ConvTranspose2d(16, 3, 4, stride=2, padding=1)
        self.pool, self.unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        """Pooled, put back, and enlarged."""
        y, indices = self.pool(nn.functional.relu(self.encode(x)))
        result: Tensor = self.decode(self.unpool(y, indices))
        return result


def practice() -> nn.Module:
    """The practice network for CIFAR-10."""
    return knoll.vision.models.get_model("practice")


def separable() -> nn.Module:
    """A block of MobileNet: depthwise, then 1×1."""
    return nn.Sequential(
        nn.Conv2d(16, 16, 3, padding=1, groups=16, bias=False), nn.BatchNorm2d(16), nn.ReLU6(),
        nn.Conv2d(16, 48, 1, bias=False), nn.BatchNorm2d(48), nn.ReLU6(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
    )  # fmt: skip


def classifier() -> nn.Module:
    """Linear layers with activations and probabilities."""
    return nn.Sequential(nn.Linear(64, 96), nn.GELU(), nn.Dropout(0.5), nn.Linear(96, 10), nn.LogSoftmax(1))


NETWORKS: dict[str, tuple[Callable[[], nn.Module], tuple[int, ...]]] = {
    "practice": (practice, (4, 3, 32, 32)),
    "residual": (Residual, (4, 16, 14, 14)),
    "separable": (separable, (4, 16, 14, 14)),
    "unpooling": (Unpooling, (4, 3, 12, 12)),
    "classifier": (classifier, (4, 64)),
}


def text_of(name: str, machine: Machine, training: bool) -> str:
    """All stages of a network; names of kernels come without the digest of their specification."""
    make, shape = NETWORKS[name]
    knoll.manual_seed(0)
    network = make().train(training)
    graph, wrt = _graph(network, knoll.zeros(*shape), training)
    program = build(graph, wrt, machine)
    parts = [f"==== {stage}\n\n{shown(graph, wrt, program, stage)}" for stage in STAGES]
    return re.sub(r"_(float\d\d)_x86_64_v\d_[0-9a-f]{12}", r"_\1", "\n\n".join(parts)) + "\n"


def _graph(network: nn.Module, x: Any, training: bool) -> tuple[Graph, tuple[int, ...]]:
    with grad_mode(training):
        graph, leaves = traced(network, x)
    return graph, tuple(i for i, leaf in enumerate(leaves) if leaf.requires_grad) if training else ()


def file_of(name: str, machine: Machine, training: bool) -> Path:
    """Where the text is kept."""
    return FOLDER / machine.name / f"{name}_{'training' if training else 'inference'}.txt"


CASES = [(name, machine, training) for name in NETWORKS for machine in MACHINES for training in (False, True)]

if __name__ == "__main__":
    for case in CASES:
        file_of(*case).parent.mkdir(exist_ok=True)
        file_of(*case).write_text(text_of(*case), encoding="utf-8")
