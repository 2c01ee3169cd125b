"""From the loss back to every parameter: a gradient says which way, and how steeply, the loss rises."""

from __future__ import annotations

from pictures import pictures

from knoll.data import DataLoader
from knoll.nn import CrossEntropyLoss
from knoll.vision.models import practice


def main() -> dict[str, float]:
    net = practice()
    images, labels = next(iter(DataLoader(pictures(), batch_size=1)))
    CrossEntropyLoss()(net(images), labels).backward()
    return {name: float(abs(parameter.grad).max()) for name, parameter in net.named_parameters()}


if __name__ == "__main__":
    for name, steepest in main().items():
        print(f"{steepest:.2e} {name}")
