"""How far float32 gradients of ResNet-18 in training are from float64's: the figures of docs/accuracy.md.

python -m benchmarks.gradient_rounding, with KNOLL_WINOGRAD=off for the plain sums
"""

from __future__ import annotations

import numpy as np

import knoll
from knoll.graph import Array
from knoll.nn import CrossEntropyLoss
from knoll.vision.models import get_model

SEEDS = 6


def gradients(seed: int, dtype: str) -> list[Array]:
    """The gradient of each parameter for four images of 64×64."""
    knoll.manual_seed(seed)
    network = get_model("resnet18").to(np.dtype(dtype)).train()
    generator = np.random.default_rng(seed)
    images = generator.standard_normal((4, 3, 64, 64)).astype(np.float32).astype(dtype)
    labels = generator.integers(0, 10, 4)
    CrossEntropyLoss()(network(knoll.tensor(images)), knoll.tensor(labels)).backward()
    return [parameter.grad.numpy() for parameter in network.parameters()]


def error(seed: int) -> float:
    """The median over the parameters of the relative error in the mean square."""
    pairs = zip(gradients(seed, "float32"), gradients(seed, "float64"), strict=True)
    return float(np.median([np.linalg.norm(mine - truth) / np.linalg.norm(truth) for mine, truth in pairs]))


def main() -> None:
    """Print a line for each seed."""
    for seed in range(SEEDS):
        print(f"seed {seed}: {error(seed):.1e}")


if __name__ == "__main__":
    main()
