"""From the loss back to every parameter: a gradient says which way, and how steeply, the loss rises."""

from __future__ import annotations

from pictures import pictures

from knoll.data import DataLoader
from knoll.nn import CrossEntropyLoss
from knoll.vision.models import practice


def main() -> dict[str, float]:
    net = practice()
    images, labels = next(iter(DataLoader(pictures(), batch_size=1)))
    print(f"before backward the gradient is {next(net.parameters()).grad}; after it, at its steepest:")
    CrossEntropyLoss()(net(images), labels).backward()
    steepest = {name: float(abs(parameter.grad).max()) for name, parameter in net.named_parameters()}
    for name, slope in steepest.items():
        print(f"  {name:<16}{slope:.2e}")
    return steepest


if __name__ == "__main__":
    main()
