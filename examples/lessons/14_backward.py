"""From the loss back to every parameter: a gradient says which way, and how steeply, the loss rises.

从损失回到每个参数：梯度说明损失朝哪个方向上升、有多陡。
"""

from __future__ import annotations

from pictures import pictures
from tell import tell

from knoll.data import DataLoader
from knoll.nn import CrossEntropyLoss
from knoll.vision.models import practice


def main() -> dict[str, float]:
    net = practice()
    images, labels = next(iter(DataLoader(pictures(), batch_size=1)))
    tell(
        en=f"before backward the gradient of every parameter is {next(net.parameters()).grad}",
        zh=f"调用 backward 之前，每个参数的梯度都是 {next(net.parameters()).grad}",
    )
    CrossEntropyLoss()(net(images), labels).backward()
    steepest = {name: float(abs(parameter.grad).max()) for name, parameter in net.named_parameters()}
    tell(
        en="after it each parameter has one; its largest number:",
        zh="调用之后，每个参数都有梯度；其中绝对值最大的数：",
    )
    for name, slope in steepest.items():
        print(f"  {name:<16}{slope:.2e}")
    return steepest


if __name__ == "__main__":
    main()
